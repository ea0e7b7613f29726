// The one dominant cause: ordered tests, the first that holds decides.
#pragma once

#include <string_view>

#include "exporter/analyze/signals.h"

namespace bottleneck {

struct CategoryContext {
  const SignalContext& signals;
  const Signals& readings;  ///< over 60 s
  const std::array<float, kResourceCount>& scores;
  float memory_z = kNoRate;  ///< of unreclaimable memory against the 10 min before
  float memory_growth = kNoRate;
  Category previous = Category::kNone;
};

struct CategoryChoice {
  Category category = Category::kNone;
  CategoryTest test = CategoryTest::kNotJudged;
  float score = 0;                    ///< of the category
  Signal signal = Signal::kCpuQuota;  ///< that speaks for it
  bool io_induced = false;
  bool memory_induced = false;
  std::string_view induced_by{};  ///< what makes that score harmless, or a consequence; a literal
};

CategoryChoice choose_category(const CategoryContext& context);

}  // namespace bottleneck
