// GCC 12 sees an uninitialised std::function inside <regex> when it instruments the code for sanitizers (bug
// 105562); the warning comes from the inlined header, so it is silenced for this small file.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "exporter/base/pattern.h"

#include <array>

namespace bottleneck {
namespace {

// No cgroup path or unit is longer, and matching may take time that grows with the text.
constexpr std::size_t kLongestText = 4096;

}  // namespace

Result<Pattern> Pattern::compile(const std::string& expression) {
  Pattern pattern;
  if (expression.empty()) return pattern;
  auto* const compiled = new regex_t{};
  // Compiled as it stands first: "a)|(b" must not become valid by our parentheses.
  int error = regcomp(compiled, expression.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error == 0) {
    regfree(compiled);
    error = regcomp(compiled, ("^(" + expression + ")$").c_str(), REG_EXTENDED | REG_NOSUB);
  }
  if (error != 0) {
    std::array<char, 128> reason{};
    regerror(error, compiled, reason.data(), reason.size());
    delete compiled;
    return Error{ErrorCode::kInvalid, reason.data()};
  }
  pattern.regex_ = std::shared_ptr<const regex_t>(compiled, [](const regex_t* regex) {
    auto* const owned = const_cast<regex_t*>(regex);
    regfree(owned);
    delete owned;
  });
  return pattern;
}

bool Pattern::fits(std::string_view text) const {
  if (!regex_ || text.size() > kLongestText || text.find('\0') != std::string_view::npos) return false;
  return regexec(regex_.get(), std::string(text).c_str(), 0, nullptr, 0) == 0;
}

}  // namespace bottleneck
