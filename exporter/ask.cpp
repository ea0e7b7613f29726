#include "exporter/ask.h"

#include <optional>
#include <utility>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/base/line_reader.h"
#include "exporter/base/text.h"
#include "exporter/config/suggest.h"
#include "exporter/discover/engine/http_client.h"
#include "exporter/report/advice_text.h"
#include "exporter/report/explain_text.h"
#include "exporter/report/terminal.h"

namespace bottleneck {
namespace {

constexpr double kPatienceSeconds = 10;
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::string_view kHex = "0123456789ABCDEF";

std::string url_of(const ExporterAddress& address) {
  return address.url.empty() ? std::string(kDefaultUrl) : address.url;
}

/// `error` may quote what a server said.
Error readable(Error error, const ExporterAddress& address) {
  error.message = plain(trim(error.message));
  const std::string where = url_of(address);
  const bool certificate = error.message.find("certificate") != std::string::npos;
  switch (error.code) {
    case ErrorCode::kDenied:
      return Error{error.code,
                   address.user.empty()
                       ? where + " asks for a user and a password: --user and --password-file"
                       : where + " does not let " + shown(address.user) + " in with this password"};
    case ErrorCode::kUnavailable:
      if (certificate)
        return Error{error.code, "the certificate of " + where + " is not trusted (" + error.message +
                                     "); --ca names the file of the authority that signed it"};
      return Error{error.code, "no exporter answers at " + where + " (" + error.message +
                                   "); is it running? --url names another place"};
    case ErrorCode::kInvalid:
      if (where.find('@') != std::string::npos)  // what stands before it may be a secret
        return Error{error.code, "--url takes no user and password; there are --user and --password-file"};
      return Error{error.code, shown(where) + " is no address like http://host:port"};
    default:
      return Error{error.code, where + ": " + error.message};
  }
}

/// True for https, and for plain HTTP that does not leave this machine.
bool keeps_secrets(const ExporterAddress& address) {
  const std::string url = url_of(address);
  if (!address.ca_file.empty() || url.starts_with("https://")) return true;
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
    for (const std::string_view scheme : {"http://", "tcp://"}) {
      const std::string begin = std::string(scheme) + std::string(host);
      if (!url.starts_with(begin)) continue;
      const std::string_view rest = std::string_view(url).substr(begin.size());
      if (rest.empty() || rest.front() == ':' || rest.front() == '/') return true;
    }
  }
  return false;
}

/// DEL and C1 controls may stand bare in JSON; escaped, they are the same text.
std::string without_controls(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool c1 =
        json[i] == '\xc2' && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xa0;
    if (!c1 && json[i] != '\x7f') {
      out += json[i];
      continue;
    }
    if (c1) ++i;
    const auto code = static_cast<unsigned char>(json[i]);
    out += std::string("\\u00") + kHex[code >> 4U] + kHex[code & 0xfU];
  }
  return out;
}

Result<std::string> read_password(const std::string& file) {
  auto lines = LineReader::open(file);
  std::string_view line;
  const auto read = lines ? lines->next(line) : Result<bool>(lines.error());
  if (read && *read && !line.empty()) return std::string(line);
  const std::string why = read ? "it begins with no password" : read.error().message;
  return Error{ErrorCode::kInvalid, "--password-file " + shown(file) + ": " + why};
}

}  // namespace

std::string url_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
  }
  return out;
}

Result<std::string> ask_exporter(const ExporterAddress& address, const std::string& path) {
  EngineEndpoint endpoint;
  endpoint.host = url_of(address);
  endpoint.tls_ca = address.ca_file;
  if (!address.ca_file.empty() && !path_exists(address.ca_file))
    return Error{ErrorCode::kInvalid, "--ca " + shown(address.ca_file) + ": there is no such file"};
  if (!address.user.empty()) {
    if (!keeps_secrets(address))
      return Error{ErrorCode::kInvalid, "a password is only sent over https: " + shown(endpoint.host)};
    auto password = read_password(address.password_file);
    if (!password) return password.error();
    endpoint.user = address.user;
    endpoint.password = std::move(*password);
  }
  auto client = EngineClient::create(endpoint, kPatienceSeconds);
  if (!client) return readable(client.error(), address);
  std::optional<Result<EngineAnswer>> answer;
  EngineRequest request;
  request.path = path;
  request.timeout_seconds = kPatienceSeconds;
  request.max_bytes = kMostBytes;
  (*client)->get(std::move(request), [&](Result<EngineAnswer> got) { answer = std::move(got); });
  const std::int64_t end = system_clock().monotonic_ns() + static_cast<std::int64_t>(kPatienceSeconds * 2e9);
  while (!answer && system_clock().monotonic_ns() < end) (*client)->poll(1);
  if (!answer) return Error{ErrorCode::kTimeout, "no answer"};
  if (!*answer) return readable(answer->error(), address);
  return std::move((*answer)->body);
}

Result<std::string> ask_explanation(const ExporterAddress& address, const std::string& container) {
  auto body = ask_exporter(address, "/api/v1/containers/" + url_encode(container));
  // Other servers say 404 as well.
  const bool ours =
      !body && body.error().message.find(R"({"error":"no container is called )") != std::string::npos;
  if (!ours || body.error().code != ErrorCode::kGone) return body;
  return Error{ErrorCode::kGone,
               "no container is called " + shown(container) + " there; /api/v1/containers lists them"};
}

Result<std::string> ask_advice(const ExporterAddress& address, const std::string& container) {
  return ask_exporter(
      address, "/api/v1/recommendations" + (container.empty() ? "" : "?container=" + url_encode(container)));
}

Result<std::string> shown_explanation(std::string_view answer, bool as_json) {
  const auto view = parse_explain_view(answer);
  if (!view) return view.error();
  return as_json ? without_controls(answer) : explain_text(*view);
}

Result<std::string> shown_advice(std::string_view answer, bool as_json) {
  const auto views = parse_advice_views(answer);
  if (!views) return views.error();
  return as_json ? without_controls(answer) : advice_text(*views);
}

}  // namespace bottleneck
