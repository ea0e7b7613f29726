#include "exporter/window/demand_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/window/demand_reading.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostRecords = 100'000;
constexpr std::int64_t kReadingNs = static_cast<std::int64_t>(DemandHistory::kReadingSeconds) * kSecondNs;

void set_image(DemandRecord& record, std::string_view image_id, double unix_seconds) {
  if (image_id.empty() || record.image_id == image_id) return;
  if (record.image_id.empty()) {  // the first one that is known is the one that ran all along
    record.image_id = image_id;
    return;
  }
  auto present = std::make_unique<DemandHistory>(std::move(record.now));
  record.now = record.before != nullptr && record.before_image_id == image_id ? std::move(*record.before)
                                                                              : DemandHistory{};
  record.before = std::move(present);
  record.before_image_id = std::exchange(record.image_id, std::string(image_id));
  record.image_since_unix = unix_seconds;
}

void write_record(const std::string& name, const DemandRecord& record, StateWriter& writer) {
  writer.put_text(name);
  writer.put_text(record.image_id);
  writer.put(record.seen_unix);
  writer.put(record.image_since_unix);
  record.now.write(writer);
  writer.put(static_cast<std::uint8_t>(record.before != nullptr ? 1 : 0));
  if (record.before == nullptr) return;
  writer.put_text(record.before_image_id);
  record.before->write(writer);
}

}  // namespace

std::string DemandStore::path() const {
  return config_.path.empty() ? std::string() : join_path(config_.path, "demand.bin");
}

Status DemandStore::load() {
  if (path().empty()) return ErrorCode::kAbsent;
  const auto most = static_cast<std::size_t>(config_.sketches_most_megabytes) << 20U;
  const auto bytes = load_saved_state(path(), kKind, most);
  if (!bytes) return bytes.error();
  Status parsed = parse(*bytes);
  if (!parsed) return set_state_aside(path(), parsed.error().message);
  return parsed;
}

Status DemandStore::parse(std::string_view bytes) {
  StateReader reader(bytes);
  while (!reader.at_end() && records_.size() < kMostRecords) {
    auto record = std::make_unique<DemandRecord>();
    std::string name = reader.get_text();
    record->image_id = reader.get_text();
    record->seen_unix = reader.get<double>();
    record->image_since_unix = reader.get<double>();
    record->now.read(reader);
    if (reader.get<std::uint8_t>() != 0) {
      record->before_image_id = reader.get_text();
      record->before = std::make_unique<DemandHistory>();
      record->before->read(reader);
    }
    if (reader.failed() || name.empty() || !(record->seen_unix >= 0)) {
      records_.clear();
      return Error{ErrorCode::kMalformed, "a record makes no sense"};
    }
    records_[std::move(name)] = std::move(record);
  }
  return ok();
}

std::string DemandStore::serialise() const {
  std::vector<std::pair<const std::string*, const DemandRecord*>> order;
  order.reserve(records_.size());
  for (const auto& [name, record] : records_) order.emplace_back(&name, record.get());
  std::sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
    return one.second->seen_unix > other.second->seen_unix;
  });
  const auto most = static_cast<std::size_t>(config_.sketches_most_megabytes) << 20U;
  StateWriter writer;
  for (const auto& [name, record] : order) {
    const std::size_t before = writer.size();
    write_record(*name, *record, writer);
    if (writer.size() <= most) continue;
    writer.rewind(before);
    break;
  }
  return writer.take();
}

void DemandStore::follow(const Subject& subject, const JudgementParameters& parameters, Evidence& evidence) {
  const double now = evidence.unix_seconds;
  const auto found = records_.find(subject.name);
  DemandRecord* kept = found == records_.end() ? nullptr : found->second.get();
  const std::int64_t last_ns = kept == nullptr ? 0 : kept->reading_ns;
  if (evidence.has_cgroup && evidence.now_ns - last_ns >= kReadingNs) {
    kept = &record(subject.name, subject.image_id, now);
    kept->reading_ns = evidence.now_ns;
    kept->now.add(demand_reading(evidence, parameters), now, static_cast<double>(evidence.now_ns) * 1e-9);
  }
  if (kept == nullptr) return;
  evidence.demand = &kept->now.summary(now, parameters);
  evidence.minutes = kept->now.minutes();
  if (kept->before != nullptr) evidence.minutes_before = kept->before->minutes();
}

void DemandStore::note_kill(std::string_view name, double age_seconds, double unix_seconds) {
  const auto found = records_.find(name);
  if (found != records_.end()) found->second->now.note_kill(age_seconds, unix_seconds);
}

DemandRecord& DemandStore::record(std::string_view name, std::string_view image_id, double unix_seconds) {
  const auto found = records_.find(name);
  std::unique_ptr<DemandRecord>* slot = found == records_.end() ? nullptr : &found->second;
  if (slot == nullptr) {
    slot = &records_.emplace(std::string(name), std::make_unique<DemandRecord>()).first->second;
  }
  DemandRecord& record = **slot;
  record.seen_unix = unix_seconds;
  set_image(record, image_id, unix_seconds);
  return record;
}

const DemandRecord* DemandStore::find(std::string_view name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : found->second.get();
}

void DemandStore::forget_old(double unix_seconds) {
  std::erase_if(records_,
                [&](const auto& item) { return unix_seconds - item.second->seen_unix > kForgetSeconds; });
}

}  // namespace bottleneck
