#include "exporter/discover/engine/http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "exporter/discover/engine/curl_api.h"

namespace bottleneck {
namespace {

constexpr std::string_view kUnix = "unix://";

long to_ms(double seconds) { return static_cast<long>(std::max(seconds * 1000, 1.0)); }

/// The URL without a path; empty when the host cannot be used.
std::string base_url(const EngineEndpoint& endpoint) {
  const std::string& host = endpoint.host;
  if (!socket_path(host).empty()) return "http://localhost";
  const bool tls = !endpoint.tls_ca.empty();
  for (const std::string_view scheme : {"tcp://", "http://", "https://"}) {
    if (!host.starts_with(scheme)) continue;
    std::string_view rest = std::string_view(host).substr(scheme.size());
    while (rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.empty() || rest.find_first_of("/ ?#@") != std::string_view::npos) return {};
    return (tls || scheme == "https://" ? "https://" : "http://") + std::string(rest);
  }
  return {};
}

class CurlClient final : public EngineClient {
 public:
  CurlClient(const CurlApi& api, EngineEndpoint endpoint, std::string url, double connect_timeout)
      : api_(api), endpoint_(std::move(endpoint)), url_(std::move(url)), connect_timeout_(connect_timeout) {
    multi_ = api_.multi_init();
    // One connection for the event stream and a few for the rest; more are no faster for the daemon.
    api_.multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, 16L);
    api_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 4L);
  }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;
  ~CurlClient() override {
    cancel_all();
    api_.multi_cleanup(multi_);
  }

  Id get(EngineRequest request, EngineDone done) override;
  void cancel(Id id) override;
  void cancel_all() override;
  void poll(double seconds) override;
  void wake() override { api_.multi_wakeup(multi_); }

 private:
  struct Transfer {
    Id id = 0;
    CURL* easy = nullptr;
    const CurlApi* api = nullptr;
    bool* progress = nullptr;  ///< set when a callback of the request was called
    EngineRequest request;
    EngineDone done;
    std::string body;
    bool accepted = false;  ///< status 200
    bool headers_told = false;
    bool too_large = false;
    bool refused = false;  ///< on_data said no
    std::array<char, CURL_ERROR_SIZE> message{};
  };

  void set_options(Transfer& transfer) const;
  bool handle_finished();
  Result<EngineAnswer> result_of(Transfer& transfer, CURLcode code) const;
  void release(Transfer& transfer);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user);

  const CurlApi& api_;
  EngineEndpoint endpoint_;
  std::string url_;
  double connect_timeout_;
  CURLM* multi_ = nullptr;
  std::map<Id, std::unique_ptr<Transfer>> transfers_;
  Id last_id_ = 0;
  bool progress_ = false;
};

EngineClient::Id CurlClient::get(EngineRequest request, EngineDone done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->id = ++last_id_;
  transfer->api = &api_;
  transfer->progress = &progress_;
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->easy = api_.easy_init();
  set_options(*transfer);
  api_.multi_add_handle(multi_, transfer->easy);
  const Id id = transfer->id;
  transfers_.emplace(id, std::move(transfer));
  return id;
}

void CurlClient::set_options(Transfer& transfer) const {
  const auto set = [&](CURLoption option, auto value) { api_.easy_setopt(transfer.easy, option, value); };
  const std::string url = url_ + transfer.request.path;
  set(CURLOPT_URL, url.c_str());
  if (const std::string path = socket_path(endpoint_.host); !path.empty())
    set(CURLOPT_UNIX_SOCKET_PATH, path.c_str());
  set(CURLOPT_HTTPGET, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // the environment's proxies are not for a local engine
  set(CURLOPT_USERAGENT, "bottleneck_exporter");
  set(CURLOPT_CONNECTTIMEOUT_MS, to_ms(std::min(connect_timeout_, transfer.request.timeout_seconds)));
  if (transfer.request.on_data) {
    set(CURLOPT_TCP_KEEPALIVE, 1L);
  } else {
    set(CURLOPT_TIMEOUT_MS, to_ms(transfer.request.timeout_seconds));
    // A body that drips: less than 100 bytes a second for a whole time-out is no answer.
    set(CURLOPT_LOW_SPEED_LIMIT, 100L);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, to_ms(transfer.request.timeout_seconds) / 1000));
  }
  if (!endpoint_.tls_ca.empty()) {
    set(CURLOPT_CAINFO, endpoint_.tls_ca.c_str());
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
  }
  if (!endpoint_.tls_cert.empty()) set(CURLOPT_SSLCERT, endpoint_.tls_cert.c_str());
  if (!endpoint_.tls_key.empty()) set(CURLOPT_SSLKEY, endpoint_.tls_key.c_str());
  if (!endpoint_.user.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, endpoint_.user.c_str());
    set(CURLOPT_PASSWORD, endpoint_.password.c_str());
  }
  set(CURLOPT_ERRORBUFFER, transfer.message.data());
  set(CURLOPT_WRITEFUNCTION, &CurlClient::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_HEADERFUNCTION, &CurlClient::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
  set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
}

