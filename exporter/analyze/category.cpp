#include "exporter/analyze/category.h"

#include <algorithm>

namespace bottleneck {
namespace {

struct Candidate {
  Category category;
  float score;
  Signal signal;
};
// A page a second: even a disk of 10 ms takes 1 % of the time for it.
constexpr float kStraySwapIn = 4096;

/// Quota, other CPU, memory, io, network, pids, lifecycle.
enum Slot : std::size_t { kQuota, kCpu, kMemory, kIoSlot, kNetworkSlot, kPidsSlot, kLifeSlot, kSlots };
using Candidates = std::array<Candidate, kSlots>;

class Tests {
 public:
  explicit Tests(const CategoryContext& context)
      : context_(context),
        evidence_(context.signals.evidence),
        host_(context.signals.host),
        p_(context.signals.parameters),
        window_(evidence_.score) {}

  CategoryChoice run() {
    if (!any_at_least_low())
      return {Category::kNone, CategoryTest::kAllLow, 0, Signal::kCpuQuota, false, false};
    CategoryChoice choice;
    if (killed(choice)) return choice;
    const bool recycles = recycles_cache();
    if (!recycles && (memory_before_cpu(choice) || memory_before_io(choice))) return choice;
    const bool writer = !recycles && writer_before_memory();
    choice.memory_induced = (recycles && is_cause(score(Resource::kMemory))) || writer;
    candidates_ = collect(!choice.memory_induced);
    if (!tie(choice)) largest(choice);
    if (choice.memory_induced) explain_induced(recycles, choice);
    return choice;
  }

 private:
  [[nodiscard]] float score(Resource resource) const {
    const float value = context_.scores[static_cast<std::size_t>(resource)];
    return is_present(value) ? value : 0;
  }
  [[nodiscard]] float value(Signal signal) const {
    const float value = context_.readings[static_cast<std::size_t>(signal)].value;
    return is_present(value) ? value : 0;
  }
  [[nodiscard]] bool is_cause(float score) const { return static_cast<double>(score) >= p_.band_low; }
  [[nodiscard]] Signal largest_of(std::initializer_list<Signal> signals) const {
    return *std::max_element(signals.begin(), signals.end(),
                             [&](Signal one, Signal other) { return value(one) < value(other); });
  }

  [[nodiscard]] bool any_at_least_low() const {
    return std::any_of(context_.scores.begin(), context_.scores.end(),
                       [&](float score) { return is_cause(score); });
  }

  [[nodiscard]] bool leaks() const { return context_.signals.leak.state >= LeakState::kSuspected; }

  /// Of the memory signals' causes: leak, the host, or its own limit.
  [[nodiscard]] Category memory_cause(Signal signal) const {
    if (leaks() && signal == Signal::kMemLeak) return Category::kMemoryLeak;
    if (!has_memory_limit(evidence_, host_)) return Category::kMemoryHost;
    if (signal != Signal::kMemStall) return Category::kMemoryLimit;
    // Stall below a limit that is not reached: reclaim comes from above, if anything is short there.
    const double available = host_.memory_available / host_.memory_total;
    if (available >= p_.memory_host_available) return Category::kMemoryLimit;
    const bool at_limit = window_.limit_hits > 0 ||
                          evidence_.memory_usage >= p_.near_limit * evidence_.memory_effective_limit ||
                          !is_present(evidence_.memory_usage);
    return at_limit ? Category::kMemoryLimit : Category::kMemoryHost;
  }

  [[nodiscard]] Signal memory_signal() const {
    return largest_of({Signal::kMemStall, Signal::kMemSpace, Signal::kMemOom, Signal::kMemLeak});
  }

  bool killed(CategoryChoice& choice) const {
    const EventFacts& events = context_.signals.events;
    if (!(static_cast<double>(events.oom_age) <= p_.oom_full_seconds)) return false;
    Category category = Category::kMemoryLimit;
    const bool by_host = events.oom_scope == OomScope::kHost ||
                         (events.oom_scope == OomScope::kUnknown && evidence_.has_cgroup &&
                          is_present(host_.memory_total) && !has_memory_limit(evidence_, host_));
    if (leaks()) {
      category = Category::kMemoryLeak;
    } else if (by_host) {
      category = Category::kMemoryHost;
    }
    choice = {category, CategoryTest::kOutOfMemory, score(Resource::kMemory), Signal::kMemOom, false, false};
    return true;
  }

