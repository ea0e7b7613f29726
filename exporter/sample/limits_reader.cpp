#include "exporter/sample/limits_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/sample/parsers/cgroup_files.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostAncestors = 4096;

/// The tighter of two limits, either of which may be absent.
double tighter(double one, double other) {
  if (!is_present(one)) return other;
  return is_present(other) ? std::min(one, other) : one;
}

/// Converts v1 shares (2 to 262144, default 1024) to a v2 weight (1 to 10000, default 100) as runc 1.3 and
/// crun 1.23 do: least, default and most map to each other. The linear formula before them made 39 of the
/// default.
double weight_of_shares(double shares) {
  if (!is_present(shares)) return kAbsent;
  const double log = std::log2(std::clamp(shares, 2.0, 262144.0));
  return std::ceil(std::pow(10, (log * log + 125 * log) / 612 - 7.0 / 34) - 1e-9);
}

SingleNumber number_of(const Result<std::string_view>& text, SingleNumber (*parse)(std::string_view)) {
  return text ? parse(*text) : SingleNumber{};
}

SingleNumber as_limit(std::string_view text) { return parse_single_number(text, Unit::kLimit); }

/// Reads the limits of one cgroup through `text_of(controller, file)`.
template <class TextOf>
CgroupLimits read_limits(bool is_v2, TextOf&& text_of, bool& malformed) {
  CgroupLimits limits;
  const auto take = [&](double& target, SingleNumber number) {
    target = number.value;
    malformed |= number.malformed;
  };
  if (is_v2) {
    take(limits.cpu_quota, number_of(text_of(Controller::kUnified, "cpu.max"), parse_cpu_max));
    take(limits.cpuset_cpus,
         number_of(text_of(Controller::kUnified, "cpuset.cpus.effective"), parse_cpu_list));
    take(limits.memory, number_of(text_of(Controller::kUnified, "memory.max"), as_limit));
    return limits;
  }
  const Result<std::string_view> quota_text = text_of(Controller::kCpu, "cpu.cfs_quota_us");
  if (quota_text) {
    const std::string quota(*quota_text);  // the buffer is reused by the next reading
    const Result<std::string_view> period = text_of(Controller::kCpu, "cpu.cfs_period_us");
    if (period) take(limits.cpu_quota, parse_cfs_quota(quota, *period));
  }
  take(limits.cpuset_cpus, number_of(text_of(Controller::kCpuset, "cpuset.effective_cpus"), parse_cpu_list));
  if (!is_present(limits.cpuset_cpus)) {
    take(limits.cpuset_cpus, number_of(text_of(Controller::kCpuset, "cpuset.cpus"), parse_cpu_list));
  }
  take(limits.memory, number_of(text_of(Controller::kMemory, "memory.limit_in_bytes"), as_limit));
  return limits;
}

}  // namespace

void LimitsReader::begin_pass() {
  ++pass_;
  // Entries are read over, not made anew; those of slices that went are dropped when they pile up.
  if (ancestors_.size() > kMostAncestors) ancestors_.clear();
}

/// From the hierarchy's root, kept open: a controller that lacks this cgroup is asked again in each pass, and
/// neither a path nor the text of an error is made for that.
Result<FileDescriptor> LimitsReader::open_ancestor(const CgroupLayout& layout, Controller controller,
                                                   const std::string& path) {
  FileDescriptor& root = roots_[static_cast<std::size_t>(controller)];
  if (!root.valid()) {
    const std::string& root_path = layout.root(controller);
    if (root_path.empty()) return ErrorCode::kAbsent;
    auto opened = open_directory(root_path);
    if (!opened) return opened.error();
    root = std::move(*opened);
  }
  return open_directory_at(root.get(), path.c_str() + 1);  // without its leading '/'
}

const CgroupLimits& LimitsReader::ancestor(ReadContext& context, std::string_view path) {
  auto known = ancestors_.find(path);
  if (known == ancestors_.end()) known = ancestors_.emplace(path, Ancestor{}).first;
  if (known->second.pass == pass_) return known->second.limits;
  known->second.pass = pass_;
  bool malformed = false;
  const auto text_of = [&](Controller controller, const char* name) -> Result<std::string_view> {
    FileDescriptor& directory = known->second.directories[static_cast<std::size_t>(controller)];
    for (const bool reopened : {false, true}) {
      if (directory.valid()) {
        auto text = context.buffer.read_at(directory.get(), name);
        if (text || reopened) return text;
      }
      // Not open yet, or a directory that was removed and made again.
      auto opened = open_ancestor(context.layout, controller, known->first);
      if (!opened) return opened.error();
      directory = std::move(*opened);
    }
    return ErrorCode::kAbsent;
  };
  known->second.limits = read_limits(context.layout.is_v2(), text_of, malformed);
  if (malformed) context.cells.note(Collector::kCpu, ErrorCode::kMalformed, path, "limits of an ancestor");
  // Its use is in another hierarchy of v1: opened with the first reading, kept with the others.
  if (!context.layout.is_v2() && is_present(known->second.limits.cpu_quota))
    static_cast<void>(text_of(Controller::kCpuacct, "cpuacct.usage").has_value());
  return known->second.limits;
}

