#include "exporter/config/suggest.h"

#include <algorithm>
#include <cstddef>

#include "exporter/base/utf8.h"

namespace bottleneck {
namespace {

constexpr std::size_t kLongestWord = 64;  // longer ones are no typing errors, and the cost is quadratic

/// Levenshtein distance; two neighbours in the wrong order count as one edit.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 4) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    const std::size_t distance = edits(word, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view best = nearest(word, candidates);
  return best.empty() ? std::string() : ", did you mean \"" + std::string(best) + "\"?";
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::string out = "'";
  while (!text.empty()) {
    if (out.size() > kMost) return out + "...'";
    const std::size_t length = utf8_sequence(text);
    const auto byte = static_cast<unsigned char>(text.front());
    const bool printable = length > 1 || (length == 1 && byte >= 0x20 && byte != 0x7f);
    if (printable) {
      out += text.substr(0, length);
    } else if (byte == '\n') {
      out += "\\n";
    } else {
      static constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out + "'";
}

}  // namespace bottleneck
