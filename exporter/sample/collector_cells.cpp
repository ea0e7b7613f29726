#include "exporter/sample/collector_cells.h"

#include <string>

#include "exporter/base/log.h"

namespace bottleneck {
namespace {

std::string_view hint_for(ErrorCode code) {
  if (code == ErrorCode::kDenied) {
    return "run as root, or give CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; `self-test` says what is lost "
           "without";
  }
  if (code == ErrorCode::kUnsupported) return "boot with psi=1, or switch the collector off";
  return "the line was skipped";
}

ReadErrorReason reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDenied:
      return ReadErrorReason::kDenied;
    case ErrorCode::kMalformed:
      return ReadErrorReason::kMalformed;
    case ErrorCode::kTimeout:
      return ReadErrorReason::kTimeout;
    case ErrorCode::kUnavailable:
      return ReadErrorReason::kUnavailable;
    default:
      return ReadErrorReason::kInvalid;
  }
}

}  // namespace

CollectorCells::CollectorCells(const std::array<bool, kCollectorCount>& enabled) {
  for (std::size_t i = 0; i < kCollectorCount; ++i) states_[i].enabled = enabled[i];
}

void CollectorCells::note(Collector collector, ErrorCode code, std::string_view who, std::string_view file) {
  const ErrorAction action = error_action(code);
  if (!action.reason.empty()) {
    ++at(collector).errors[static_cast<std::size_t>(reason_of(code))];
    pass_[index(collector)].failed = true;
  }
  if (code == ErrorCode::kUnsupported) at(collector).supported = false;
  if (!action.logged) return;
  // Denied and unsupported concern a kind of file, not one container: one line for all of them.
  const bool once = !action.retry;
  std::string key(file);
  key += action.reason;
  if (!once) key += who;
  log_limited(key, LogLevel::kWarn, "cannot read",
              {{"collector", name_of(collector)},
               {"file", file},
               {"container", who},
               {"reason", action.reason.empty() ? std::string_view("unsupported") : action.reason},
               {"hint", hint_for(code)}},
              once);
}

void CollectorCells::end_pass() {
  for (std::size_t i = 0; i < kCollectorCount; ++i) {
    states_[i].success = !pass_[i].failed;
    states_[i].duration_seconds = pass_[i].duration;
    pass_[i] = Pass{};
  }
}

}  // namespace bottleneck
