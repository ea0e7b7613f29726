// The one table that says what an error means, what is done about it and how it shows in the metrics.
#pragma once

#include <cerrno>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

struct ErrorAction {
  std::string_view reason;  ///< value of the label `reason` of read_errors_total; empty: not counted
  bool drop_container;      ///< the container is gone: drop it this tick
  bool retry;               ///< false: remember, do not try again before the next limits pass
  bool logged;              ///< worth a line in the log (once, or rate limited)
};

/// Action for each code; see the error table of exporter/README.md.
constexpr ErrorAction error_action(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAbsent:
      return {"", false, false, false};
    case ErrorCode::kGone:
      return {"", true, false, false};
    case ErrorCode::kUnsupported:
      return {"", false, false, true};
    case ErrorCode::kDenied:
      return {"denied", false, false, true};
    case ErrorCode::kMalformed:
      return {"malformed", false, true, true};
    case ErrorCode::kTimeout:
      return {"timeout", false, true, true};
    case ErrorCode::kUnavailable:
      return {"unavailable", false, true, true};
    case ErrorCode::kInvalid:
      return {"invalid", false, true, true};
  }
  return {"invalid", false, true, true};
}

/// Maps errno of open, read and friends on a kernel file.
/// ENODEV: the cgroup was removed under a kept descriptor; ESRCH: the process behind a /proc file ended;
/// EOPNOTSUPP: a pressure file of a kernel booted with psi=0.
constexpr ErrorCode error_from_errno(int err) {
  switch (err) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::kAbsent;
    case ENODEV:
    case ESRCH:
      return ErrorCode::kGone;
    case EOPNOTSUPP:
    case ENOSYS:
      return ErrorCode::kUnsupported;
    case EACCES:
    case EPERM:
      return ErrorCode::kDenied;
    case ETIMEDOUT:
    case EAGAIN:
      return ErrorCode::kTimeout;
    case EINVAL:
      return ErrorCode::kMalformed;
    default:
      return ErrorCode::kUnavailable;
  }
}

}  // namespace bottleneck
