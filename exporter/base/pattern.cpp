// GCC 12 sees an uninitialised std::function inside <regex> when it instruments the code for sanitizers (bug
// 105562); the warning comes from the inlined header, so it is silenced for this small file.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "exporter/base/pattern.h"

namespace bottleneck {
namespace {

// libstdc++ matches recursively: a text without bound could use up the stack. No cgroup path or unit is
// longer.
constexpr std::size_t kLongestText = 4096;

}  // namespace

Result<Pattern> Pattern::compile(const std::string& expression) {
  Pattern pattern;
  if (expression.empty()) return pattern;
  try {
    pattern.regex_ =
        std::make_shared<const std::regex>(expression, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    return Error{ErrorCode::kInvalid, "regular expression '" + expression + "': " + error.what()};
  }
  return pattern;
}

bool Pattern::fits(std::string_view text) const {
  if (!regex_ || text.size() > kLongestText) return false;
  try {
    return std::regex_match(text.begin(), text.end(), *regex_);
  } catch (const std::regex_error&) {
    return false;  // too complex for this text: no match is the safe answer
  }
}

}  // namespace bottleneck
