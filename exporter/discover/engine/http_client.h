// GET requests to one engine, several at a time on one thread, each with hard limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

/// Where an engine listens: "unix:///path" or "tcp://host:port" (also "http://", "https://").
struct EngineEndpoint {
  std::string host;
  std::string tls_ca;  ///< with tcp: TLS, and the server must be signed by it; empty: plain
  std::string tls_cert;
  std::string tls_key;
  std::string user = {};  ///< basic authentication; empty: none
  std::string password = {};
};

struct EngineRequest {
  std::string path;            ///< "/containers/json?all=true"
  double timeout_seconds = 5;  ///< of the whole request; a stream has no limit but the connection's
  std::size_t max_bytes = std::size_t{4} << 20U;
  /// A stream hands its body on as it comes and has no end in time; returning false ends it (kMalformed).
  std::function<bool(std::string_view)> on_data;
  std::function<void()> on_headers;  ///< of a stream: it was accepted
};

struct EngineAnswer {
  std::string body;  ///< of status 200; of a stream empty
  double seconds = 0;
};
/// Errors: kTimeout, kUnavailable (not reachable, refused, broken off, status 5xx), kDenied (the socket's
/// permissions, status 401 and 403), kGone (status 404), kMalformed (no HTTP, too large, cut off), kInvalid.
using EngineDone = std::function<void(Result<EngineAnswer>)>;

/// All calls but wake() belong to one thread. Callbacks run in poll().
class EngineClient {
 public:
  /// kInvalid for a host that is none of the above; kUnsupported without libcurl.
  static Result<std::unique_ptr<EngineClient>> create(const EngineEndpoint& endpoint,
                                                      double connect_timeout_seconds);
  virtual ~EngineClient() = default;

  using Id = std::uint64_t;
  /// Calls `done` exactly once, unless cancelled.
  virtual Id get(EngineRequest request, EngineDone done) = 0;
  virtual void cancel(Id id) = 0;
  virtual void cancel_all() = 0;
  /// Waits at most so long for something to happen, and handles what did.
  virtual void poll(double seconds) = 0;
  /// Ends a poll() at once; thread safe.
  virtual void wake() = 0;
};

/// True for hosts that are reached over the network.
bool is_remote_host(std::string_view host);
/// The socket's path of a "unix://" host; empty for others.
std::string socket_path(std::string_view host);

}  // namespace bottleneck
