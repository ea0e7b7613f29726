#include "exporter/replay/series.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

using What = ReplayColumn::What;

constexpr std::int64_t kStartNs = 1000 * kSecondNs;  // 0 means "never" elsewhere
constexpr double kMostTime = 1e11;                   // the calendar in seconds; milliseconds are beyond it
constexpr double kMostLeap = 400 * 86400.0;          // a damaged time must not silence all that follows
constexpr double kMostSpan = 3e9;
constexpr double kSweepSeconds = 3600;
constexpr double kForgetSeconds = 86400;
constexpr std::size_t kLongestName = 1000;

/// The values of a device or an interface of a list of samples, made when they are new.
template <class Samples, class Name>
auto& values_of(Samples& samples, const std::string& name, Name member) {
  for (auto& sample : samples) {
    if (sample.*member == name) return sample.values;
  }
  auto& made = samples.emplace_back();
  made.*member = name;
  return made.values;
}

}  // namespace

ReplaySeries::ReplaySeries(const ValidConfig& config, std::vector<ReplayColumn> columns, Judged judged,
                           Judged last)
    : columns_(std::move(columns)),
      judged_(std::move(judged)),
      last_(std::move(last)),
      pipeline_(config),
      has_pulse_columns_(std::any_of(columns_.begin(), columns_.end(), is_pulse)),
      cells_(columns_.size()) {}

bool ReplaySeries::has_column(Field field) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const ReplayColumn& column) { return column.field == field; });
}

std::int64_t ReplaySeries::to_ns(double time) const {
  return kStartNs + static_cast<std::int64_t>((time - first_) * 1e9);
}

std::optional<ReplayMistake> ReplaySeries::check_time() const {
  if (row_time_ > kMostTime) return ReplayMistake{1, "time is counted in seconds; this looks like less"};
  if (row_time_ < 0) return ReplayMistake{1, "time is negative"};
  if (!is_present(time_)) return std::nullopt;
  if (row_time_ < time_) return ReplayMistake{1, "time goes back: sort the rows by time"};
  if (row_time_ - time_ > kMostLeap || row_time_ - first_ > kMostSpan)
    return ReplayMistake{1, "time leaps too far ahead"};
  return std::nullopt;
}

std::optional<ReplayMistake> ReplaySeries::take_cell(std::size_t index, const std::string& text) {
  const ReplayColumn& column = columns_[index];
  const std::string_view word = trim(text);
  Cell& cell = cells_[index];
  if (column.what == What::kContainer) {
    name_ = text;
    if (name_.empty() || name_.size() > kLongestName)
      return ReplayMistake{1, "a row needs the name of a container, of at most 1000 bytes"};
  } else if (column.what == What::kImage) {
    if (text.size() > kLongestName) return ReplayMistake{1, "the image id is too long"};
    image_ = text;
  } else if (column.what == What::kRuntime) {
    runtime_ = runtime_named(word);
    if (!runtime_ && !word.empty()) return ReplayMistake{1, shown(word) + " is no runtime"};
  } else if (column.what != What::kTime && (word.empty() || word == "none")) {
    cell = {word.empty() ? Cell::State::kEmpty : Cell::State::kNone, kAbsent};
  } else {
    const auto number = parse_replay_number(word);
    if (!number) return ReplayMistake{1, shown(word) + " is no number"};
    if (column.what == What::kTime) {
      row_time_ = *number;
      return check_time();
    }
    if (const std::string_view wrong = wrong_with(column, *number); !wrong.empty())
      return ReplayMistake{1, std::string(wrong)};
    cell = {Cell::State::kNumber, *number};
  }
  return std::nullopt;
}

std::optional<ReplayMistake> ReplaySeries::parse(std::string_view line) {
  std::optional<std::string_view> rest = line;
  bool broken = false;
  image_.clear();
  runtime_.reset();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t begin =
        rest ? static_cast<std::size_t>(rest->data() - line.data()) + 1 : line.size() + 1;
    if (!next_csv_cell(rest, cell_text_, broken)) {
      return ReplayMistake{
          begin, "the row has " + std::to_string(i) + " of " + std::to_string(columns_.size()) + " cells"};
    }
    if (broken) return ReplayMistake{begin, "a quote is not closed before the next comma"};
    if (auto mistake = take_cell(i, cell_text_)) {
      mistake->column = begin;
      return mistake;
    }
  }
  if (!rest) return std::nullopt;
  return ReplayMistake{static_cast<std::size_t>(rest->data() - line.data()) + 1,
                       "the row has more than " + std::to_string(columns_.size()) + " cells"};
}

void ReplaySeries::apply_field(const ReplayColumn& column, const Cell& cell, bool is_reading,
                               Member& member) {
  const FieldInfo& info = info_of(column.field);
  if (cell.state == Cell::State::kEmpty && (!is_reading || info.kind == Kind::kGauge)) return;
  if (cell.state == Cell::State::kEmpty && is_told(info)) return;
  member.subject.swap_known |= column.field == Field::memory_swap_limit;
  switch (info.scope) {
    case Scope::kContainer:
      return (is_told(info) ? member.told : member.sample.values).set(column.field, cell.number);
    case Scope::kDevice:
      return values_of(member.sample.devices, column.part, &DeviceSample::device)
          .set(column.field, cell.number);
    case Scope::kInterface:
      return values_of(member.sample.interfaces, column.part, &InterfaceSample::interface)
          .set(column.field, cell.number);
    case Scope::kHost:
      if (cell.state != Cell::State::kEmpty) host_.set(column.field, cell.number);
      return;
    case Scope::kHostDevice:
      if (cell.state != Cell::State::kEmpty)
        values_of(host_devices_, column.part, &HostDeviceSample::device).set(column.field, cell.number);
      return;
  }
}

