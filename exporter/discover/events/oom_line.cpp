#include "exporter/discover/events/oom_line.h"

namespace bottleneck {
namespace {

/// What stands between `begin` and `end` (or the end of the text); empty without `begin`.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

}  // namespace

std::optional<OomLine> parse_oom_line(std::string_view text) {
  constexpr std::string_view kMark = "oom-kill:";
  constexpr std::string_view kMemcg = ",task_memcg=";
  constexpr std::string_view kOldMark = "Task in ";
  constexpr std::string_view kOldEnd = " killed as a result of limit of ";
  OomLine line;
  if (text.starts_with(kMark)) {
    const std::string_view head = text.substr(0, text.find(kMemcg));
    line.path = between(text, kMemcg, ",task=");
    line.limit = between(head, ",oom_memcg=", kMemcg);
    // The name of a cpuset stands before it: only what ends the head is the kernel's word.
    line.host = line.limit.empty() && head.ends_with(",global_oom");
  } else if (text.starts_with(kOldMark)) {
    const std::size_t end = text.find(kOldEnd);
    if (end == std::string_view::npos || end < kOldMark.size()) return std::nullopt;
    line.path = text.substr(kOldMark.size(), end - kOldMark.size());
    line.limit = text.substr(end + kOldEnd.size());
  }
  if (!line.path.starts_with('/')) return std::nullopt;
  if (!line.limit.starts_with('/')) line.limit = {};
  return line;
}

}  // namespace bottleneck
