// Right sizes: what limits fit the demand that was seen, or the fault that is there now.
#pragma once

#include "exporter/analyze/events.h"
#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

struct SizingContext {
  const Evidence& evidence;
  const HostEvidence& host;
  const EventFacts& events;
  const Judgement& judgement;
  const AllParameters& parameters;
};

/// Keeps a recommendation still: it moves when it would move by more than a tenth. A raise that nobody
/// followed yet grows with what is seen, and shrinks after size_step_seconds at the earliest. One of memory
/// that was followed is followed by the next one after that time: what more is needed is seen under the new
/// limit only. How much CPU is wanted can be measured under any quota.
class Sizer {
 public:
  void update(const SizingContext& context, double now_seconds, Judgement& judgement);

 private:
  struct Held {
    double value = kAbsent;
    double limit = kAbsent;  ///< the limit it was made for
    double raised_seconds = kAbsent;
    SizeStatus status = SizeStatus::kNotEnoughData;
  };
  enum class NextStep : bool { kAtOnce, kWaits };
  static double hold(double wanted, double limit, SizeStatus status, double now_seconds, double step_seconds,
                     NextStep next, Held& held);
  void size_cpu(const SizingContext& context, double now_seconds, RightSize& size);
  void size_memory(const SizingContext& context, double now_seconds, RightSize& size);
  Held cpu_;
  Held memory_;
};

inline constexpr double kMiB = 1048576;

/// Up to the next multiple of 0.05 cores; at least 0.05.
double round_cores(double cores);
/// Up to the next multiple of 16 MiB.
double round_memory(double bytes);
/// No CPU limit above this gives more, and engines refuse one above the host's: the CPUs that it may run on,
/// or its limit where that is more. Infinite when no number of CPUs is known.
double most_useful_cores(double limit, const Evidence& evidence, const HostEvidence& host);
/// The limit that a raise offers, in bytes: one step above `limit`, or the recommended size where that is
/// more.
double raised_memory_limit(double limit, double recommended, const JudgementParameters& parameters);
/// A process of it was killed within the time that kills count, for another reason than the host's or a
/// parent's memory, and no limit was changed since.
bool killed_at_this_limit(const Evidence& evidence, const EventFacts& events,
                          const RecommendationParameters& parameters);

}  // namespace bottleneck