QuotaReading LimitsReader::read_quota(ReadContext& context, const Ancestor& ancestor) {
  QuotaReading reading;
  reading.limit_cores = ancestor.limits.cpu_quota;
  const bool v2 = context.layout.is_v2();
  const auto directory = [&](Controller controller) {
    return ancestor.directories[static_cast<std::size_t>(v2 ? Controller::kUnified : controller)].get();
  };
  if (const auto text = context.buffer.read_at(directory(Controller::kCpu), "cpu.stat")) {
    const QuotaStat stat = parse_cpu_stat_quota(*text);
    reading.periods = stat.periods;
    reading.throttled_periods = stat.throttled_periods;
    reading.throttled_seconds = stat.throttled_seconds;
    reading.usage_seconds = stat.usage_seconds;
  }
  if (v2) return reading;
  const FileDescriptor& kept = ancestor.directories[static_cast<std::size_t>(Controller::kCpuacct)];
  if (!kept.valid()) return reading;
  if (const auto text = context.buffer.read_at(kept.get(), "cpuacct.usage"))
    reading.usage_seconds = parse_single_number(*text, Unit::kNanoseconds).value;
  return reading;
}

const std::vector<AncestorQuota>& LimitsReader::read_quotas(ReadContext& context) {
  quotas_.clear();
  // Passes begin with the details of the host; a container's limits, and with them its ancestors', are read
  // more rarely.
  const SamplingConfig& sampling = context.config->sampling;
  const auto kept = static_cast<std::uint64_t>(sampling.limits_seconds / sampling.detail_seconds) + 2;
  for (auto& [path, ancestor] : ancestors_) {
    if (ancestor.pass + kept < pass_) continue;  // no container below it any more
    if (is_present(ancestor.limits.cpu_quota)) quotas_.push_back({path, read_quota(context, ancestor)});
  }
  return quotas_;
}

void LimitsReader::read(ReadContext& context, ContainerReader& reader, double host_cpus, double host_memory) {
  read_flat_limits(context, reader);
  ContainerValues& values = reader.sample.values;
  const MetricsConfig& metrics = context.config->metrics;
  bool malformed = false;
  const auto text_of = [&](Controller controller, const char* name) {
    return read_own_file(context, reader, controller, name, Collector::kCpu);
  };
  const CgroupLimits own = read_limits(context.layout.is_v2(), text_of, malformed);
  if (malformed) context.cells.note(Collector::kCpu, ErrorCode::kMalformed, reader.ref.id, "limits");

  double cpu = tighter(own.cpu_quota, tighter(own.cpuset_cpus, host_cpus));
  double memory = tighter(own.memory, host_memory);
  for (std::size_t slash = reader.ref.path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = reader.ref.path.rfind('/', slash - 1)) {
    const CgroupLimits& above = ancestor(context, std::string_view(reader.ref.path).substr(0, slash));
    cpu = tighter(cpu, tighter(above.cpu_quota, above.cpuset_cpus));
    memory = tighter(memory, above.memory);
  }
  if (metrics.enabled(Collector::kCpu)) {
    values.set(Field::cpu_limit, own.cpu_quota);
    values.set(Field::cpuset_cpus, own.cpuset_cpus);
    values.set(Field::cpu_effective_limit, cpu);
    if (!context.layout.is_v2()) {
      const SingleNumber shares = number_of(text_of(Controller::kCpu, "cpu.shares"), as_limit);
      values.set(Field::cpu_weight, weight_of_shares(shares.value));
    }
  }
  if (metrics.enabled(Collector::kMemory)) {
    values.set(Field::memory_effective_limit, memory);
    if (!context.layout.is_v2()) {
      // v1 limits memory and swap together.
      const SingleNumber both =
          number_of(text_of(Controller::kMemory, "memory.memsw.limit_in_bytes"), as_limit);
      values.set(Field::memory_swap_limit, both.value - own.memory);
    }
  }
}

}  // namespace bottleneck
