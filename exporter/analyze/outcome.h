// What became of recommendations that were followed: looked at some time after a change of limits or image.
#pragma once

#include <array>
#include <bitset>
#include <vector>

#include "exporter/analyze/advice/book.h"

namespace bottleneck {

class OutcomeWatch {
 public:
  OutcomeWatch() { changed_seconds_.fill(kAbsent); }
  /// Looks for changes of limits and image while recommendations are given, and settles those that are due.
  /// The resources whose limits changed at this tick.
  std::bitset<kResourceCount> update(const Evidence& evidence, const Judgement& judgement,
                                     const AdviceBook& book, const RecommendationParameters& parameters,
                                     double now_seconds, Outcomes& outcomes);
  /// Since a limit of each resource was last seen to be another one; absent: never.
  [[nodiscard]] std::array<double, kResourceCount> seconds_since(double now_seconds) const;

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
    std::size_t io_of = 0;  ///< device, direction and unit of that limit
    double weight = kAbsent;
    double image_changed = kAbsent;
  };
  void watch(const Judgement& judgement, Resource resource, bool all, double due);
  static Outcome settle(const Pending& pending, const Judgement& judgement, const AdviceBook& book);

  Limits limits_;
  bool known_ = false;
  std::array<double, kResourceCount> changed_seconds_;
  std::vector<Pending> pending_;
};

}  // namespace bottleneck
