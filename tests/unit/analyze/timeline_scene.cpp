#include "tests/unit/analyze/timeline_scene.h"

#include <cmath>
#include <sstream>

#include "exporter/analyze/policy.h"
#include "exporter/config/schema.h"

namespace bottleneck {
namespace {

constexpr double kStartUnix = 1'700'000'000 - 1'700'000'000 % 86400;

const FieldInfo* row_of(const std::string& id) {
  for (const FieldInfo& info : catalogue()) {
    if (info.id == id) return &info;
  }
  return nullptr;
}
Field field_of(const FieldInfo& info) { return static_cast<Field>(&info - catalogue().data()); }

template <class List>
auto& named(List& list, const std::string& name,
            std::string std::remove_reference_t<decltype(list[0])>::*member) {
  for (auto& item : list) {
    if (item.*member == name) return item;
  }
  list.emplace_back();
  list.back().*member = name;
  return list.back();
}

DeviceSample& device(Member& member, const std::string& name) {
  DeviceSample& found = named(member.sample.devices, name, &DeviceSample::device);
  for (const Field field :
       {Field::io_read_bytes, Field::io_written_bytes, Field::io_reads, Field::io_writes}) {
    if (!found.values.has(field)) found.values.set(field, 0);  // the kernel counts all four
  }
  return found;
}

InterfaceSample& interface(Member& member, const std::string& name) {
  return named(member.sample.interfaces, name, &InterfaceSample::interface);
}

}  // namespace

double parse_value(std::string text) {
  if (text == "-") return kAbsent;
  static const std::map<std::string, double> kUnits = {
      {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"k", 1e3},   {"M", 1e6},  {"G", 1e9},
      {"s", 1},       {"m", 60},         {"h", 3600},          {"d", 86400}, {"%", 0.01}, {"", 1}};
  std::size_t end = 0;
  double value = 0;
  try {
    value = std::stod(text, &end);
  } catch (const std::exception&) {
    throw Bad{"no number: " + text};
  }
  const auto unit = kUnits.find(text.substr(end));
  if (unit == kUnits.end()) throw Bad{"unknown unit in " + text};
  return value * unit->second;
}

std::pair<std::string, std::string> split_word(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) throw Bad{"no value in " + word};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

Scene::Scene() {
  set_host("cpus=4");
  set_host("memory=8Gi");
}

Scene::Motion Scene::parse_motion(std::string text) {
  Motion motion;
  motion.grows = text.starts_with("+");
  if (motion.grows) text.erase(0, 1);
  const std::size_t open = text.find('(');
  if (open == std::string::npos) {
    const double value = parse_value(text);
    motion.at = [value](double) { return value; };
    return motion;
  }
  std::vector<double> arguments;
  std::istringstream list(text.substr(open + 1, text.size() - open - 2));
  for (std::string item; std::getline(list, item, ',');) arguments.push_back(parse_value(item));
  const std::string kind = text.substr(0, open);
  if (kind == "wave" && arguments.size() == 3) {
    motion.at = [a = arguments](double t) { return std::fmod(t, a[2]) < a[2] / 2 ? a[0] : a[1]; };
  } else if (kind == "saw" && arguments.size() == 3) {
    motion.at = [a = arguments](double t) { return a[0] + (a[1] - a[0]) * std::fmod(t, a[2]) / a[2]; };
  } else if (kind == "noise" && arguments.size() == 2) {
    motion.at = [a = arguments, this](double) {
      return std::max(0.0, std::normal_distribution<double>(a[0], a[1])(random_));
    };
  } else {
    throw Bad{"unknown motion " + text};
  }
  return motion;
}

/// `where` gives the values that hold the row.
template <class Where>
Scene::Target Scene::target_in(Where where, Field field) {
  return {[where, field] { return where().get(field); },
          [where, field](double value) { where().set(field, value); }};
}

void Scene::set_host(const std::string& word) {
  if (word == "v1") {
    is_v2_ = false;
    return;
  }
  const auto [key, value] = split_word(word);
  if (key == "driver") {
    driver_ = value;
  } else if (key == "cpus") {
    host_.set(Field::host_cpus, parse_value(value));
    move("host_cpu_busy", "+0");
  } else if (key == "memory") {
    host_.set(Field::host_memory_total, parse_value(value));
    host_.set(Field::host_memory_available, 0.7 * parse_value(value));
  } else {
    throw Bad{"unknown " + key};
  }
}

void Scene::set_config(const std::string& word) {
  const auto [key, value] = split_word(word);
  for (const SchemaRow& row : schema()) {
    if (row.key != key) continue;
    const std::string wrong = store_value(row, {value}, config_);
    if (!wrong.empty()) throw Bad{wrong};
    return;
  }
  throw Bad{"unknown key " + key};
}

void Scene::add_container(const std::vector<std::string>& rest) {
  name_ = rest.at(0);
  Member& made = members_[name_];
  Identity identity;
  identity.name = name_;
  identity.id = std::string(64, 'a');
  identity.runtime = Runtime::kDocker;
  RuntimeInfo info;
  info.name = name_;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const auto [key, value] = split_word(rest[i]);
    if (key == "runtime") {
      identity.runtime = value == "podman" ? Runtime::kPodman : Runtime::kSystemd;
    } else if (key.starts_with("label:")) {
      info.labels[key.substr(6)] = value;
    } else {
      identity.info.emplace_back(key, value);
    }
  }
  made.subject = make_subject(identity, &info, {is_v2_, "/sys/fs/cgroup/slice/" + name_, "", "", ""});
  // What every container has.
  for (const char* word :
       {"cpu_usage=+0.05", "cpu_effective_limit=4", "memory_usage=64Mi", "memory_unreclaimable=32Mi",
        "memory_effective_limit=8Gi", "pressure_cpu_some=+0", "pressure_memory_some=+0",
        "pressure_memory_full=+0", "pressure_io_some=+0", "pressure_io_full=+0"}) {
    set(word);
  }
  made.told.set(Field::start_time, kStartUnix + now_);
  made.told.set(Field::state_running, 1);
}

