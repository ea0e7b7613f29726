// Regular expressions from the configuration, without exceptions.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

/// A compiled POSIX extended regular expression (regex(7)) that has to fit a whole text, as Prometheus' own
/// do.
class Pattern {
 public:
  /// kInvalid with what is wrong. The empty expression fits nothing.
  static Result<Pattern> compile(const std::string& expression);
  [[nodiscard]] bool fits(std::string_view text) const;
  [[nodiscard]] bool empty() const { return regex_ == nullptr; }

  Pattern() = default;

 private:
  std::shared_ptr<const regex_t> regex_;
};

}  // namespace bottleneck