  bool memory_before_cpu(CategoryChoice& choice) const {
    const float memory = score(Resource::kMemory);
    const bool grew = static_cast<double>(context_.memory_z) >= p_.memory_first_z &&
                      static_cast<double>(context_.memory_growth) >= p_.memory_first_growth;
    if (!grew || !is_cause(memory)) return false;
    if (static_cast<double>(score(Resource::kCpu) - memory) > p_.memory_first_lead) return false;
    const Signal signal = memory_signal();
    choice = {memory_cause(signal), CategoryTest::kMemoryBeforeCpu, memory, signal, false, false};
    return true;
  }

  /// The limit is hit often, or at all while most of what it moves is read again. A hit makes room for some
  /// 32 pages: on a slow disk, where thrashing hurts most, hits are few. Measured over a minute:
  /// 6 and 10 a second at 1.3 and 2.0 MB/s of reads.
  [[nodiscard]] bool evicts_for_reads() const {
    if (hits_limit(context_.signals, window_, p_.thrash_limit_hits)) return true;
    return static_cast<double>(window_.limit_hits) >= p_.thrash_slow_hits && reads_again(window_, p_);
  }

  /// More memory would have kept what is read again. v1 does not know, and is taken at the speed.
  [[nodiscard]] bool would_have_fitted() const {
    if (static_cast<double>(window_.activated_share) >= p_.thrash_activated) return true;
    if (!host_.is_v2 && !is_present(window_.activated_share))
      return static_cast<double>(refaults_of_limit(evidence_, window_)) >= p_.thrash_refaults;
    return reads_again_at_random(window_, p_);
  }

  bool memory_before_io(CategoryChoice& choice) const {
    const float io = score(Resource::kIo);
    const float memory = score(Resource::kMemory);
    if (!(io > memory) || !is_cause(io) || !evicts_for_reads()) return false;
    if (!would_have_fitted()) return false;
    // Waiting for pages read back shows as I/O: that is this cause's measure, when memory itself says less.
    choice = {Category::kMemoryLimit,      CategoryTest::kMemoryBeforeIo, io, Signal::kMemStall, true, false,
              "a consequence of the cause"};
    return true;
  }

  [[nodiscard]] bool no_refaults() const {
    return static_cast<double>(refaults_of_limit(evidence_, window_)) < p_.induced_refaults;
  }

  /// v1 charges dirty pages to the writer: it stalls in reclaim, and yet writes as fast as without a limit.
  [[nodiscard]] bool writer_before_memory() const {
    if (host_.is_v2 || memory_signal() != Signal::kMemStall || !is_cause(score(Resource::kMemory)))
      return false;
    if (!has_memory_limit(evidence_, host_)) return false;
    const float all = window_.read_bytes + window_.written_bytes;
    return no_refaults() && all > 0 && static_cast<double>(window_.written_bytes / all) >= p_.induced_written;
  }

  /// v2: files pass through the page cache, and reclaim drops what was read once to make room. Nearly nothing
  /// of it is read again, nothing comes back from swap, and there is room for what cannot be dropped: no
  /// larger limit would save a read. Measured: a scan of a file of many times the limit stalls 0.8 to 2.9 %
  /// of the time with no refault. What is not known does not hold.
  [[nodiscard]] bool recycles_cache() const {
    if (!host_.is_v2 || memory_signal() != Signal::kMemStall || !has_memory_limit(evidence_, host_))
      return false;
    const bool read_once =
        no_refaults() && static_cast<double>(window_.refault_bytes) <=
                             p_.recycled_refaults * static_cast<double>(window_.read_bytes);
    const bool room = evidence_.memory_unreclaimable < p_.memory_space_low * evidence_.memory_effective_limit;
    return read_once && room && window_.swap_in_bytes < kStraySwapIn;
  }

  static void explain_induced(bool recycles, CategoryChoice& choice) {
    choice.induced_by = recycles
                            ? "files pass through its page cache and nothing is read again: a larger limit "
                              "would save nothing"
                            : "reclaim of what it writes itself: it writes no slower for it";
    if (choice.category == Category::kIo || choice.category == Category::kNone)
      choice.test = recycles ? CategoryTest::kRecyclesCache : CategoryTest::kWriterBeforeMemory;
  }

