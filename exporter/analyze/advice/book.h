// The recommendations of one container: holds, hysteresis, suppression, severity, texts.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "exporter/analyze/advice/advice.h"
#include "exporter/base/codec.h"

namespace bottleneck {

/// While the one is given, or its condition holds, the other is not.
struct Suppression {
  AdviceId by;
  AdviceId silenced;
};
std::span<const Suppression> suppressions();

class AdviceBook {
 public:
  /// Takes a tick: conditions, holds, texts. Writes judgement.findings when something changed.
  void update(const AdviceContext& context, double dt, double now_seconds, Judgement& judgement);
  [[nodiscard]] Severity severity(AdviceId id) const {
    return states_[static_cast<std::size_t>(id)].severity;
  }
  /// What is given of the resource tells of before; it asks for nothing more until numbers of after do.
  void limit_changed(Resource resource);

  /// What is given and since when survives a restart of the exporter.
  void write(StateWriter& writer) const;
  void read(StateReader& reader);

 private:
  struct State {
    float in_seconds = 0;      ///< the condition has held
    float over_seconds = 0;    ///< it has been over
    float severe_seconds = 0;  ///< it has been critical
    float lesser_seconds = 0;  ///< it has been less severe than shown
    Severity severity = Severity::kCleared;
  };
  /// Of those that are given or were within the last day: few, so that the others stay small.
  struct Shown {
    AdviceId id = AdviceId::kCount;
    double since_unix = 0;
    double cleared_unix = 0;
    double text_seconds = kAbsent;  ///< when the text was made
    double gauge = kAbsent;         ///< the number in it
    double cpu_size = kAbsent;      ///< the sizes that its change may offer
    double memory_size = kAbsent;
    std::shared_ptr<const FindingText> text{};
    bool current = true;  ///< the text has a change to make now
    bool live = true;     ///< what to do comes from a moment with a cgroup
  };
  /// kNotNew: what is given stays, nothing new is given.
  enum class Permission : std::uint8_t { kNever, kNotNew, kYes };
  [[nodiscard]] bool is_silenced(std::size_t index, const AdviceContext& context) const;
  bool step(const Advice& advice, State& state, const Condition& condition, Permission permission, double dt,
            const AdviceContext& context);
  bool refresh(const Advice& advice, const AdviceContext& context, double now_seconds, bool holds);
  Shown& shown(AdviceId id);
  void list(Judgement& judgement) const;
  bool expire(const AdviceContext& context);

  std::array<State, kAdviceCount> states_;
  std::vector<Shown> shown_;
  bool listed_ = false;
};

}  // namespace bottleneck
