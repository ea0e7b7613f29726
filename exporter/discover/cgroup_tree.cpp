#include "exporter/discover/cgroup_tree.h"

#include <algorithm>
#include <array>

#include "exporter/base/file.h"
#include "exporter/base/log.h"
#include "exporter/discover/runtimes.h"

namespace bottleneck {
namespace {

// A nested node of a rootless engine is 11 deep; a tree may be made arbitrarily deep by whoever owns a part
// of it.
constexpr auto kMaxDepth = 24;
constexpr std::uint64_t kLeafLinks = 2;
constexpr std::array kUnitSuffixes = {std::string_view(".service"), std::string_view(".scope"),
                                      std::string_view(".slice"), std::string_view(".socket")};

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_unit(std::string_view name) {
  return std::any_of(kUnitSuffixes.begin(), kUnitSuffixes.end(),
                     [&](auto suffix) { return name.ends_with(suffix); });
}

/// Roots in the order they are tried; on v2 there is one.
std::vector<std::string> candidate_roots(const CgroupLayout& layout) {
  std::vector<std::string> roots;
  const auto add = [&](const std::string& root) {
    if (!root.empty() && std::find(roots.begin(), roots.end(), root) == roots.end()) roots.push_back(root);
  };
  add(layout.root(Controller::kMemory));
  add(layout.root(Controller::kCpu));
  add(layout.root(Controller::kPids));
  add(layout.root(Controller::kCpuacct));
  add(layout.root(Controller::kUnified));
  if (!layout.is_v2() && !roots.empty()) {
    const std::string systemd = join_path(roots.front().substr(0, roots.front().rfind('/')), "systemd");
    if (path_exists(systemd)) add(systemd);
  }
  return roots;
}

}  // namespace

Result<std::unique_ptr<CgroupTree>> CgroupTree::create(const CgroupLayout& layout,
                                                       const CgroupTreeOptions& options) {
  auto cgroups = Pattern::compile(options.cgroups);
  if (!cgroups) return Error{ErrorCode::kInvalid, "discovery.cgroups: " + cgroups.error().message};
  auto units = Pattern::compile(options.systemd_units);
  if (!units) return Error{ErrorCode::kInvalid, "discovery.systemd_units: " + units.error().message};
  std::unique_ptr<CgroupTree> tree(new CgroupTree);
  tree->options_ = options;
  tree->cgroups_ = *cgroups;
  tree->units_ = *units;
  tree->candidates_ = candidate_roots(layout);
  if (!tree->candidates_.empty()) tree->root_ = tree->candidates_.front();
  auto watcher = DirectoryWatcher::create();
  if (watcher) {
    tree->watcher_ = std::move(*watcher);
  } else {
    log(LogLevel::kWarn, "directories cannot be watched, containers are found by rescans only",
        {{"error", watcher.error().message}});
  }
  return tree;
}

const std::vector<CgroupRef>& CgroupTree::scan() {
  if (root_.empty()) return containers_;
  scan_root();
  if (containers_.empty() && candidates_.size() > 1) look_elsewhere();
  return containers_;
}

bool CgroupTree::drain() {
  if (!watcher_) return false;
  changed_ = false;
  overflowed_ = false;
  watcher_->drain([this](const WatchEvent& event) { apply(event); });
  if (overflowed_) {
    log_limited("cgroup-watch-overflow", LogLevel::kInfo,
                "too many cgroups came and went at once, looking at all");
    const std::vector<CgroupRef> before = containers_;
    scan();
    return containers_ != before;
  }
  if (changed_) publish();
  return changed_;
}

/// Nothing where we look: on v1 an engine may use only some hierarchies (memory can be switched off at boot).
void CgroupTree::look_elsewhere() {
  for (const std::string& candidate : candidates_) {
    if (candidate == root_) continue;
    CgroupTree probe;
    probe.options_ = options_;
    probe.cgroups_ = cgroups_;
    probe.units_ = units_;
    probe.root_ = candidate;
    probe.scan_root();
    if (probe.containers_.empty()) continue;
    log(LogLevel::kInfo, "containers are found in another cgroup hierarchy", {{"hierarchy", candidate}});
    forget_all();
    root_ = candidate;
    scan_root();
    return;
  }
}

void CgroupTree::scan_root() {
  ++generation_;
  changed_ = false;
  watches_short_ = false;
  visit("", false, false);
  for (auto node = nodes_.begin(); node != nodes_.end();) {
    if (node->second.generation == generation_) {
      ++node;
      continue;
    }
    if (node->second.container) changed_ = true;
    drop_watch(node->second);
    node = nodes_.erase(node);
  }
  if (changed_) publish();
}

void CgroupTree::forget_all() {
  for (auto& [path, node] : nodes_) drop_watch(node);
  nodes_.clear();
}

/// `fresh`: it was just made, and what belongs to it may still be on its way.
void CgroupTree::visit(const std::string& path, bool inside, bool fresh) {
  if (std::count(path.begin(), path.end(), '/') > kMaxDepth) return;
  if (nodes_.size() >= options_.max_directories && !nodes_.contains(path)) {
    log_limited("cgroup-tree-full", LogLevel::kWarn,
                "more cgroups than are looked at; some containers may be missed",
                {{"limit", std::to_string(options_.max_directories)}, {"path", path}});
    return;
  }
  auto match = path.empty() ? std::nullopt : recognise_path(path);
  Node& node = nodes_[path];
  node.generation = generation_;
  node.inside = inside || match.has_value();
  // Watched before it is looked at, so that nothing made in between is lost.
  const bool may_grow = match && match->rule->subgroup && fresh;
  if (!node.inside || may_grow) set_watch(path, node, true);
  const auto identity = stat_file(root_ + path);
  if (!identity) {
    forget_tree(path);
    return;
  }
  const bool has_children = identity->links != kLeafLinks;
  std::optional<CgroupRef> found;
  if (match) {
    found = CgroupRef{.runtime = match->runtime,
                      .id = std::move(match->id),
                      .path = path,
                      .owner = match->owner,
                      .pod_uid = std::move(match->pod_uid)};
    if (match->rule->subgroup && has_children && has_subgroup(path))
      found->path += "/" + std::string(kSubgroup);
  } else {
    found = identify_by_pattern(path, inside);
  }
  if (found) found->inode = identity->inode;
  if (node.container != found) {
    node.container = std::move(found);
    changed_ = true;
  }
  if (node.inside && !may_grow) set_watch(path, node, has_children);
  if (has_children) visit_children(path, node.inside, fresh);
}

void CgroupTree::visit_children(const std::string& path, bool inside, bool fresh) {
  const auto entries = list_directory(root_ + path);
  if (!entries) return;  // gone in between: its parent's watch tells
  for (const DirectoryEntry& entry : *entries) {
    if (entry.is_directory) visit(path + "/" + entry.name, inside, fresh);
  }
}

bool CgroupTree::has_subgroup(const std::string& path) const {
  return path_exists(root_ + path + "/" + std::string(kSubgroup));
}

std::optional<CgroupRef> CgroupTree::identify_by_pattern(const std::string& path, bool inside) const {
  if (path.empty()) return std::nullopt;
  const std::string_view name = last_component(path);
  // Units inside a container are its own business.
  if (!inside && !units_.empty() && is_unit(name) && units_.fits(name)) {
    return CgroupRef{.runtime = Runtime::kSystemd,
                     .id = std::string(name),
                     .path = path,
                     .owner = owner_of_path(path),
                     .pod_uid = {}};
  }
  if (cgroups_.fits(path)) {
    return CgroupRef{
        .runtime = Runtime::kCgroup, .id = path, .path = path, .owner = owner_of_path(path), .pod_uid = {}};
  }
  return std::nullopt;
}

void CgroupTree::set_watch(const std::string& path, Node& node, bool wanted) {
  if (!wanted) {
    drop_watch(node);
    return;
  }
  if (!watcher_) return;
  if (node.watch < 0 && watched_.size() >= options_.max_watches) {
    watches_short_ = true;
    log_limited("cgroup-watch-limit", LogLevel::kWarn,
                "more cgroups than are watched; containers in the others are found by rescans",
                {{"limit", std::to_string(options_.max_watches)}}, true);
    return;
  }
  // Adding again costs one call and finds out whether the directory is still the one that was watched.
  const auto watch = watcher_->add(root_ + path);
  if (!watch) {
    if (watch.error().code != ErrorCode::kAbsent) {
      watches_short_ = true;
      log_limited("cgroup-watch-failed", LogLevel::kWarn, "a cgroup cannot be watched; rescans serve",
                  {{"error", watch.error().message}});
    }
    drop_watch(node);
    return;
  }
  if (node.watch != *watch) drop_watch(node);
  node.watch = *watch;
  watched_[*watch] = path;
}

void CgroupTree::drop_watch(Node& node) {
  if (node.watch < 0 || !watcher_) return;
  watcher_->remove(node.watch);
  watched_.erase(node.watch);
  node.watch = -1;
}

void CgroupTree::forget_tree(const std::string& path) {
  const auto forget = [this](auto node) {
    if (node->second.container) changed_ = true;
    drop_watch(node->second);
    return nodes_.erase(node);
  };
  if (const auto own = nodes_.find(path); own != nodes_.end()) forget(own);
  const std::string prefix = path + "/";
  for (auto node = nodes_.lower_bound(prefix); node != nodes_.end() && node->first.starts_with(prefix);) {
    node = forget(node);
  }
}

void CgroupTree::apply(const WatchEvent& event) {
  if (event.kind == WatchEventKind::kOverflow) {
    overflowed_ = true;
    return;
  }
  const auto watched = watched_.find(event.watch);
  if (watched == watched_.end()) return;  // of a watch that we ended
  const std::string parent = watched->second;
  const auto node = nodes_.find(parent);
  if (event.kind == WatchEventKind::kEnded) {
    watched_.erase(watched);
    if (node != nodes_.end()) node->second.watch = -1;
    return;
  }
  const std::string child = parent + "/" + std::string(event.name);
  if (event.kind == WatchEventKind::kRemoved) {
    // Not when it is kSubgroup: its parent goes next, and would only seem to change its path before.
    forget_tree(child);
    return;
  }
  if (node == nodes_.end()) return;
  forget_tree(child);  // one of that name that went unnoticed
  visit(child, node->second.inside, true);
  auto& container = node->second.container;
  if (event.name != kSubgroup || !container || container->path != parent) return;
  if (const auto match = recognise_path(parent); match && match->rule->subgroup) {
    container->path = child;
    changed_ = true;
  }
}

void CgroupTree::publish() {
  ++version_;
  containers_.clear();
  std::unordered_map<std::string_view, const CgroupRef*> first;
  const auto depth = [](const CgroupRef& ref) { return std::count(ref.path.begin(), ref.path.end(), '/'); };
  // Two cgroups with one id: a container that can make cgroups may pose as another, but never above its own.
  for (const auto& [path, node] : nodes_) {
    if (!node.container || !has_runtime_id(node.container->runtime)) continue;
    const auto [found, added] = first.emplace(node.container->id, &*node.container);
    if (!added && depth(*node.container) < depth(*found->second)) found->second = &*node.container;
  }
  for (const auto& [path, node] : nodes_) {
    if (!node.container) continue;
    if (has_runtime_id(node.container->runtime) && first.at(node.container->id) != &*node.container) {
      log_limited("cgroup-double-id", LogLevel::kWarn,
                  "two cgroups with one container id, the outer one is taken", {{"ignored", path}});
      continue;
    }
    containers_.push_back(*node.container);
  }
}

}  // namespace bottleneck
