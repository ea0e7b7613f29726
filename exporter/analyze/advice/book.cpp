#include "exporter/analyze/advice/book.h"

#include <algorithm>
#include <cmath>

namespace bottleneck {
namespace {

constexpr double kMoved = 0.1;
constexpr double kLatestUnix = 1e10;
// So long after a change of limits the window of the scores still holds numbers of before: a minute, and the
// 10 s that a detail reading may span, and a reading's delay.
constexpr double kUnsettledSeconds = 75;
// Numbers that move slowly (a time that runs out) are written anew after so long.
constexpr double kOldTextSeconds = 600;
constexpr std::string_view kBefore = "Before its limits were changed: ";
constexpr std::string_view kWatching =
    "Nothing more for now: its limits were changed since, and what that does is being watched.";

constexpr std::array<Suppression, 7> kSuppressions = {{
    {AdviceId::kMemLeakSuspected, AdviceId::kMemLimitRaise},
    {AdviceId::kMemLeakSuspected, AdviceId::kMemRightsizeDown},
    {AdviceId::kMemCacheThrash, AdviceId::kIoStalled},
    // At a limit that somebody set no faster disk helps.
    {AdviceId::kIoLimitHit, AdviceId::kIoStalled},
    {AdviceId::kCpuLimitRaise, AdviceId::kCpuBursty},
    {AdviceId::kCpuLimitRaise, AdviceId::kCpuHot},
    {AdviceId::kCpuLimitRaise, AdviceId::kCpuContention},
}};

double seconds_of(Hold hold, const RecommendationParameters& parameters) {
  return hold == nullptr ? 0 : parameters.*hold;
}

/// A limit of its resource was changed, and the numbers are still of before.
bool is_unsettled(const Advice& advice, const AdviceContext& context) {
  return context.since_limits_changed[static_cast<std::size_t>(advice.resource)] < kUnsettledSeconds;
}

/// `current`: there is a change to make now. `before`: what to do is taken from there.
std::shared_ptr<const FindingText> make_text(const Advice& advice, const AdviceContext& context, bool current,
                                             const FindingText* before) {
  auto text = std::make_shared<FindingText>();
  advice.describe(context, *text);
  if (before != nullptr) {
    text->suggestion = before->suggestion;
    text->changes = before->changes;
    text->change = before->change;
    text->undo = before->undo;
    return text;
  }
  if (is_unsettled(advice, context)) text->suggestion = kWatching;
  if (current && advice.change != nullptr) text->changes = advice.change(context);
  // One line for the label of a series; files that need several are only listed.
  for (const Change& change : text->changes) {
    if (change.apply.find('\n') != std::string::npos) continue;
    text->change = change.apply;
    text->undo = change.undo;
    break;
  }
  return text;
}

}  // namespace

std::span<const Suppression> suppressions() { return kSuppressions; }

void AdviceBook::update(const AdviceContext& context, double dt, double now_seconds, Judgement& judgement) {
  bool changed = !listed_;
  // What has no numbers yet says nothing, neither for nor against; a container that is gone is over.
  const bool silent = context.evidence.has_cgroup && !context.measured;
  const bool young = context.evidence.data_seconds < context.p().first_seconds;
  for (std::size_t i = 0; i < kAdviceCount; ++i) {
    const Advice& advice = *advice_catalogue()[i];
    State& state = states_[i];
    if (silent && !advice.early) continue;
    const Condition condition = advice.check(context);
    const Permission permission = is_silenced(i, context)  ? Permission::kNever
                                  : young && !advice.early ? Permission::kNotNew
                                                           : Permission::kYes;
    changed |= step(advice, state, condition, permission, dt, context);
    if (state.severity != Severity::kCleared) {
      const bool holds = condition.severity != Severity::kCleared || condition.asks;
      changed |= refresh(advice, context, now_seconds, holds);
    }
  }
  changed |= expire(context);
  if (changed) list(judgement);
  listed_ = true;
}

bool AdviceBook::is_silenced(std::size_t index, const AdviceContext& context) const {
  if (context.subject.ignored[index]) return true;
  for (const Suppression& suppression : kSuppressions) {
    if (static_cast<std::size_t>(suppression.silenced) != index) continue;
    const State& by = states_[static_cast<std::size_t>(suppression.by)];
    if (by.severity != Severity::kCleared || by.in_seconds > 0) return true;
  }
  return false;
}

bool AdviceBook::step(const Advice& advice, State& state, const Condition& condition, Permission permission,
                      double dt, const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  const auto passed = static_cast<float>(dt);
  const bool in = condition.severity != Severity::kCleared;
  // The first tick of a condition is its beginning, not a tick of it.
  state.in_seconds = in ? (state.in_seconds > 0 ? state.in_seconds + passed : std::max(passed, 1e-3F)) : 0;
  state.over_seconds = condition.over ? state.over_seconds + passed : 0;
  Severity wanted = condition.severity;
  state.severe_seconds = wanted == Severity::kCritical ? state.severe_seconds + passed : 0;
  if (wanted == Severity::kCritical &&
      static_cast<double>(state.severe_seconds) < seconds_of(advice.critical, p)) {
    wanted = Severity::kHigh;
  }
  if (state.severity == Severity::kCleared) {
    if (!in || permission != Permission::kYes ||
        static_cast<double>(state.in_seconds) < seconds_of(advice.enter, p))
      return false;
    state.severity = wanted;
    state.over_seconds = state.lesser_seconds = 0;
    shown(advice.id) = {.id = advice.id, .since_unix = context.evidence.unix_seconds};
    return true;
  }
  const bool leaves =
      condition.over && static_cast<double>(state.over_seconds) >= seconds_of(advice.leave, p);
  if (leaves || permission == Permission::kNever) {
    state.severity = Severity::kCleared;
    state.in_seconds = 0;
    Shown& cleared = shown(advice.id);
    cleared.cleared_unix = context.evidence.unix_seconds;
    cleared.text = nullptr;
    return true;
  }
  const bool lesser = in && wanted < state.severity;
  state.lesser_seconds = lesser ? state.lesser_seconds + passed : 0;
  const bool falls = lesser && static_cast<double>(state.lesser_seconds) >= p.severity_fall_seconds;
  if (in && (wanted > state.severity || falls)) {
    state.severity = wanted;
    state.lesser_seconds = 0;
    if (!is_unsettled(advice, context)) shown(advice.id).text = nullptr;
    return true;
  }
  return false;
}

AdviceBook::Shown& AdviceBook::shown(AdviceId id) {
  for (Shown& known : shown_) {
    if (known.id == id) return known;
  }
  shown_.push_back({.id = id});
  return shown_.back();
}

/// `holds`: the condition does, and it is not only waited until it is over long enough. What is shown on
/// after a limit was changed asks for no further change: neither while it fades, nor by numbers of before.
bool AdviceBook::refresh(const Advice& advice, const AdviceContext& context, double now_seconds, bool holds) {
  Shown& given = shown(advice.id);
  const double gauge = advice.gauge(context);
  const double cpu_size = context.judgement.cpu_size.recommended;
  const double memory_size = context.judgement.memory_size.recommended;
  const bool resized = (is_present(cpu_size) && differs(cpu_size, given.cpu_size)) ||
                       (is_present(memory_size) && differs(memory_size, given.memory_size));
  const bool moved =
      resized || (is_present(gauge) && !(std::abs(gauge - given.gauge) <= kMoved * std::abs(given.gauge)));
  const bool due = !(now_seconds - given.text_seconds < context.p().text_seconds);
  const bool current = holds && !is_unsettled(advice, context);
  const bool old = now_seconds - given.text_seconds >= kOldTextSeconds;
  // Between its two thresholds a condition may have lost a number: then the words of before stay.
  const bool live = context.evidence.has_cgroup;
  const bool lives_again = live && !given.live;
  if (given.text != nullptr && !(current && (!given.current || lives_again || (moved && due) || old)))
    return false;
  // Without a cgroup its limits are not known, and what was to be changed is still to be.
  const bool watched = given.text != nullptr && given.text->suggestion == kWatching;
  const std::shared_ptr<const FindingText> before = live || watched ? nullptr : given.text;
  given.text = make_text(advice, context, current, before.get());
  given.live = live || (before != nullptr && given.live);
  given.current = current;
  given.text_seconds = now_seconds;
  given.gauge = gauge;
  given.cpu_size = cpu_size;
  given.memory_size = memory_size;
  return true;
}

void AdviceBook::limit_changed(Resource resource) {
  for (Shown& given : shown_) {
    if (given.text == nullptr || advice_catalogue()[static_cast<std::size_t>(given.id)]->resource != resource)
      continue;
    auto text = std::make_shared<FindingText>();
    const bool again = given.text->description.starts_with(kBefore);
    text->description = (again ? "" : std::string(kBefore)) + given.text->description;
    text->suggestion = kWatching;
    text->clears = given.text->clears;
    given.text = std::move(text);
    given.current = false;
    listed_ = false;
  }
}

bool AdviceBook::expire(const AdviceContext& context) {
  const double keep = context.p().cleared_keep_hours * 3600;
  return std::erase_if(shown_, [&](const Shown& item) {
           return item.cleared_unix != 0 && context.evidence.unix_seconds - item.cleared_unix >= keep;
         }) > 0;
}

void AdviceBook::list(Judgement& judgement) const {
  judgement.findings.clear();
  for (const Shown& item : shown_) {
    const auto index = static_cast<std::size_t>(item.id);
    judgement.findings.push_back({item.id, states_[index].severity, item.since_unix, item.cleared_unix,
                                  advice_catalogue()[index]->resource, item.text});
  }
  std::sort(judgement.findings.begin(), judgement.findings.end(),
            [](const Finding& one, const Finding& other) {
              return one.severity != other.severity ? one.severity > other.severity : one.id < other.id;
            });
}

void AdviceBook::write(StateWriter& writer) const {
  writer.put(static_cast<std::uint8_t>(shown_.size()));
  for (const Shown& item : shown_) {
    writer.put_text(info_of(item.id).name);  // a name lasts, a number moves with the catalogue
    writer.put(static_cast<std::uint8_t>(severity(item.id)));
    writer.put(item.since_unix);
    writer.put(item.cleared_unix);
  }
}

void AdviceBook::read(StateReader& reader) {
  const auto count = reader.get<std::uint8_t>();
  for (std::uint8_t i = 0; i < count && !reader.failed(); ++i) {
    const AdviceId id = advice_of(reader.get_text());
    const auto severity = reader.get<std::uint8_t>();
    const auto since = reader.get<double>();
    const auto cleared = reader.get<double>();
    const auto plausible = [](double unix_seconds) {
      return unix_seconds >= 0 && unix_seconds < kLatestUnix;
    };
    const bool active = severity != static_cast<std::uint8_t>(Severity::kCleared);
    if (severity > static_cast<std::uint8_t>(Severity::kCritical) || !plausible(since) ||
        !plausible(cleared) || active == (cleared != 0)) {
      return reader.fail();
    }
    if (id == AdviceId::kCount) continue;  // of a version that had others
    states_[static_cast<std::size_t>(id)].severity = static_cast<Severity>(severity);
    shown(id) = {.id = id, .since_unix = since, .cleared_unix = cleared};
  }
}

}  // namespace bottleneck