Member& Scene::member() {
  if (members_.find(name_) == members_.end()) throw Bad{"no container yet"};
  return members_[name_];
}

void Scene::set(const std::string& word) {
  if (word.starts_with("@")) {
    name_ = word.substr(1);
    member();
    return;
  }
  const auto [key, value] = split_word(word);
  if (key == "image_id") {
    member().subject.image_id = value;
    return;
  }
  move(key, value);
}

void Scene::move(const std::string& key, const std::string& value) {
  const bool of_host = key.starts_with("host");
  const std::string slot = (of_host ? "" : name_ + "/") + key;
  Moving moving{parse_motion(value), now_, target_of(key)};
  if (!moving.motion.grows) {
    moving.target.set(moving.motion.at(0));
  } else if (!is_present(moving.target.get())) {
    moving.target.set(0);
  }
  moving_[slot] = std::move(moving);
}

Scene::Target Scene::target_of(const std::string& key) {
  if (key.starts_with("extras.")) return extra_of(key.substr(7));
  std::vector<std::string> parts;
  std::istringstream text(key);
  for (std::string part; std::getline(text, part, '.');) parts.push_back(part);
  if (parts.size() == 3 && parts[0] == "hostdev" && parts[2] == "moved_bytes") {
    const auto moved = [this, name = parts[1]]() -> double& {
      return named(host_devices_, name, &HostDeviceSample::device).moved_bytes;
    };
    return {moved, [moved](double value) { moved() = value; }};
  }
  const FieldInfo* info = row_of(parts.back());
  if (info == nullptr) throw Bad{"no row " + key};
  const Field field = field_of(*info);
  if (info->scope == Scope::kHost) return target_in([this]() -> HostValues& { return host_; }, field);
  if (parts.size() == 3 && parts[0] == "hostdev") {
    return target_in(
        [this, name = parts[1]]() -> HostDeviceValues& {
          return named(host_devices_, name, &HostDeviceSample::device).values;
        },
        field);
  }
  Member* at = &member();
  if (parts.size() == 3 && parts[0] == "device") {
    return target_in([at, name = parts[1]]() -> DeviceValues& { return device(*at, name).values; }, field);
  }
  if (parts.size() == 3 && parts[0] == "net") {
    return target_in([at, name = parts[1]]() -> InterfaceValues& { return interface(*at, name).values; },
                     field);
  }
  if (info->scope != Scope::kContainer) throw Bad{"of a device or an interface: " + key};
  if (info->cadence == Cadence::kEvent) {
    return target_in([at]() -> ContainerValues& { return at->told; }, field);
  }
  return target_in([at]() -> ContainerValues& { return at->sample.values; }, field);
}

Scene::Target Scene::extra_of(const std::string& key) {
  static const std::map<std::string, double Extras::*> kExtras = {{"busiest_thread", &Extras::busiest_thread},
                                                                  {"memory_delay", &Extras::memory_delay},
                                                                  {"io_delay", &Extras::io_delay},
                                                                  {"blocked", &Extras::blocked},
                                                                  {"image_bytes", &Extras::image_bytes},
                                                                  {"image_layers", &Extras::image_layers}};
  const auto found = kExtras.find(key);
  if (found == kExtras.end()) throw Bad{"unknown extra " + key};
  Extras* extras = &member().extras;
  const auto which = found->second;
  return {[extras, which] { return extras->*which; },
          [extras, which](double value) { extras->*which = value; }};
}

void Scene::restart() {
  Member& again = member();
  again.history = History();
  again.live = true;
  again.told.set(Field::start_time, kStartUnix + now_);
  for (const Field field : {Field::cpu_usage, Field::memory_oom_kills, Field::cpu_throttled}) {
    if (again.sample.values.has(field)) again.sample.values.set(field, 0);
  }
}

void Scene::advance(double seconds, double interval, const std::function<void()>& after_tick) {
  if (pipeline_ == nullptr) pipeline_ = std::make_unique<Pipeline>(config_);
  for (double done = 0; done < seconds - 1e-9; done += interval) {
    now_ += interval;
    for (auto& [slot, moving] : moving_) {
      const double value = moving.motion.at(now_ - moving.since);
      moving.target.set(moving.motion.grows ? moving.target.get() + value * interval : value);
    }
    const auto now_ns = static_cast<std::int64_t>((now_ + 1000) * 1e9);
    for (auto& [name, each] : members_) {
      each.sample.pulse_ns = now_ns;
      if (now_ns - each.sample.detail_ns >= 10 * kSecondNs) each.sample.detail_ns = now_ns;
    }
    pipeline_->host().is_v2 = is_v2_;
    pipeline_->host().storage_driver = driver_;
    pipeline_->tick(now_ns, kStartUnix + now_, host_, host_devices_, members_);
    after_tick();
  }
}

const Judgement& Scene::judgement() {
  const Judgement* found = pipeline_ == nullptr ? nullptr : pipeline_->judge().find(name_);
  if (found == nullptr) throw Bad{"not judged"};
  return *found;
}

}  // namespace bottleneck
