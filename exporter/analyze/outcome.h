// What became of recommendations that were followed: looked at some time after a change of limits or image.
#pragma once

#include <bitset>
#include <vector>

#include "exporter/analyze/advice/book.h"

namespace bottleneck {

class OutcomeWatch {
 public:
  /// Looks for changes of limits and image while recommendations are given, and settles those that are due.
  /// The resources whose limits changed at this tick.
  std::bitset<kResourceCount> update(const Evidence& evidence, const Judgement& judgement,
                                     const AdviceBook& book, const RecommendationParameters& parameters,
                                     double now_seconds, Outcomes& outcomes);
  /// When a limit of CPU, memory or tasks was last seen to be another one; absent: never.
  [[nodiscard]] double changed_seconds() const { return changed_seconds_; }

 private:
  struct Pending {
    AdviceId id = AdviceId::kCount;
    float score = 0;
    double due_seconds = 0;
  };
  struct Limits {
    double cpu = kAbsent;
    double memory = kAbsent;
    double pids = kAbsent;
    double io = kAbsent;
    double weight = kAbsent;
    double image_changed = kAbsent;
  };
  void watch(const Judgement& judgement, Resource resource, bool all, double due);
  static Outcome settle(const Pending& pending, const Judgement& judgement, const AdviceBook& book);

  Limits limits_;
  bool known_ = false;
  double changed_seconds_ = kAbsent;
  std::vector<Pending> pending_;
};

}  // namespace bottleneck