void ReplaySeries::apply(Member& member) {
  bool pulse = false;
  bool detail = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (cells_[i].state == Cell::State::kEmpty) continue;
    pulse |= is_pulse(columns_[i]) || (!has_pulse_columns_ && is_detail(columns_[i]));
    detail |= is_detail(columns_[i]);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const ReplayColumn& column = columns_[i];
    const bool is_reading = (pulse && is_pulse(column)) || (detail && is_detail(column));
    if (column.what == What::kField) apply_field(column, cells_[i], is_reading, member);
    if (column.what == What::kExtra && (is_reading || cells_[i].state != Cell::State::kEmpty))
      member.extras.*column.extra = cells_[i].number;
  }
  const std::int64_t now = to_ns(row_time_);
  if (pulse) member.sample.pulse_ns = now;
  if (detail) member.sample.detail_ns = now;
  if (!image_.empty()) member.subject.image_id = image_;
  if (runtime_) member.subject.runtime = *runtime_;
  derive(member);
  const bool ended = member.told.get(Field::state_exited) == 1 || member.told.get(Field::state_dead) == 1;
  if (ended && member.live) member.history = History();  // the next start is a new cgroup
  member.live = !ended;
}

/// What the series leaves out and follows from what it has, as the sampler works it out.
void ReplaySeries::derive(Member& member) const {
  ContainerValues& values = member.sample.values;
  if (!has_column(Field::cpu_effective_limit)) {
    const double own = std::fmin(values.get(Field::cpu_limit), host_.get(Field::host_cpus));
    values.set(Field::cpu_effective_limit, std::fmin(own, values.get(Field::cpuset_cpus)));
  }
  if (!has_column(Field::memory_effective_limit)) {
    values.set(Field::memory_effective_limit,
               std::fmin(values.get(Field::memory_limit), host_.get(Field::host_memory_total)));
  }
  if (!has_column(Field::memory_unreclaimable)) {
    const double kernel =
        values.get_or(Field::memory_kernel, 0) - values.get_or(Field::memory_slab_reclaimable, 0);
    values.set(Field::memory_unreclaimable, values.get(Field::memory_anon) +
                                                values.get_or(Field::memory_shmem, 0) +
                                                std::max(kernel, 0.0) + values.get_or(Field::memory_sock, 0));
  }
}

ReplaySeries::Recorded& ReplaySeries::recorded() {
  if (const auto found = members_.find(name_); found != members_.end()) {
    rows_.splice(rows_.end(), rows_, found->second);
    return rows_.back();
  }
  Recorded& made = rows_.emplace_back();
  made.member.subject.name = made.member.subject.runtime_name = name_;
  made.member.subject.swap_known = false;
  members_[name_] = std::prev(rows_.end());
  return made;
}

/// False when all that are known have a row of this very moment.
bool ReplaySeries::make_room() {
  if (rows_.size() < kMostContainers) return true;
  if (!(rows_.front().time < row_time_)) return false;
  const std::string name = rows_.front().member.subject.name;
  let_oldest_go();
  pipeline_.forget(name);
  return true;
}

void ReplaySeries::let_oldest_go() {
  const Recorded& row = rows_.front();
  const Judgement* judgement = pipeline_.judge().find(row.member.subject.name);
  if (judgement != nullptr) last_(row.time, row.member, *judgement);
  members_.erase(row.member.subject.name);
  rows_.pop_front();
}

std::optional<ReplayMistake> ReplaySeries::add(std::string_view line) {
  if (auto mistake = parse(line)) return mistake;
  const bool fresh = !members_.contains(name_);
  if (!fresh && members_[name_]->time == row_time_)
    return ReplayMistake{1, "a second row of " + shown(name_) + " for this time"};
  if (!is_present(first_)) first_ = row_time_;
  if (is_present(time_) && row_time_ > time_) flush();
  time_ = row_time_;
  if (fresh && !make_room())
    return ReplayMistake{1, "more than " + std::to_string(kMostContainers) + " containers at once"};
  Recorded& row = recorded();
  row.time = row_time_;
  apply(row.member);
  pending_.push_back(&row);
  return std::nullopt;
}

void ReplaySeries::flush() {
  pipeline_.begin(to_ns(time_), host_, host_devices_);
  for (Recorded* row : pending_) judged_(time_, row->member, pipeline_.tick(time_, row->member));
  pending_.clear();
  if (!is_present(swept_)) swept_ = time_;
  if (time_ - swept_ < kSweepSeconds) return;
  swept_ = time_;
  while (!rows_.empty() && time_ - rows_.front().time > kForgetSeconds) let_oldest_go();
  pipeline_.forget_old(time_);
}

void ReplaySeries::finish() {
  if (!pending_.empty()) flush();
  while (!rows_.empty()) let_oldest_go();
}

}  // namespace bottleneck
