#include "exporter/discovery.h"

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/discover/cgroup_layout.h"

namespace bottleneck {
namespace {

std::string first_line(const std::string& path) {
  const auto text = read_file(path, 4096);
  return text ? std::string(trim(*text)) : std::string();
}

InventoryOptions inventory_options(const ValidConfig& config) {
  InventoryOptions options;
  options.name_wait_seconds = config.discovery.name_wait_seconds;
  options.max_containers = config.discovery.max_containers;
  options.stopped_keep_hours = config.discovery.stopped_keep_hours;
  options.stopped_max = config.discovery.stopped_max;
  options.labels = {config.engine.label_allow_list, config.engine.team_label};
  return options;
}

std::string state_path(const ValidConfig& config, std::string_view name) {
  return config.storage.path.empty() ? std::string() : join_path(config.storage.path, name);
}

}  // namespace

Result<std::unique_ptr<Discovery>> Discovery::create(const ValidConfig& config, const Clock& clock) {
  CgroupLayout layout = detect_cgroup_layout(config.paths.cgroupfs);
  CgroupTreeOptions options;
  options.cgroups = config.discovery.cgroups;
  options.systemd_units = config.discovery.systemd_units;
  auto tree = CgroupTree::create(layout, options);
  if (!tree) return tree.error();
  return std::unique_ptr<Discovery>(new Discovery(config, clock, std::move(layout), std::move(*tree)));
}

Discovery::Discovery(const ValidConfig& config, const Clock& clock, CgroupLayout layout,
                     std::unique_ptr<CgroupTree> tree)
    : config_(config),
      clock_(clock),
      layout_(std::move(layout)),
      tree_(std::move(tree)),
      names_(state_path(config, "names.json")),
      inventory_(inventory_options(config), names_) {
  read_host_info();
}

void Discovery::read_host_info() {
  HostInfo info;
  info.hostname = first_line(join_path(config_.paths.procfs, "sys/kernel/hostname"));
  info.kernel = first_line(join_path(config_.paths.procfs, "sys/kernel/osrelease"));
  info.machine_id = first_line(join_path(config_.paths.rootfs, "etc/machine-id"));
  info.cgroup_version = layout_.version;
  if (!host_info_ || info != *host_info_) host_info_ = std::make_shared<const HostInfo>(std::move(info));
}

std::int64_t Discovery::next_due_ns() const {
  const auto interval_ns = static_cast<std::int64_t>(config_.discovery.rescan_seconds * 1e9);
  return std::min(rescan_ns_ + interval_ns, inventory_.next_due_ns());
}

bool Discovery::update(std::int64_t now_ns) {
  bool changed = tree_->drain();
  wake_.clear();
  const auto interval_ns = static_cast<std::int64_t>(config_.discovery.rescan_seconds * 1e9);
  const bool rescan = rescan_ns_ == 0 || now_ns - rescan_ns_ >= interval_ns;
  if (rescan) {
    rescan_ns_ = now_ns;
    tree_->scan();
    changed = true;
  }
  if (changed) ++refs_version_;
  update_inventory(now_ns);
  return changed;
}

void Discovery::update_inventory(std::int64_t now_ns) {
  InventoryInput input;
  input.refs = tree_->containers();
  input.refs_version = refs_version_;
  input.sources = sources_;
  input.now_ns = now_ns;
  input.unix_seconds = clock_.unix_seconds();
  const InventoryChange& change = inventory_.update(input);
  if (change.added.empty() && change.removed.empty() && change.updated.empty()) return;
  by_name_.clear();
  inventory_.for_each([&](std::size_t slot, const InventoryEntry&) { by_name_.push_back(slot); });
  std::sort(by_name_.begin(), by_name_.end(), [&](std::size_t one, std::size_t other) {
    return inventory_.entry(one).identity->name < inventory_.entry(other).identity->name;
  });
}

void Discovery::after_sync(Fleet&, std::int64_t) {}

ContainerParts Discovery::parts_of(const InventoryEntry& entry, Fleet& fleet) const {
  ContainerParts parts;
  parts.identity = entry.identity;
  parts.runtime = entry.runtime.get();
  parts.tracked = fleet.find(entry.ref.path.empty() ? entry.ref.id : entry.ref.path);
  return parts;
}

void Discovery::fill_collector(CollectorState& state) const { state.enabled = !config_.engine.hosts.empty(); }

}  // namespace bottleneck