  /// Asked of the minute, or of its last 10 s where it waits more: who stopped before took nothing from it.
  [[nodiscard]] Category cpu_cause() const {
    const bool known = is_present(evidence_.fast.cpu_cores) && is_present(host_.fast_busy_cores);
    const bool now = known && cpu_waiting(evidence_.fast) >= cpu_waiting(window_);
    const float used = now ? evidence_.fast.cpu_cores : window_.cpu_cores;
    const float busy = now ? host_.fast_busy_cores : host_.busy_cores;
    const float steal = now ? host_.fast_steal : host_.steal;
    if (static_cast<double>(used) / evidence_.cpu_effective_limit >= p_.own_use) return Category::kCpuDemand;
    const double others = static_cast<double>(busy - used) / usable_cpus(evidence_, host_);
    const bool taken = others >= p_.others_cpu || static_cast<double>(steal) >= p_.steal;
    return taken || !is_present(others) ? Category::kCpuContention : Category::kCpuDemand;
  }

  /// Its I/O waits for a limit and not for a disk: it is at the limit all the time, or while it waits. A
  /// limit lets through its own rate while somebody waits for it, a slow disk less.
  [[nodiscard]] bool waits_for_io_limit() const {
    if (static_cast<double>(value(Signal::kIoLimit)) >= p_.io_limit_cause) return true;
    const SignalReading& stall = context_.readings[static_cast<std::size_t>(Signal::kIoStall)];
    const float waiting = stall.inputs[0];
    return is_cause(stall.value) && waiting > 0 &&
           static_cast<double>(window_.io_limit / waiting) >= p_.io_limit_low;
  }

  [[nodiscard]] Candidates collect(bool with_memory) const {
    const Signal cpu = largest_of({Signal::kCpuStarve, Signal::kCpuUtil, Signal::kCpuThread});
    const Signal memory = memory_signal();
    const Signal io = largest_of({Signal::kIoStall, Signal::kIoLimit, Signal::kIoDevice});
    const bool limited = waits_for_io_limit();
    return {{{Category::kCpuQuota, value(Signal::kCpuQuota), Signal::kCpuQuota},
             {cpu == Signal::kCpuStarve ? cpu_cause() : Category::kCpuDemand, value(cpu), cpu},
             {memory_cause(memory), with_memory ? value(memory) : 0, memory},
             {limited ? Category::kIoLimit : Category::kIo, value(io),
              limited && is_cause(value(Signal::kIoLimit)) ? Signal::kIoLimit : io},
             {Category::kNetwork, score(Resource::kNetwork),
              largest_of(
                  {Signal::kNetDrops, Signal::kNetRetransmits, Signal::kNetListen, Signal::kNetConntrack})},
             {Category::kPids, score(Resource::kPids), largest_of({Signal::kPidsTasks, Signal::kPidsFiles})},
             {Category::kLifecycle, score(Resource::kLifecycle),
              largest_of({Signal::kLifeRestarts, Signal::kLifeUnhealthy})}}};
  }

  [[nodiscard]] const Candidate& top() const {
    return *std::max_element(
        candidates_.begin(), candidates_.end(),
        [](const Candidate& one, const Candidate& other) { return one.score < other.score; });
  }

  static void take(const Candidate& candidate, CategoryTest test, CategoryChoice& choice) {
    choice.category = candidate.category;
    choice.score = candidate.score;
    choice.signal = candidate.signal;
    choice.test = test;
  }

  bool tie(CategoryChoice& choice) const {
    const Candidate& starve = candidates_[kCpu];
    if (starve.signal != Signal::kCpuStarve || &top() != &starve) return false;
    for (const Slot first : {kIoSlot, kQuota}) {
      const Candidate& other = candidates_[first];
      if (!is_cause(other.score) || static_cast<double>(starve.score - other.score) > p_.tie) continue;
      take(other, CategoryTest::kTie, choice);
      return true;
    }
    return false;
  }

  void largest(CategoryChoice& choice) const {
    const Candidate& best = top();
    if (!is_cause(best.score)) {
      choice.category = Category::kNone;
      choice.test = CategoryTest::kAllLow;
      return;
    }
    for (const Candidate& candidate : candidates_) {
      const bool near =
          static_cast<double>(best.score - candidate.score) <= p_.stay && is_cause(candidate.score);
      if (candidate.category != context_.previous || !near || &candidate == &best) continue;
      return take(candidate, CategoryTest::kStayed, choice);
    }
    take(best, CategoryTest::kLargest, choice);
  }

  const CategoryContext& context_;
  const Evidence& evidence_;
  const HostEvidence& host_;
  const JudgementParameters& p_;
  const WindowEvidence& window_;
  Candidates candidates_{};
};

}  // namespace

CategoryChoice choose_category(const CategoryContext& context) { return Tests(context).run(); }

}  // namespace bottleneck
