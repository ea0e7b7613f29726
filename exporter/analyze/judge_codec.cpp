// What the judge keeps over a restart, to and from bytes.
#include <algorithm>

#include "exporter/analyze/judge.h"
#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostNames = 100'000;

bool is_seconds(double value) { return value >= 0 && value < 1e12; }

}  // namespace

std::string Judge::serialise(double unix_seconds, std::int64_t now_ns) const {
  const double now = static_cast<double>(now_ns) * 1e-9;
  StateWriter writer;
  writer.put(unix_seconds);
  std::uint16_t advised = 0;
  for (const auto& counts : outcomes_)
    advised = static_cast<std::uint16_t>(advised + (counts[0] + counts[1] + counts[2] > 0 ? 1 : 0));
  writer.put(advised);
  for (std::size_t i = 0; i < kAdviceCount; ++i) {
    const auto& counts = outcomes_[i];
    if (counts[0] + counts[1] + counts[2] == 0) continue;
    writer.put_text(info_of(static_cast<AdviceId>(i)).name);
    for (const std::uint64_t count : counts) writer.put(count);
  }
  for (const auto& [name, state] : states_) {
    writer.put_text(name);
    writer.put(state->seen_unix);
    writer.put(state->judgement.observed_seconds);
    for (const ResourceJudgement& resource : state->judgement.resources)
      writer.put(resource.held_back_seconds);
    writer.put(static_cast<std::uint8_t>(state->judgement.budgets.size()));
    for (const BudgetReading& budget : state->judgement.budgets) {
      writer.put_text(budget.name);
      writer.put(budget.violation_seconds);
      writer.put(budget.observed_seconds);
    }
    state->events.write(writer, now);
    state->advice.write(writer);
    state->memory_leak.write(writer);
    state->file_leak.write(writer);
    state->thread_leak.write(writer);
  }
  return writer.take();
}

Status Judge::parse(std::string_view bytes, double unix_seconds, std::int64_t now_ns) {
  const double now = static_cast<double>(now_ns) * 1e-9;
  StateReader reader(bytes);
  // A clock that was set back meanwhile must not make events lie in the future.
  const double passed = std::max(0.0, unix_seconds - reader.get<double>());
  begun_seconds_ = now - passed;
  const auto advised = reader.get<std::uint16_t>();
  for (std::uint16_t i = 0; i < advised && !reader.failed(); ++i) {
    const AdviceId id = advice_of(reader.get_text());
    for (std::size_t j = 0; j < kOutcomeCount; ++j) {
      const auto count = reader.get<std::uint64_t>();
      if (id != AdviceId::kCount) outcomes_[static_cast<std::size_t>(id)][j] = count;
    }
  }
  while (!reader.at_end() && !reader.failed() && states_.size() < kMostNames) {
    auto state = std::make_unique<ContainerState>();
    state->name = reader.get_text();
    state->kept = true;
    state->seen_unix = reader.get<double>();
    state->judgement.observed_seconds = reader.get<double>();
    bool sane =
        !state->name.empty() && is_seconds(state->seen_unix) && is_seconds(state->judgement.observed_seconds);
    for (ResourceJudgement& resource : state->judgement.resources) {
      resource.held_back_seconds = reader.get<double>();
      sane &= is_seconds(resource.held_back_seconds);
    }
    const auto budgets = reader.get<std::uint8_t>();
    for (std::uint8_t i = 0; i < budgets && !reader.failed(); ++i) {
      BudgetReading& budget = state->judgement.budgets.emplace_back();
      budget.name = reader.get_text();
      budget.violation_seconds = reader.get<double>();
      budget.observed_seconds = reader.get<double>();
      sane &= is_seconds(budget.violation_seconds) && is_seconds(budget.observed_seconds);
    }
    state->leaks_seconds = now - std::max(0.0, unix_seconds - state->seen_unix);
    state->events.read(reader, now, passed);
    state->advice.read(reader);
    state->memory_leak.read(reader);
    state->file_leak.read(reader);
    state->thread_leak.read(reader);
    if (!sane) reader.fail();
    if (!reader.failed()) states_[state->name] = std::move(state);
  }
  if (!reader.failed()) return ok();
  states_.clear();
  outcomes_ = {};
  begun_seconds_ = kAbsent;
  return Error{ErrorCode::kMalformed, "a record makes no sense"};
}

}  // namespace bottleneck
