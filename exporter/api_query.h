// Parameters of /api/v1/: each known, given once, in range.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"
#include "exporter/expose/http_message.h"

namespace bottleneck {

class ApiQuery {
 public:
  /// kInvalid with a sentence that names what is wrong: a parameter that is none of `known`, one given twice,
  /// escapes that cannot be decoded.
  static Result<ApiQuery> parse(std::string_view query, const std::vector<std::string_view>& known);

  /// Null when it was not given.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  /// `value` unchanged when it was not given; kInvalid when it is no number from `least` to `most`.
  Status take_number(std::string_view name, double least, double most, double& value) const;
  /// The same for whole numbers.
  Status take_count(std::string_view name, std::uint64_t least, std::uint64_t most,
                    std::uint64_t& value) const;

 private:
  explicit ApiQuery(QueryParameters parameters) : parameters_(std::move(parameters)) {}
  QueryParameters parameters_;
};

}  // namespace bottleneck
