#include "exporter/expose/http_server.h"

#include <civetweb.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/expose/connections.h"
#include "exporter/expose/http_message.h"
#include "exporter/expose/listen.h"
#include "exporter/expose/responder.h"

namespace bottleneck {
namespace {

/// How long a connection may take for its handshake, its request, or a pause while it reads its answer.
constexpr const char* kRequestTimeoutMs = "10000";
/// How long a scraper's connection is kept between scrapes.
constexpr const char* kKeepAliveTimeoutMs = "120000";
constexpr const char* kMaxRequestBytes = "16384";
/// A worker needs far less than the default 8 MB; only touched pages are resident, but limits count all.
constexpr std::size_t kWorkerStackBytes = std::size_t{512} << 10U;

/// Threads started while it lives have small stacks.
class SmallStacks {
 public:
  SmallStacks() {
    pthread_attr_t small;
    if (pthread_getattr_default_np(&before_) != 0 || pthread_getattr_default_np(&small) != 0) return;
    changed_ =
        pthread_attr_setstacksize(&small, kWorkerStackBytes) == 0 && pthread_setattr_default_np(&small) == 0;
    pthread_attr_destroy(&small);
  }
  ~SmallStacks() {
    if (changed_) pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  SmallStacks(const SmallStacks&) = delete;
  SmallStacks& operator=(const SmallStacks&) = delete;

 private:
  pthread_attr_t before_{};
  bool changed_ = false;
};

/// The worker that the calling thread is; handshakes begin before the library has told us of the connection.
thread_local Connections::Worker* t_worker = nullptr;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const WebConfig& web, std::unique_ptr<WebSecurity> security, std::vector<Route> routes,
       SelfMetrics& self)
      : security_(std::move(security)),
        responder_(std::move(routes), *security_),
        self_(self),
        connections_(static_cast<std::size_t>(web.workers), system_clock(), real_means()) {
    hooks_.handshake = [this] { wait_for_request(); };
    hooks_.current = [this] { return security_->current()->tls; };
  }

  ~Impl() { stop(); }

  Status start(const WebConfig& web);
  [[nodiscard]] std::vector<Ipv4Endpoint> endpoints() const;
  [[nodiscard]] std::uint64_t evicted() const { return connections_.evicted(); }

 private:
  static Impl& of(const mg_connection* connection) {
    return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  }
  static Impl& of(const mg_context* context) { return *static_cast<Impl*>(mg_get_user_data(context)); }
  static mg_callbacks callbacks();

  void* init_thread(int type);
  int begin_request(mg_connection* connection);
  void take_message(const char* message);
  void remind_evicted();
  void send(mg_connection* connection, const Answer& answer, bool must_close);
  void wait_for_request() {
    if (t_worker != nullptr) connections_.waiting(t_worker);
  }
  void stop();