std::size_t CurlClient::on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  // The empty line that ends the headers.
  if (bytes > 2 || transfer.headers_told || (bytes > 0 && data[0] != '\r' && data[0] != '\n')) return bytes;
  long status = 0;
  transfer.api->easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.accepted = status == 200;
  transfer.headers_told = true;
  *transfer.progress = true;
  if (transfer.accepted && transfer.request.on_headers) transfer.request.on_headers();
  return bytes;
}

std::size_t CurlClient::on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.accepted && transfer.request.on_data) {
    *transfer.progress = true;
    if (transfer.request.on_data(std::string_view(data, bytes))) return bytes;
    transfer.refused = true;
    return 0;
  }
  if (transfer.body.size() + bytes > transfer.request.max_bytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(data, bytes);
  return bytes;
}

void CurlClient::release(Transfer& transfer) {
  api_.multi_remove_handle(multi_, transfer.easy);
  api_.easy_cleanup(transfer.easy);
}

void CurlClient::cancel(Id id) {
  const auto found = transfers_.find(id);
  if (found == transfers_.end()) return;
  release(*found->second);
  transfers_.erase(found);
}

void CurlClient::cancel_all() {
  for (auto& [id, transfer] : transfers_) release(*transfer);
  transfers_.clear();
}

void CurlClient::poll(double seconds) {
  int running = 0;
  progress_ = false;
  api_.multi_perform(multi_, &running);
  if (handle_finished() || progress_) return;  // the caller may have something new to ask or to tell
  api_.multi_poll(multi_, nullptr, 0, static_cast<int>(std::clamp(seconds * 1000, 0.0, 60'000.0)), nullptr);
  api_.multi_perform(multi_, &running);
  handle_finished();
}

bool CurlClient::handle_finished() {
  // Collected before any callback runs: a callback may start and cancel requests.
  std::vector<std::pair<std::unique_ptr<Transfer>, CURLcode>> finished;
  int left = 0;
  while (CURLMsg* message = api_.multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* user = nullptr;
    api_.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    const auto found = transfers_.find(reinterpret_cast<Transfer*>(user)->id);
    finished.emplace_back(std::move(found->second), code);
    transfers_.erase(found);
  }
  for (auto& [transfer, code] : finished) {
    Result<EngineAnswer> result = result_of(*transfer, code);
    release(*transfer);
    transfer->done(std::move(result));
  }
  return !finished.empty();
}

Result<EngineAnswer> CurlClient::result_of(Transfer& transfer, CURLcode code) const {
  const std::string what = "GET " + transfer.request.path + ": ";
  if (transfer.too_large) {
    return Error{ErrorCode::kMalformed,
                 what + "larger than " + std::to_string(transfer.request.max_bytes) + " bytes"};
  }
  if (transfer.refused) return Error{ErrorCode::kMalformed, what + "not understood"};
  if (code != CURLE_OK) {
    const char* message = transfer.message[0] != '\0' ? transfer.message.data() : api_.easy_strerror(code);
    long error = 0;
    api_.easy_getinfo(transfer.easy, CURLINFO_OS_ERRNO, &error);
    ErrorCode meaning = ErrorCode::kUnavailable;
    if (code == CURLE_OPERATION_TIMEDOUT) meaning = ErrorCode::kTimeout;
    if (code == CURLE_PARTIAL_FILE || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_BAD_CONTENT_ENCODING) {
      meaning = ErrorCode::kMalformed;
    }
    if (code == CURLE_COULDNT_CONNECT && (error == EACCES || error == EPERM)) meaning = ErrorCode::kDenied;
    std::string text = what + message;
    if (meaning == ErrorCode::kDenied) text += ": " + std::string(std::strerror(static_cast<int>(error)));
    return Error{meaning, std::move(text)};
  }
  long status = 0;
  api_.easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    ErrorCode meaning = ErrorCode::kUnavailable;
    if (status == 404) meaning = ErrorCode::kGone;
    if (status == 401 || status == 403) meaning = ErrorCode::kDenied;
    constexpr std::size_t kShown = 200;
    return Error{meaning, what + "status " + std::to_string(status) + " " + transfer.body.substr(0, kShown)};
  }
  double seconds = 0;
  api_.easy_getinfo(transfer.easy, CURLINFO_TOTAL_TIME, &seconds);
  return EngineAnswer{std::move(transfer.body), seconds};
}

}  // namespace

Result<std::unique_ptr<EngineClient>> EngineClient::create(const EngineEndpoint& endpoint,
                                                           double connect_timeout_seconds) {
  std::string url = base_url(endpoint);
  if (url.empty()) {
    return Error{ErrorCode::kInvalid,
                 "engine host '" + endpoint.host + "' is neither unix:///path nor tcp://host:port"};
  }
  const auto api = load_curl();
  if (!api) return api.error();
  return std::unique_ptr<EngineClient>(
      std::make_unique<CurlClient>(**api, endpoint, std::move(url), connect_timeout_seconds));
}

bool is_remote_host(std::string_view host) { return !host.starts_with(kUnix); }

std::string socket_path(std::string_view host) {
  return host.starts_with(kUnix) ? std::string(host.substr(kUnix.size())) : std::string();
}

}  // namespace bottleneck
