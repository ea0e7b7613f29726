// Regular expressions from the configuration, without exceptions.
#pragma once

#include <memory>
#include <regex>
#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

/// A compiled ECMAScript expression that has to fit a whole text, as Prometheus' own do.
class Pattern {
 public:
  /// kInvalid with what is wrong. The empty expression fits nothing.
  static Result<Pattern> compile(const std::string& expression);
  [[nodiscard]] bool fits(std::string_view text) const;
  [[nodiscard]] bool empty() const { return regex_ == nullptr; }

  Pattern() = default;

 private:
  std::shared_ptr<const std::regex> regex_;
};

}  // namespace bottleneck
