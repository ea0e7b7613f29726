// The cgroup tree decides who exists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/base/pattern.h"
#include "exporter/base/result.h"
#include "exporter/base/watch.h"
#include "exporter/model/cgroup_layout.h"
#include "exporter/model/container.h"

namespace bottleneck {

struct CgroupTreeOptions {
  std::string cgroups;        ///< a regular expression that fits whole paths ("/batch/.*"); empty: none
  std::string systemd_units;  ///< one that fits whole unit names ("nginx\\.service"); empty: none
  std::size_t max_watches = 8192;
  /// Directories looked at; containers that may write their own cgroups can make any number.
  std::size_t max_directories = 65536;
};

/// The containers of one hierarchy: the v2 mount, or on v1 the first of memory, cpu, pids, cpuacct, unified
/// and systemd that has any. Not thread safe; the owner polls fd(), calls drain() when it is readable and
/// scan() now and then. Every directory that can become a container's parent is watched, so that a container
/// is seen with its mkdir. Inside a container only directories that have children are (a nested engine is
/// found by the next scan).
class CgroupTree {
 public:
  /// kInvalid with the reason when an expression cannot be compiled.
  static Result<std::unique_ptr<CgroupTree>> create(const CgroupLayout& layout,
                                                    const CgroupTreeOptions& options);

  /// Looks at everything; the net below the watches. Costs one stat a container and one listing a parent.
  const std::vector<CgroupRef>& scan();
  /// Applies what has happened since the last call; never waits. True when containers() changed.
  bool drain();
  /// Sorted by path; ids of runtimes are unique (of two cgroups with one id the one nearer to the root is
  /// it). `inode` is the runtime's directory, also where `path` is its child kSubgroup.
  [[nodiscard]] const std::vector<CgroupRef>& containers() const { return containers_; }
  /// Differs whenever containers() may.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  /// Readable when drain() has work; -1 without inotify, then only scan() finds anything.
  [[nodiscard]] int fd() const { return watcher_ ? watcher_->fd() : -1; }
  /// False: some directories are not watched (limit reached), and only scan() finds what appears in them.
  [[nodiscard]] bool fully_watched() const { return watcher_.has_value() && !watches_short_; }
  [[nodiscard]] std::size_t watch_count() const { return watched_.size(); }
  /// The hierarchy read; empty when there is none.
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  struct Node {
    int watch = -1;
    std::uint64_t generation = 0;
    bool inside = false;  ///< what is below lies in a container
    std::optional<CgroupRef> container;
  };

  CgroupTree() = default;
  void look_elsewhere();
  void scan_root();
  void forget_all();
  void visit(const std::string& path, bool inside, bool fresh);
  void visit_children(const std::string& path, bool inside, bool fresh);
  [[nodiscard]] bool has_subgroup(const std::string& path) const;
  [[nodiscard]] std::optional<CgroupRef> identify_by_pattern(const std::string& path, bool inside) const;
  void set_watch(const std::string& path, Node& node, bool wanted);
  void drop_watch(Node& node);
  void forget_tree(const std::string& path);
  void apply(const WatchEvent& event);
  void publish();

  std::vector<std::string> candidates_;  ///< roots that may be the one
  std::string root_;
  Pattern cgroups_;
  Pattern units_;
  CgroupTreeOptions options_;
  std::optional<DirectoryWatcher> watcher_;
  std::map<std::string, Node> nodes_;  ///< by path; the root is ""
  std::unordered_map<int, std::string> watched_;
  std::vector<CgroupRef> containers_;
  std::uint64_t generation_ = 0;
  std::uint64_t version_ = 1;
  bool watches_short_ = false;
  bool overflowed_ = false;
  bool changed_ = false;
};

}  // namespace bottleneck
