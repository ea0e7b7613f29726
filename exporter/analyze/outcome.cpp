#include "exporter/analyze/outcome.h"

#include <algorithm>
#include <functional>

namespace bottleneck {
namespace {

constexpr float kBetter = 0.1F;
constexpr float kHarmless = 0.25F;
constexpr std::size_t kMostPending = 16;

/// Which limit io_limit_rate is of.
std::size_t io_limit_of(const Evidence& evidence) {
  return std::hash<std::string_view>()(evidence.limited.device) * 4 + (evidence.io_limit_is_writes ? 2 : 0) +
         (evidence.io_limit_is_requests ? 1 : 0);
}

}  // namespace

std::bitset<kResourceCount> OutcomeWatch::update(const Evidence& evidence, const Judgement& judgement,
                                                 const AdviceBook& book,
                                                 const RecommendationParameters& parameters, double now,
                                                 Outcomes& outcomes) {
  for (std::size_t i = pending_.size(); i-- > 0;) {
    if (now < pending_[i].due_seconds) continue;
    const auto outcome = static_cast<std::size_t>(settle(pending_[i], judgement, book));
    ++outcomes[static_cast<std::size_t>(pending_[i].id)][outcome];
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (!evidence.has_cgroup) return {};
  const Limits before = limits_;
  limits_ = {evidence.cpu_limit,    evidence.memory_limit, evidence.pids_limit,        evidence.io_limit_rate,
             io_limit_of(evidence), evidence.cpu_weight,   evidence.life.image_changed};
  if (!known_) {
    known_ = true;
    return {};
  }
  const double due = now + 1.5 * parameters.leave_seconds;
  const bool cpu = differs(before.cpu, limits_.cpu) || differs(before.weight, limits_.weight);
  const bool memory = differs(before.memory, limits_.memory);
  const bool pids = differs(before.pids, limits_.pids);
  // The limit nearest to its rate can be another one from one moment to the next: only a change in place
  // counts.
  const bool io = is_present(before.io) && is_present(limits_.io) && before.io_of == limits_.io_of &&
                  differs(before.io, limits_.io);
  const bool image =
      differs(before.image_changed, limits_.image_changed) && is_present(limits_.image_changed);
  std::bitset<kResourceCount> changed;
  const auto note = [&](Resource resource, bool moved) {
    if (!moved) return;
    watch(judgement, resource, false, due);
    changed.set(static_cast<std::size_t>(resource));
    changed_seconds_[static_cast<std::size_t>(resource)] = now;
  };
  note(Resource::kCpu, cpu);
  note(Resource::kMemory, memory);
  note(Resource::kPids, pids);
  note(Resource::kIo, io);
  if (image) watch(judgement, Resource::kCpu, true, due);
  return changed;
}

std::array<double, kResourceCount> OutcomeWatch::seconds_since(double now) const {
  std::array<double, kResourceCount> since{};
  for (std::size_t i = 0; i < kResourceCount; ++i) since[i] = now - changed_seconds_[i];
  return since;
}

void OutcomeWatch::watch(const Judgement& judgement, Resource resource, bool all, double due) {
  for (const Finding& finding : judgement.findings) {
    if (!finding.active() || (!all && finding.resource != resource) || pending_.size() >= kMostPending)
      continue;
    const auto known = std::find_if(pending_.begin(), pending_.end(),
                                    [&](const Pending& pending) { return pending.id == finding.id; });
    const float score = judgement.of(finding.resource).score;
    if (known != pending_.end()) {
      known->due_seconds = due;  // changed again: it is the last change that is judged
    } else {
      pending_.push_back({finding.id, is_present(score) ? score : 0, due});
    }
  }
}

Outcome OutcomeWatch::settle(const Pending& pending, const Judgement& judgement, const AdviceBook& book) {
  const Resource resource = advice_catalogue()[static_cast<std::size_t>(pending.id)]->resource;
  const float value = judgement.of(resource).score;
  const float score = is_present(value) ? value : 0;
  if (info_of(pending.id).type == "cost") {
    // A smaller size is good while nothing is held back by it.
    if (score >= kHarmless && score >= pending.score + kBetter) return Outcome::kWorse;
    return book.severity(pending.id) == Severity::kCleared ? Outcome::kHelped : Outcome::kNoEffect;
  }
  if (score >= pending.score + kBetter) return Outcome::kWorse;
  const bool cleared = book.severity(pending.id) == Severity::kCleared;
  return cleared || score <= pending.score - kBetter ? Outcome::kHelped : Outcome::kNoEffect;
}

}  // namespace bottleneck
