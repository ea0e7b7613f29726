// Numbers as people read them. For texts only: everything allocates.
#pragma once

#include <string>
#include <string_view>

namespace bottleneck::advice {

/// So many digits after the point, but no trailing zeros and no exponent; `value` is finite.
std::string decimal(double value, int decimals);
/// "25 %", "2.5 %", "0.04 %"
std::string percent(double share);
/// "0.75 CPUs", "1 CPU"
std::string cores(double value);
/// "512 MiB", "1.5 GiB"
std::string bytes(double value);
/// "5 MiB/s"
std::string byte_rate(double value);
/// "40 s", "12 min", "3 h 20 min", "2 d 4 h"
std::string duration(double seconds);
/// "3.5", "1200"
std::string number(double value);
/// "3 times", "once"
std::string times(double count);
/// "<what> for 10 min."
std::string lasting(std::string_view what, double seconds);
/// A name from outside within a sentence: quoted, control characters and broken UTF-8 replaced, shortened.
std::string in_quotes(std::string_view name);

}  // namespace bottleneck::advice
