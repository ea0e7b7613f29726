// The web file in force. It is read again when it or a certificate changes, so that a renewed certificate or
// a new user needs no restart; a broken one leaves the last good one in force and is logged. Switching TLS on
// or off needs a restart.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/expose/tls.h"
#include "exporter/expose/web_config.h"

namespace bottleneck {

class WebSecurity {
 public:
  struct State {
    WebFile config;
    TlsContext tls;  ///< empty: plain HTTP
  };
  struct Outcome {
    std::unique_ptr<WebSecurity> security;  ///< empty when there is an error
    std::vector<std::string> errors;
  };

  /// An empty file name is plain HTTP for everybody.
  static Outcome create(const std::string& file, const Clock& clock = system_clock());

  /// Looks at the files at most once a second. Thread safe, never empty.
  std::shared_ptr<const State> current();

 private:
  struct Stamp {
    std::string file;
    FileIdentity identity;
    bool readable = false;
  };

  WebSecurity(std::string file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}
  std::vector<std::string> load();
  [[nodiscard]] bool changed() const;
  static Stamp stamp(const std::string& file);

  const std::string file_;
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const State> state_;
  std::vector<Stamp> stamps_;
  std::int64_t looked_ns_ = 0;
};

}  // namespace bottleneck
