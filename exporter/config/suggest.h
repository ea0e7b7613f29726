// "Did you mean": the nearest of the words that would have been right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bottleneck {

/// The candidate with the fewest edits from `word`, if that is few for its length; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// `, did you mean "x"?` or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

/// Text from outside for a message: in single quotes, on one line, at most about 60 characters.
std::string shown(std::string_view text);

}  // namespace bottleneck
