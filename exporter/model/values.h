// Numbers of one thing (a container, a device, an interface, the host), by catalogue row. Absent is not zero.
#pragma once

#include <array>
#include <cmath>
#include <limits>

#include "exporter/base/result.h"  // before kAbsent below: ErrorCode has one too
#include "exporter/model/catalogue.h"

namespace bottleneck {

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
inline bool is_present(double value) { return !std::isnan(value); }
/// Two absent ones are the same.
inline bool differs(double one, double other) {
  return is_present(one) && is_present(other) ? one < other || one > other
                                              : is_present(one) != is_present(other);
}

/// One number a row of `scope`; a NaN is "absent", no kernel number is one.
template <Scope scope>
class Values {
 public:
  static constexpr FieldRange kRange = fields_of(scope);

  Values() { clear(); }
  void clear() { numbers_.fill(kAbsent); }
  [[nodiscard]] double get(Field field) const { return numbers_[index_of(field) - kRange.first]; }
  [[nodiscard]] bool has(Field field) const { return is_present(get(field)); }
  [[nodiscard]] double get_or(Field field, double fallback) const {
    return has(field) ? get(field) : fallback;
  }
  void set(Field field, double value) { numbers_[index_of(field) - kRange.first] = value; }
  void unset(Field field) { set(field, kAbsent); }

 private:
  std::array<double, kRange.count> numbers_{};
};

using ContainerValues = Values<Scope::kContainer>;
using DeviceValues = Values<Scope::kDevice>;
using InterfaceValues = Values<Scope::kInterface>;
using HostValues = Values<Scope::kHost>;
using HostDeviceValues = Values<Scope::kHostDevice>;

}  // namespace bottleneck
