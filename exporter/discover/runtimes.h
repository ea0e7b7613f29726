// Which cgroup paths are containers, and what the path alone tells of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/model/container.h"

namespace bottleneck {

/// One recognised form of a path. To add a runtime, add a row to the table in runtimes.cpp.
struct PathRule {
  Runtime runtime;
  /// The last components of a path, '/' between them. In a component one placeholder may stand:
  ///   <id>    64 hexadecimal digits: the runtime's id
  ///   <name>  any text: the id is this name
  ///   <any>   any text, not kept
  /// A pattern that starts with '/' is the whole path.
  std::string_view pattern;
  /// The runtime may have put the container's processes and limits into a child called `container`: see
  /// kSubgroup.
  bool subgroup = false;
};

/// crun asks systemd for the scope and then manages a child of it by itself, because systemd delegates only
/// what is below a unit. Every process of the container is in that child and crun writes every limit there;
/// on the scope systemd sets at most memory.max, pids.max, the CPU quota and weight, and in older versions
/// not even these. The counters that are not hierarchical (nr_throttled, throttled_usec) move where the quota
/// ran out. So where the child exists it is the directory to read; runc makes no such child and its scope is
/// read.
inline constexpr std::string_view kSubgroup = "container";

struct PathMatch {
  Runtime runtime = Runtime::kCgroup;
  std::string id;
  std::string pod_uid;             ///< Kubernetes, with '-'; empty otherwise
  unsigned owner = 0;              ///< user id when the path lies below user-<uid>.slice
  const PathRule* rule = nullptr;  ///< the row that fitted; never null in a match
};

/// The container that a cgroup path ("/docker/<id>", relative to its hierarchy) stands for; nothing when it
/// is none. Children of a container match only when they are containers themselves (nested engines).
std::optional<PathMatch> recognise_path(std::string_view path);

/// All rows, most specific first.
std::span<const PathRule> path_rules();

/// True when ids of this runtime are its own and unique on the host, so that a source can be asked for them;
/// false where the id is only a name (units, plain cgroups, LXC, nspawn).
constexpr bool has_runtime_id(Runtime runtime) {
  return runtime != Runtime::kLxc && runtime != Runtime::kNspawn && runtime != Runtime::kSystemd &&
         runtime != Runtime::kCgroup;
}

/// User id of the `user-<uid>.slice` that the path lies in; 0 for none.
unsigned owner_of_path(std::string_view path);
/// Kubernetes pod uid of a `pod<uid>` or `...-pod<uid>.slice` component; empty for none.
std::string pod_uid_of_path(std::string_view path);
/// systemd's escapes in unit names: "\x2d" is '-'.
std::string unescape_unit(std::string_view text);

}  // namespace bottleneck
