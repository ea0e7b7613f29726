#include "exporter/discover/events/oom_line.h"

namespace bottleneck {

std::optional<std::string_view> parse_oom_line(std::string_view text) {
  constexpr std::string_view kMark = "oom-kill:";
  constexpr std::string_view kMemcg = ",task_memcg=";
  constexpr std::string_view kTask = ",task=";
  constexpr std::string_view kOldMark = "Task in ";
  constexpr std::string_view kOldEnd = " killed as a result of limit of ";
  std::string_view path;
  if (text.starts_with(kMark)) {
    const std::size_t begin = text.find(kMemcg);
    if (begin == std::string_view::npos) return std::nullopt;
    path = text.substr(begin + kMemcg.size());
    path = path.substr(0, path.find(kTask));
  } else if (text.starts_with(kOldMark)) {
    const std::size_t end = text.find(kOldEnd);
    if (end == std::string_view::npos || end < kOldMark.size()) return std::nullopt;
    path = text.substr(kOldMark.size(), end - kOldMark.size());
  }
  if (!path.starts_with('/')) return std::nullopt;
  return path;
}

}  // namespace bottleneck
