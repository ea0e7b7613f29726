#include "exporter/expose/responder.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <exception>

#include "exporter/base/clock.h"
#include "exporter/base/log.h"
#include "exporter/expose/http_message.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMaxUrlBytes = 8000;
constexpr std::size_t kLeastToPack = 1000;    ///< smaller bodies gain nothing
constexpr std::size_t kSmallBody = 16 << 10;  ///< sent in one piece with the head
constexpr std::size_t kIdleBuffers = 1;       ///< kept for reuse; more were scrapes at the same time

std::string_view reason_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return code < 500 ? "Client Error" : "Server Error";
  }
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110 section 5.6.7; no locale.
void append_date(TextBuffer& out) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto now = static_cast<std::time_t>(system_clock().unix_seconds());
  std::tm parts{};
  gmtime_r(&now, &parts);
  const auto two = [&](int number) {
    out.append(static_cast<char>('0' + number / 10 % 10));
    out.append(static_cast<char>('0' + number % 10));
  };
  out.append(kDays[static_cast<std::size_t>(parts.tm_wday)]);
  out.append(", ");
  two(parts.tm_mday);
  out.append(' ');
  out.append(kMonths[static_cast<std::size_t>(parts.tm_mon)]);
  out.append(' ');
  append_number(out, parts.tm_year + 1900);
  out.append(' ');
  two(parts.tm_hour);
  out.append(':');
  two(parts.tm_min);
  out.append(':');
  two(parts.tm_sec);
  out.append(" GMT");
}

void append_header(TextBuffer& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

/// The packed body, or an empty text when that failed.
std::string_view pack(std::string_view body, AnswerBuffers& buffers) {
  constexpr int kFastest = 1;
  if (!buffers.compressor) buffers.compressor.reset(libdeflate_alloc_compressor(kFastest));
  if (!buffers.compressor) return {};
  buffers.packed.clear();
  const std::size_t bound = libdeflate_gzip_compress_bound(buffers.compressor.get(), body.size());
  char* const place = buffers.packed.room(bound);
  const std::size_t size =
      libdeflate_gzip_compress(buffers.compressor.get(), body.data(), body.size(), place, bound);
  buffers.packed.commit(place + size);
  return buffers.packed.view();
}

bool has_header(const HttpResponse& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return equals_ignoring_case(header.first, name); });
}

/// The administrator's headers take the place of ours.
void add_configured_headers(const WebFile& config, HttpResponse& response) {
  for (const auto& configured : config.headers) {
    std::erase_if(response.headers,
                  [&](const auto& header) { return equals_ignoring_case(header.first, configured.first); });
    response.headers.push_back(configured);
  }
  if (!has_header(response, "X-Content-Type-Options"))
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
}

}  // namespace

const Route* Responder::route_of(std::string_view path) const {
  for (const Route& route : routes_) {
    const bool below = route.path.size() > 1 && route.path.ends_with('/') && path.starts_with(route.path);
    if (below || path == route.path) return &route;
  }
  return nullptr;
}

bool Responder::admit(const RawRequest& raw, const WebSecurity::State& state, HttpResponse& response) {
  switch (auth_.check(state.config.users, raw.request.header("Authorization"))) {
    case LogIn::kGranted:
      return true;
    case LogIn::kBusy:
      response.fail(503, "too many log-ins at once");
      response.headers.emplace_back("Retry-After", "1");
      return false;
    case LogIn::kRefused:
      break;
  }
  response.fail(401, "user and password, please");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"bottleneck_exporter\", charset=\"UTF-8\"");
  return false;
}

/// Fills the response and names the handler.
std::string_view Responder::handle(const RawRequest& raw, const WebSecurity::State& state,
                                   HttpResponse& response) {
  if (!admit(raw, state, response)) return "none";
  if (raw.method != "GET" && raw.method != "HEAD") {
    response.fail(405, "only GET and HEAD");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return "none";
  }
  if (!raw.path_is_valid) {
    response.fail(400, "the path cannot be decoded");
    return "none";
  }
  if (raw.request.path.size() + raw.request.query.size() > kMaxUrlBytes) {
    response.fail(414, "the URL is too long");
    return "none";
  }
  const Route* const route = route_of(raw.request.path);
  if (route == nullptr) {
    response.fail(404, "nothing here");
    return "none";
  }
  const auto failed = [&](std::string_view reason) {
    log_limited("http." + route->name, LogLevel::kError, "a request failed",
                {{"handler", route->name}, {"reason", reason}});
    response.headers.clear();
    response.fail(500, "the request failed; the log says why");
  };
  try {
    route->handle(raw.request, response);
  } catch (const std::exception& e) {
    failed(e.what());
  } catch (...) {
    failed("unknown exception");
  }
  return route->name;
}

Answer Responder::answer(const RawRequest& raw, AnswerBuffers& buffers) {
  buffers.body.clear();
  HttpResponse response(buffers.body);
  const std::shared_ptr<const WebSecurity::State> state = security_.current();
  const std::string_view handler = handle(raw, *state, response);
  Answer answer = finish(raw, *state, response, buffers);
  answer.handler = handler;
  return answer;
}

Answer Responder::error(int code, AnswerBuffers& buffers) {
  buffers.body.clear();
  HttpResponse response(buffers.body);
  response.fail(code, reason_of(code));
  Answer answer = finish({}, *security_.current(), response, buffers);
  answer.handler = "none";
  return answer;
}

Answer Responder::finish(const RawRequest& raw, const WebSecurity::State& state, HttpResponse& response,
                         AnswerBuffers& buffers) {
  Answer answer;
  answer.code = response.code;
  // A body that nobody reads would be taken for the next request.
  answer.keep_alive = raw.keep_alive && !raw.has_body;
  answer.body = buffers.body.view();
  add_configured_headers(state.config, response);

  const bool large = answer.body.size() >= kLeastToPack;
  const bool wants_packed = raw.request.header && accepts_gzip(raw.request.header("Accept-Encoding"));
  const std::string_view packed = large && wants_packed ? pack(answer.body, buffers) : std::string_view();
  if (!packed.empty()) answer.body = packed;

  TextBuffer& head = buffers.head;
  head.clear();
  head.append("HTTP/1.1 ");
  append_number(head, answer.code);
  head.append(' ');
  head.append(reason_of(answer.code));
  head.append("\r\nDate: ");
  append_date(head);
  head.append("\r\n");
  append_header(head, "Content-Type", response.content_type);
  head.append("Content-Length: ");
  append_number(head, static_cast<double>(answer.body.size()));
  head.append("\r\n");
  if (!packed.empty()) append_header(head, "Content-Encoding", "gzip");
  if (large) append_header(head, "Vary", "Accept-Encoding");
  for (const auto& [name, value] : response.headers) append_header(head, name, value);
  append_header(head, "Connection", answer.keep_alive ? "keep-alive" : "close");
  head.append("\r\n");
  if (raw.method == "HEAD") answer.body = {};
  if (answer.body.size() <= kSmallBody) {
    head.append(answer.body);
    answer.body = {};
  }
  answer.head = head.view();
  return answer;
}

std::unique_ptr<AnswerBuffers> Responder::take_buffers() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<AnswerBuffers>();
  std::unique_ptr<AnswerBuffers> buffers = std::move(idle_.back());
  idle_.pop_back();
  return buffers;
}

void Responder::give_back(std::unique_ptr<AnswerBuffers> buffers) {
  // Between two scrapes nobody reads them, and of a large fleet they are megabytes.
  buffers->body.clear_pages();
  buffers->packed.clear_pages();
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleBuffers) idle_.push_back(std::move(buffers));
}

}  // namespace bottleneck
