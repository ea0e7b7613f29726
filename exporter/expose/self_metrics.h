// The exporter's metrics about itself. Events are kept in a prometheus-cpp registry; what a snapshot or the
// process knows is written from there. prometheus-cpp's own serializer is not used: it prints NaN as "Nan"
// and knows no OpenMetrics.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/expose/exposition.h"

namespace bottleneck {

class SelfMetrics {
 public:
  struct Build {
    std::string version;
    std::string revision;
  };
  explicit SelfMetrics(const Build& build);
  ~SelfMetrics();
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;

  // Everything here may be called by any thread.

  /// A request to an engine's API that ended, however it ended. `endpoint` is one of a fixed few, never a
  /// path with an id.
  void observe_docker_request(std::string_view endpoint, double seconds);
  /// Mean duration of those requests by endpoint, in no order.
  struct RequestMean {
    std::string endpoint;
    double seconds = 0;
  };
  [[nodiscard]] std::vector<RequestMean> docker_request_means() const;
  /// Seconds that a worker has worked since the start ("docker", ...). The sampler's are taken from the
  /// snapshot.
  void set_worker_busy(std::string_view worker, double seconds_since_start);
  /// A configuration was loaded, at the start or on SIGHUP.
  void set_config_reload(bool successful, double unix_seconds);

  void http_request_started();
  void http_request_finished(int code, std::string_view handler, double busy_seconds);

  /// Writes all of it, after the snapshot's part, which gave `count`; `snapshot` is nullptr before the first
  /// sample. Returns the series written.
  std::size_t write(const Snapshot* snapshot, const ExpositionCount& count, const ExpositionOptions& options,
                    TextBuffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bottleneck
