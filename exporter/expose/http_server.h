// The HTTP server: civetweb with short patience, few and small workers, GET and HEAD only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/expose/http.h"
#include "exporter/expose/self_metrics.h"
#include "exporter/expose/web_security.h"

namespace bottleneck {

class HttpServer {
 public:
  /// Serves `routes` (the first that matches) on all of `web.listen_addresses`, or on none: the error names
  /// the address. `self` outlives the server.
  static Result<std::unique_ptr<HttpServer>> start(const WebConfig& web,
                                                   std::unique_ptr<WebSecurity> security,
                                                   std::vector<Route> routes, SelfMetrics& self);
  /// Ends idle connections, lets answers under way finish for up to a second, then ends them too.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Where it serves, in the order of the configuration, with the port that the kernel chose for port 0.
  [[nodiscard]] std::vector<std::string> addresses() const;
  /// Connections ended so that half-sent requests do not keep others waiting.
  [[nodiscard]] std::uint64_t evicted_connections() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bottleneck
