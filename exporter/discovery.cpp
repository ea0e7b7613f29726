#include "exporter/discovery.h"

#include <algorithm>

#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/discover/cgroup_layout.h"

namespace bottleneck {
namespace {

// A name that was decided is on disk soon, and a burst of starts is one write.
constexpr std::int64_t kSaveIntervalNs = 5 * kSecondNs;

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

Result<std::unique_ptr<Discovery>> Discovery::create(const ValidConfig& config, const Clock& clock,
                                                     const OnRequest& on_request) {
  CgroupLayout layout = detect_cgroup_layout(config.paths.cgroupfs);
  CgroupTreeOptions options;
  options.cgroups = config.discovery.cgroups;
  options.systemd_units = config.discovery.systemd_units;
  auto tree = CgroupTree::create(layout, options);
  if (!tree) return tree.error();
  return std::unique_ptr<Discovery>(
      new Discovery(config, clock, std::move(layout), std::move(*tree), on_request));
}

Discovery::Discovery(const ValidConfig& config, const Clock& clock, CgroupLayout layout,
                     std::unique_ptr<CgroupTree> tree, const OnRequest& on_request)
    : config_(config),
      clock_(clock),
      layout_(std::move(layout)),
      tree_(std::move(tree)),
      names_(state_path(config, "names.json")),
      inventory_(inventory_options(config), names_) {
  DiskNamesOptions disk;
  disk.rootfs = config.paths.rootfs;
  disk.docker_roots = config.discovery.docker_roots;
  disk.podman_storages = config.discovery.podman_storages;
  disk.labels = {config.engine.label_allow_list, config.engine.team_label};
  housekeeper_ = std::make_unique<Housekeeper>(std::move(disk), clock, [this] { wake_.signal(); });
  start_events();
  start_engines(on_request);
  take_source_states();
  read_host_info();
}

Discovery::~Discovery() {
  for (const auto& engine : engines_) engine->stop();
  const double now = clock_.unix_seconds();
  if (names_.dirty()) housekeeper_->write_later(names_.path(), NameStore::kVersion, names_.take_changes(now));
  if (events_ && !events_->path().empty()) {
    housekeeper_->write_later(events_->path(), EventCounters::kVersion,
                              events_->take_changes(now, /*last=*/true));
  }
}

void Discovery::start_events() {
  if (!config_.metrics.enabled(Collector::kEvents)) return;
  EventCounters::Options options;
  options.path = state_path(config_, "events.json");
  options.now = clock_.unix_seconds();
  options.boot_id = read_boot_id(config_.paths.procfs);
  // The kernel checks the permission when the log is opened.
  options.kernel_log = open_stream(config_.paths.kernel_log).has_value();
  const bool follow = options.kernel_log;
  events_ = std::make_unique<EventCounters>(std::move(options));
  if (!follow) return;
  auto kernel_log = KernelOomFollower::follow(*events_, config_.paths.kernel_log);
  if (kernel_log) kernel_log_.emplace(std::move(*kernel_log));
}

void Discovery::start_engines(const OnRequest& on_request) {
  for (const std::string& host : config_.engine.hosts) {
    EngineOptions options;
    options.endpoint = {host, config_.engine.tls_ca, config_.engine.tls_cert, config_.engine.tls_key};
    options.labels = {config_.engine.label_allow_list, config_.engine.team_label};
    options.timeout_seconds = config_.engine.timeout_seconds;
    EngineSource::Callbacks callbacks;
    callbacks.wake = [this] { wake_.signal(); };
    callbacks.on_request = [this, on_request](std::string_view endpoint, double seconds, bool good) {
      if (!good) ++engine_errors_;
      if (on_request) on_request(endpoint, seconds, good);
    };
    auto engine = EngineSource::create(std::move(options), std::move(callbacks));
    if (!engine) {
      ++engine_errors_;
      log(LogLevel::kError, "engine not asked", {{"host", host}, {"error", engine.error().message}});
      continue;
    }
    (*engine)->start();
    engines_.push_back(std::move(*engine));
  }
}

bool Discovery::take_source_states() {
  engine_states_.resize(engines_.size());
  for (std::size_t i = 0; i < engines_.size(); ++i) engine_states_[i] = engines_[i]->state();
  std::vector<SourceStatePtr> states(engine_states_.begin(), engine_states_.end());
  if (housekeeper_->looked()) {
    const std::vector<SourceStatePtr> disk = housekeeper_->disk_states();
    states.insert(states.end(), disk.begin(), disk.end());
  } else {
    // A moment after the start: names are waited for, as the disk may still tell them.
    auto unread = std::make_shared<SourceState>();
    unread->source = "disk";
    unread->may_tell = true;
    states.push_back(std::move(unread));
  }
  if (states == sources_) return false;
  sources_ = std::move(states);
  return true;
}

void Discovery::keep_house(std::int64_t now_ns) {
  if (inventory_.waiting() > 0 && now_ns - look_asked_ns_ >= kSecondNs) {
    look_asked_ns_ = now_ns;
    housekeeper_->look_again();
  }
  if (now_ns - saved_ns_ < kSaveIntervalNs) return;
  saved_ns_ = now_ns;
  const double now = clock_.unix_seconds();
  if (names_.dirty()) housekeeper_->write_later(names_.path(), NameStore::kVersion, names_.take_changes(now));
  if (events_ && events_->dirty()) {
    housekeeper_->write_later(events_->path(), EventCounters::kVersion,
                              events_->take_changes(now, /*last=*/false));
  }
}

void Discovery::read_host_info() {
  HostInfo info;
  info.hostname = first_line(join_path(config_.paths.procfs, "sys/kernel/hostname"));
  info.kernel = first_line(join_path(config_.paths.procfs, "sys/kernel/osrelease"));
  info.machine_id = first_line(join_path(config_.paths.rootfs, "etc/machine-id"));
  info.cgroup_version = layout_.version;
  for (const EngineStatePtr& engine : engine_states_) {
    if (engine->engine.empty()) continue;
    info.engine = engine->engine;
    info.engine_version = engine->engine_version;
    info.storage_driver = engine->storage_driver;
    break;  // with several engines the first of the configuration speaks for the host
  }
  if (!host_info_ || info != *host_info_) host_info_ = std::make_shared<const HostInfo>(std::move(info));
}

std::int64_t Discovery::next_due_ns() const {
  const auto interval_ns = static_cast<std::int64_t>(config_.discovery.rescan_seconds * 1e9);
  return std::min(rescan_ns_ + interval_ns, inventory_.next_due_ns());
}

Discovery::Changes Discovery::update(std::int64_t now_ns) {
  Changes changes;
  changes.refs = tree_->drain();
  if (wake_.clear() && take_source_states()) read_host_info();
  const auto interval_ns = static_cast<std::int64_t>(config_.discovery.rescan_seconds * 1e9);
  if (rescan_ns_ == 0 || now_ns - rescan_ns_ >= interval_ns) {
    rescan_ns_ = now_ns;
    tree_->scan();
    changes.refs = true;
  }
  if (changes.refs) ++refs_version_;
  const double now = clock_.unix_seconds();
  if (events_) observe_events(now);
  changes.containers = update_inventory(now_ns);
  if (events_ && changes.containers) name_events(now);
  if (events_) events_->settle(now);
  keep_house(now_ns);
  return changes;
}

// The order is that of EventCounters: cgroups and the kernel log first, then what the sources say.
void Discovery::observe_events(double now) {
  events_->observe_cgroups(tree_->containers(), refs_version_, now);
  if (kernel_log_) kernel_log_->drain(*events_, clock_);
  for (const auto& engine : engines_) {
    for (const ContainerFact& fact : engine->take_facts()) events_->apply(fact, now);
  }
  // With an engine the disk only repeats, in other words, what the engine says.
  for (const ContainerFact& fact : housekeeper_->take_facts()) {
    if (engines_.empty()) events_->apply(fact, now);
  }
}

void Discovery::name_events(double now) {
  for (const std::size_t slot : updated_) {
    const InventoryEntry& entry = inventory_.entry(slot);
    // Without a cgroup and an id of a runtime it has no events to come.
    if (!entry.identity || subject_key(entry.ref).empty()) continue;
    events_->named(subject_key(entry.ref), entry.identity->name, now);
    if (!entry.runtime || !entry.live) continue;
    const RuntimeInfo& runtime = *entry.runtime;
    const std::string& image = runtime.image_id.empty() ? runtime.image : runtime.image_id;
    if (!image.empty()) events_->image(entry.identity->name, image, runtime.started.value_or(now));
  }
}

bool Discovery::update_inventory(std::int64_t now_ns) {
  InventoryInput input;
  input.refs = tree_->containers();
  input.refs_version = refs_version_;
  input.sources = sources_;
  input.now_ns = now_ns;
  input.unix_seconds = clock_.unix_seconds();
  const InventoryChange& change = inventory_.update(input);
  if (change.empty()) return false;
  updated_ = change.added;
  updated_.insert(updated_.end(), change.updated.begin(), change.updated.end());
  fleet_generation_ = 0;  // to be looked up anew
  return true;
}

void Discovery::fill_collector(CollectorState& state) const {
  state.enabled = !config_.engine.hosts.empty();
  state.supported = !engines_.empty();
  state.success = engines_.size() == config_.engine.hosts.size();
  for (const EngineStatePtr& engine : engine_states_) state.success &= engine->ok;
  state.errors[static_cast<std::size_t>(ReadErrorReason::kUnavailable)] = engine_errors_;
}

}  // namespace bottleneck
