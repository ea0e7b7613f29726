#include "exporter/discover/cgroup_layout.h"

#include <string_view>
#include <vector>

#include "exporter/base/file.h"

namespace bottleneck {
namespace {

constexpr std::string_view kV2Mark = "cgroup.controllers";

/// "cpu,cpuacct" mounts both; the kernel and distributions write either order.
bool names_controller(std::string_view directory, std::string_view controller) {
  while (!directory.empty()) {
    const std::size_t comma = directory.find(',');
    if (directory.substr(0, comma) == controller) return true;
    directory.remove_prefix(comma == std::string_view::npos ? directory.size() : comma + 1);
  }
  return false;
}

std::string find_hierarchy(const std::string& cgroupfs, const std::vector<DirectoryEntry>& entries,
                           std::string_view controller) {
  std::string combined;
  for (const DirectoryEntry& entry : entries) {
    if (!entry.is_directory && !entry.is_link) continue;
    if (!names_controller(entry.name, controller)) continue;
    std::string path = join_path(cgroupfs, entry.name);
    if (!open_directory(path)) continue;  // a dangling link
    if (entry.name == controller) return path;
    combined = path;
  }
  return combined;
}

}  // namespace

CgroupLayout detect_cgroup_layout(const std::string& cgroupfs) {
  CgroupLayout layout;
  if (path_exists(join_path(cgroupfs, kV2Mark))) {
    layout.version = CgroupVersion::kV2;
    layout.roots.fill(cgroupfs);
    return layout;
  }
  const auto entries = list_directory(cgroupfs);
  if (!entries) return layout;
  for (std::size_t i = 0; i < kControllerCount; ++i) {
    const auto controller = static_cast<Controller>(i);
    if (controller == Controller::kUnified) continue;
    layout.roots[i] = find_hierarchy(cgroupfs, *entries, name_of(controller));
    if (!layout.roots[i].empty()) layout.version = CgroupVersion::kV1;
  }
  const std::string unified = join_path(cgroupfs, "unified");
  if (!path_exists(join_path(unified, kV2Mark))) return layout;
  if (layout.version == CgroupVersion::kNone) {
    // No controller is bound to v1: everything lives in the v2 mount, only its place is unusual.
    layout.version = CgroupVersion::kV2;
    layout.roots.fill(unified);
    return layout;
  }
  layout.version = CgroupVersion::kHybrid;
  layout.roots[static_cast<std::size_t>(Controller::kUnified)] = unified;
  return layout;
}

}  // namespace bottleneck