  std::unique_ptr<WebSecurity> security_;
  Responder responder_;
  SelfMetrics& self_;
  Connections connections_;
  TlsHooks hooks_;
  TlsContext tls_;  ///< the one that the server was started with
  std::vector<ListenAddress> listening_;
  std::mutex message_mutex_;
  std::string last_message_;  ///< of the library
  std::thread reminder_;
  mg_context* context_ = nullptr;
};

mg_callbacks HttpServer::Impl::callbacks() {
  mg_callbacks all{};
  all.begin_request = [](mg_connection* connection) { return of(connection).begin_request(connection); };
  all.end_request = [](const mg_connection* connection, int) { of(connection).wait_for_request(); };
  all.init_connection = [](const mg_connection* connection, void**) {
    of(connection).wait_for_request();
    return 0;
  };
  all.connection_close = [](const mg_connection* connection) {
    if (t_worker != nullptr) of(connection).connections_.closing(t_worker);
  };
  all.http_error = [](mg_connection* connection, int status, const char*) {
    Impl& self = of(connection);
    auto buffers = self.responder_.take_buffers();
    self.send(connection, self.responder_.error(status, *buffers), true);
    self.responder_.give_back(std::move(buffers));
    return 0;
  };
  all.init_thread = [](const mg_context* context, int type) { return of(context).init_thread(type); };
  all.external_ssl_ctx = [](void** ssl_context, void* user_data) {
    *ssl_context = static_cast<Impl*>(user_data)->tls_.get();
    return 1;  // ours: neither changed nor freed by the library
  };
  all.log_message = [](const mg_connection* connection, const char* message) {
    of(connection).take_message(message);
    return 1;
  };
  return all;
}

void HttpServer::Impl::take_message(const char* message) {
  log(LogLevel::kDebug, "http", {{"reason", message}});
  const std::lock_guard lock(message_mutex_);
  last_message_ = message;
}

/// Evictions are rare and mostly heeded at once: this thread nearly always sleeps.
void HttpServer::Impl::remind_evicted() {
  while (connections_.wait_for_eviction()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    connections_.remind();
  }
}

void* HttpServer::Impl::init_thread(int type) {
  constexpr int kWorkerThread = 1;
  if (type != kWorkerThread) return nullptr;
  t_worker = connections_.add_worker();
  sigset_t interruption;
  sigemptyset(&interruption);
  sigaddset(&interruption, SIGURG);
  pthread_sigmask(SIG_UNBLOCK, &interruption, nullptr);
  return nullptr;
}

int HttpServer::Impl::begin_request(mg_connection* connection) {
  const double busy_before = thread_cpu_seconds();
  const mg_request_info* const info = mg_get_request_info(connection);
  if (t_worker != nullptr) {
    connections_.serving(t_worker, {{info->remote_addr, static_cast<std::uint16_t>(info->remote_port)},
                                    static_cast<std::uint16_t>(info->server_port)});
  }
  self_.http_request_started();
  const auto header = [connection](const char* name) {
    const char* const value = mg_get_header(connection, name);
    return value == nullptr ? std::string_view() : std::string_view(value);
  };
  RawRequest raw;
  raw.method = info->request_method;
  const auto path = url_decode(info->local_uri == nullptr ? "" : info->local_uri, false);
  raw.path_is_valid = path.has_value();
  if (path) raw.request.path = *path;
  raw.request.query = info->query_string == nullptr ? "" : info->query_string;
  raw.request.header = header;
  raw.has_body = info->content_length > 0 || !header("Transfer-Encoding").empty();
  const std::string_view wish = header("Connection");
  // The library's own rule, told to the client: a header decides, else the version.
  raw.keep_alive =
      wish.empty() ? std::string_view(info->http_version) == "1.1" : has_token(wish, "keep-alive");

  auto buffers = responder_.take_buffers();
  const Answer answer = responder_.answer(raw, *buffers);
  send(connection, answer, !answer.keep_alive);
  self_.http_request_finished(answer.code, answer.handler, thread_cpu_seconds() - busy_before);
  responder_.give_back(std::move(buffers));
  return answer.code;
}

void HttpServer::Impl::send(mg_connection* connection, const Answer& answer, bool must_close) {
  if (must_close) mg_disable_connection_keep_alive(connection);
  if (mg_write(connection, answer.head.data(), answer.head.size()) <= 0) return;
  if (!answer.body.empty()) mg_write(connection, answer.body.data(), answer.body.size());
}

Status HttpServer::Impl::start(const WebConfig& web) {
  Result<std::vector<ListenAddress>> resolved = resolve_addresses(web.listen_addresses);
  if (!resolved) return resolved.error();
  listening_ = std::move(*resolved);
  tls_ = security_->current()->tls;
  if (tls_) install_tls_hooks(tls_, &hooks_);
  std::string ports;
  for (const ListenAddress& address : listening_) {
    ports += (ports.empty() ? "" : ",") + address.endpoint.address + ":" +
             std::to_string(address.endpoint.port) + (tls_ ? "s" : "");
  }
  const std::string workers = std::to_string(web.workers);
  // clang-format off
  const std::array<const char*, 21> options = {
      "listening_ports", ports.c_str(),
      "num_threads", workers.c_str(),
      "request_timeout_ms", kRequestTimeoutMs,
      "keep_alive_timeout_ms", kKeepAliveTimeoutMs,
      "enable_keep_alive", "yes",
      "max_request_size", kMaxRequestBytes,
      "tcp_nodelay", "1",
      "listen_backlog", "512",
      "enable_auth_domain_check", "no",
      "decode_url", "no",  // we do, and refuse zero bytes
      nullptr};
  // clang-format on
  const mg_callbacks all = callbacks();
  {
    const SmallStacks small;
    context_ = mg_start(&all, this, const_cast<const char**>(options.data()));
  }
  if (context_ != nullptr) {
    reminder_ = std::thread([this] { remind_evicted(); });
    return ok();
  }
  const std::lock_guard lock(message_mutex_);
  return why_not_listening(listening_, last_message_);
}

std::vector<Ipv4Endpoint> HttpServer::Impl::endpoints() const {
  std::array<mg_server_port, 64> ports{};
  const int number = mg_get_server_ports(context_, static_cast<int>(ports.size()), ports.data());
  std::vector<Ipv4Endpoint> all;
  for (std::size_t i = 0; i < listening_.size() && static_cast<int>(i) < number; ++i) {
    all.push_back({listening_[i].endpoint.address, static_cast<std::uint16_t>(ports[i].port)});
  }
  return all;
}

/// The library cuts answers short once it is told to stop, and its threads look up every two seconds only:
/// answers are waited for, idle connections are ended, and the accepting thread is woken by connecting to it.
void HttpServer::Impl::stop() {
  if (context_ == nullptr) return;
  constexpr auto kRound = std::chrono::milliseconds(20);
  constexpr int kStopRounds = 50;  // rounds: a second
  for (int round = 0; round < kStopRounds && connections_.being_served() > 0; ++round)
    std::this_thread::sleep_for(kRound);
  const std::vector<Ipv4Endpoint> own = endpoints();
  std::atomic<bool> stopped{false};
  std::thread stopping([&] {
    mg_stop(context_);
    stopped = true;
  });
  while (!stopped) {
    connections_.end(true);
    for (const Ipv4Endpoint& endpoint : own) knock(endpoint);
    std::this_thread::sleep_for(kRound);
  }
  stopping.join();
  context_ = nullptr;
  connections_.quit();
  reminder_.join();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const WebConfig& web,
                                                      std::unique_ptr<WebSecurity> security,
                                                      std::vector<Route> routes, SelfMetrics& self) {
  auto impl = std::make_unique<Impl>(web, std::move(security), std::move(routes), self);
  if (Status status = impl->start(web); !status) return status.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::vector<std::string> HttpServer::addresses() const {
  std::vector<std::string> all;
  for (const Ipv4Endpoint& endpoint : impl_->endpoints())
    all.push_back(endpoint.address + ":" + std::to_string(endpoint.port));
  return all;
}
std::uint64_t HttpServer::evicted_connections() const { return impl_->evicted(); }

}  // namespace bottleneck
