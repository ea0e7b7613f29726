// The explicit list: an object that registers itself in a static library registers nothing.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck {

const std::array<const Advice*, kAdviceCount>& advice_catalogue() {
  static const std::array<const Advice*, kAdviceCount> all = {{
#define ADVICE(id, name, type, title) &advice::id,
#include "exporter/model/advice.def"
#undef ADVICE
  }};
  return all;
}

}  // namespace bottleneck
