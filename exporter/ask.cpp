#include "exporter/ask.h"

#include <optional>
#include <utility>

#include "exporter/base/clock.h"
#include "exporter/config/suggest.h"
#include "exporter/discover/engine/http_client.h"
#include "exporter/report/advice_text.h"
#include "exporter/report/explain_text.h"

namespace bottleneck {
namespace {

constexpr double kPatienceSeconds = 10;
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

Error readable(const Error& error, const std::string& url) {
  const std::string where = url.empty() ? std::string(kDefaultUrl) : url;
  switch (error.code) {
    case ErrorCode::kDenied:
      return Error{error.code, where + " asks for a user and a password"};
    case ErrorCode::kUnavailable:
      return Error{error.code, "no exporter answers at " + where + " (" + error.message +
                                   "); is it running? --url names another place"};
    case ErrorCode::kInvalid:
      return Error{error.code, shown(where) + " is no address like http://host:port"};
    default:
      return Error{error.code, where + ": " + error.message};
  }
}

}  // namespace

std::string url_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
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

Result<std::string> ask_exporter(const std::string& url, const std::string& path) {
  EngineEndpoint endpoint;
  endpoint.host = url.empty() ? std::string(kDefaultUrl) : url;
  auto client = EngineClient::create(endpoint, kPatienceSeconds);
  if (!client) return readable(client.error(), url);
  std::optional<Result<EngineAnswer>> answer;
  EngineRequest request;
  request.path = path;
  request.timeout_seconds = kPatienceSeconds;
  request.max_bytes = kMostBytes;
  (*client)->get(std::move(request), [&](Result<EngineAnswer> got) { answer = std::move(got); });
  const std::int64_t end = system_clock().monotonic_ns() + static_cast<std::int64_t>(kPatienceSeconds * 2e9);
  while (!answer && system_clock().monotonic_ns() < end) (*client)->poll(1);
  if (!answer) return Error{ErrorCode::kTimeout, "no answer"};
  if (!*answer) return readable(answer->error(), url);
  return std::move((*answer)->body);
}

Result<std::string> ask_explanation(const std::string& url, const std::string& container) {
  auto body = ask_exporter(url, "/api/v1/containers/" + url_encode(container));
  if (body || body.error().code != ErrorCode::kGone) return body;
  return Error{ErrorCode::kGone,
               "no container is called " + shown(container) + " there; /api/v1/containers lists them"};
}

Result<std::string> ask_advice(const std::string& url, const std::string& container) {
  return ask_exporter(
      url, "/api/v1/recommendations" + (container.empty() ? "" : "?container=" + url_encode(container)));
}

Result<std::string> explanation_for_people(std::string_view answer) {
  const auto view = parse_explain_view(answer);
  if (!view) return view.error();
  return explain_text(*view);
}

Result<std::string> advice_for_people(std::string_view answer) {
  const auto views = parse_advice_views(answer);
  if (!views) return views.error();
  return advice_text(*views);
}

}  // namespace bottleneck
