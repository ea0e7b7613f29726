// The runs of one container, made out of what several sources say of them. One run, one end and one kill
// count once, whoever saw them, in whatever order, and however late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "exporter/discover/events/fact.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {

/// Why a run ended, in the order of precedence: asked for; by the OOM killer; code 0; SIGKILL (137); another
/// code; nobody knows.
enum class ExitReason : std::uint8_t { kCompleted, kError, kOom, kKilled, kStopped, kUnknown };
inline constexpr std::size_t kExitReasonCount = 6;
std::string_view name_of(ExitReason reason);

/// What is to be added to the counters of a container's name.
struct EventDelta {
  std::uint64_t starts = 0;
  std::uint64_t ooms = 0;
  std::array<std::uint64_t, kExitReasonCount> exits{};
  [[nodiscard]] bool empty() const { return *this == EventDelta{}; }
  bool operator==(const EventDelta&) const = default;
};

Json to_json(const EventDelta& delta);
/// What is missing or no count is 0.
EventDelta event_delta_from(const Json* json);

enum class OomSource : std::uint8_t { kKernelLog, kCgroup, kEngine };

/// Times are seconds since the epoch.
class ContainerRuns {
 public:
  struct Context {
    double now = 0;
    double since = 0;              ///< what began before is taken as it is and not counted
    bool kernel_log = false;       ///< it is followed and sees every kill: an engine's notices add nothing
    double end_wait_seconds = 10;  ///< how long an exit code is waited for after a cgroup went
  };

  void apply(const ContainerFact& fact, const Context& context);
  /// `count`: it is known to have begun while we (or an earlier life of ours) watched.
  void cgroup_appeared(std::uint64_t inode, bool count, const Context& context);
  void cgroup_vanished(std::uint64_t inode, const Context& context);
  /// The host was booted anew since the state was kept: no cgroup of then exists.
  void host_restarted(const Context& context);
  /// The kernel's own counter of kills in the present cgroup, as read.
  void oom_counter(std::uint64_t kills, const Context& context);
  void oom(OomSource source, double time, const Context& context);

  /// Decides the reasons of ends that are old enough for every source to have spoken; `all`: of every end.
  void settle(const Context& context, bool all = false);
  [[nodiscard]] bool unsettled() const;
  [[nodiscard]] bool known() const { return known_; }
  /// Of the cgroup of the run that goes on; 0: none goes on, or none was seen.
  [[nodiscard]] std::uint64_t inode() const { return current_.open ? current_.inode : 0; }
  EventDelta take() { return std::exchange(delta_, {}); }
  [[nodiscard]] bool has_delta() const { return !delta_.empty(); }

  /// All that is known, ends that wait for their reason and what nobody has taken yet among it: a crash loses
  /// nothing.
  [[nodiscard]] Json to_json() const;
  static ContainerRuns from_json(const Json& json);
  /// In a new life: ends that wait for their reason wait anew, as nobody has told of them yet.
  void resume(const Context& context);

 private:
  struct Kills {
    std::uint64_t kernel_log = 0;
    std::uint64_t cgroup = 0;
    std::uint64_t engine = 0;
    bool told_at_end = false;  ///< the engine's verdict on the whole run
    std::uint64_t counted = 0;
    double last = 0;
  };
  struct Run {
    double start = 0;
    bool told = false;        ///< by a runtime; else only its cgroup was seen
    bool start_told = false;  ///< as an event: the next one is of another run
    std::uint64_t inode = 0;  ///< 0: no cgroup of it was seen
    bool open = false;
    bool settled = true;
    double end = 0;
    double ended_at = 0;    ///< when we learned of it
    double end_wait = 0;    ///< seconds that its exit code is waited for
    bool end_told = false;  ///< by a runtime
    std::optional<int> exit_code;
    std::optional<bool> expected;
    std::optional<std::uint64_t>
        oom_base;  ///< the counter's value that is accounted for; nothing: not read yet
    Kills kills;
  };

  static Json run_to_json(const Run& run);
  static Run run_from_json(const Json& json);
  void seen(const ContainerFact& fact, const Context& context);
  void first_seen(const ContainerFact& fact, const Context& context);
  void started(double time, const Context& context);
  void ended(const ContainerFact& fact, const Context& context);
  void seen_ended(const ContainerFact& fact, const Context& context);
  void turned_out_expected(double time);
  void begin(double time, bool told, std::uint64_t inode, bool count);
  void close(double time, bool told, const Context& context);
  bool belongs_to_a_run_seen_by_its_cgroup(double time);
  Run& run_at(double time);
  void recount(Run& run, const Context& context);
  void decide(Run& run);
  template <class Visit>
  bool any_run(Visit visit) {
    for (Run& run : ending_) {
      if (visit(run)) return true;
    }
    return visit(current_);
  }

  Run current_;              ///< the latest
  std::vector<Run> ending_;  ///< earlier ones whose reason is not decided
  std::optional<std::uint64_t> restarts_;
  std::uint64_t begun_ = 0;  ///< runs seen since restarts_ was told
  bool known_ = false;
  EventDelta delta_;
};

}  // namespace bottleneck
