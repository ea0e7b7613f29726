// Text for a terminal: nothing from outside may move its cursor, colour it or turn its direction.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bottleneck {

inline constexpr std::size_t kTerminalColumns = 80;

/// Control characters (newlines too), marks that change the direction of text and what is no UTF-8 become
/// U+FFFD.
std::string plain(std::string_view text);

/// `text` as lines of at most kTerminalColumns code points, each with a newline: `first` before the first
/// line, as many blanks before the others. Breaks at blanks only; a longer word stays whole.
std::string wrapped(std::string_view text, std::string_view first = {});

/// Lines of a command or a file, each behind `indent`, unbroken, for copying.
std::string verbatim(std::string_view text, std::string_view indent);

/// "2023-11-14 22:13:20 UTC"; empty for an absent time or one out of range.
std::string utc_text(double unix_seconds);

}  // namespace bottleneck
