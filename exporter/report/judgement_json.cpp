#include "exporter/report/judgement_json.h"

#include <utility>

#include "exporter/analyze/narrative.h"
#include "exporter/model/explain.h"
#include "exporter/report/explain_text.h"
#include "exporter/report/parts_json.h"
#include "exporter/report/ruled_out.h"

namespace bottleneck {
namespace {

OrderedJson resource_json(const Judgement& judgement, Resource resource) {
  const ResourceJudgement& reading = judgement.of(resource);
  OrderedJson out = {{"resource", name_of(resource)}};
  out["held_back_seconds"] = reading.held_back_seconds;
  if (!is_present(reading.score)) return out;
  put(out, "score", reading.score);
  put(out, "fast_score", reading.fast_score);
  out["band"] = name_of(reading.band);
  put(out, "confidence", reading.confidence);
  out["dominant_signal"] = info_of(reading.dominant).name;
  put(out, "deciding", std::string_view(deciding_number(reading.dominant, judgement.of(reading.dominant))));
  out["corroborating_sources"] = reading.corroborating;
  out["induced"] = reading.induced;
  put(out, "induced_by", reading.induced_by);
  return out;
}

OrderedJson category_json(const Judgement& judgement, const JudgementParameters& parameters) {
  OrderedJson out = {{"category", name_of(judgement.category)},
                     {"sentence", sentence(judgement)},
                     {"decided_by", text_of(judgement.test)}};
  put(out, "since", judgement.category_since);
  put(out, "confidence", judgement.confidence);
  if (judgement.category != Category::kNone) {
    out["resource"] = name_of(resource_of(judgement.category));
    out["signal"] = info_of(speaker(judgement)).name;
  }
  out["ruled_out"] = OrderedJson::array();
  for (const RuledOut& other : ruled_out(judgement, parameters)) {
    out["ruled_out"].push_back({{"category", name_of(other.category)},
                                {"because", other.because},
                                {"measured", is_present(other.score)}});
  }
  return out;
}

void add_identity(const ContainerView& container, OrderedJson& out) {
  const Identity& identity = *container.identity;
  out["name"] = identity.name;
  put(out, "id", std::string_view(identity.id));
  out["runtime"] = name_of(identity.runtime);
  put(out, "state", container.state);
}

void add_facts(const ContainerView& container, OrderedJson& out) {
  put(out, "start_time", container.start_time);
  put(out, "startup_seconds", container.startup_seconds);
  OrderedJson labels = OrderedJson::object();
  for (const auto& [key, value] : container.identity->info) put(labels, key.c_str(), std::string_view(value));
  out["labels"] = std::move(labels);
}

/// An unknown state is one of a container that is seen by its cgroup.
bool is_running(const ContainerView& container) {
  return container.state != "created" && container.state != "exited" && container.state != "dead";
}

/// What a list and the whole have in common.
void add_verdict(const Judgement& judgement, bool running, OrderedJson& out) {
  out["judged"] = judgement.judged;
  out["answer"] = answer_in_words(judgement, running);
  put(out, "overall_score", judgement.overall);
  if (is_present(judgement.overall)) out["band"] = name_of(judgement.band);
}

OrderedJson recommendations_json(const Judgement& judgement) {
  OrderedJson out = OrderedJson::array();
  for (const Finding& finding : judgement.findings) out.push_back(finding_json(finding));
  return out;
}

}  // namespace

OrderedJson signal_json(Signal signal, const SignalReading& reading, const JudgementParameters& parameters) {
  const Explanation why = explain(signal, reading, parameters.band_low);
  OrderedJson out = {{"signal", why.signal}, {"resource", why.resource}, {"title", why.title}};
  put(out, "value", reading.value);
  out["window_seconds"] = why.window_seconds;
  out["threshold"] = why.threshold;
  out["inputs"] = OrderedJson::array();
  for (std::size_t i = 0; i < kSignalInputs; ++i) {
    const SignalInput& input = info_of(signal).inputs[i];
    if (input.name.empty() || !std::isfinite(reading.inputs[i])) continue;
    OrderedJson row = {{"name", input.name}, {"text", input.text}};
    put(row, "value", reading.inputs[i]);
    row["unit"] = name_of(input.unit);
    out["inputs"].push_back(std::move(row));
  }
  if (!is_present(reading.value)) return out;
  out["source"] = why.source;
  put(out, "quality", reading.quality);
  put(out, "formula", std::string_view(why.formula));
  put(out, "input_at_threshold", static_cast<float>(why.input_at_threshold));
  put(out, "clears", std::string_view(why.clears));
  return out;
}

OrderedJson finding_json(const Finding& finding) {
  const AdviceInfo& info = info_of(finding.id);
  OrderedJson out = {{"recommendation", info.name},
                     {"type", info.type},
                     {"title", info.title},
                     {"resource", name_of(finding.resource)},
                     {"severity", name_of(finding.severity)},
                     {"active", finding.active()},
                     {"since", finding.since_unix}};
  if (!finding.active()) put(out, "cleared", finding.cleared_unix);
  if (finding.text == nullptr) return out;
  const FindingText& text = *finding.text;
  put(out, "description", std::string_view(text.description));
  put(out, "suggestion", std::string_view(text.suggestion));
  put(out, "clears", std::string_view(text.clears));
  put(out, "change", std::string_view(text.change));
  put(out, "undo", std::string_view(text.undo));
  out["changes"] = OrderedJson::array();
  for (const Change& change : text.changes) {
    OrderedJson row = {{"target", change.target}, {"apply", change.apply}};
    put(row, "undo", std::string_view(change.undo));
    out["changes"].push_back(std::move(row));
  }
  return out;
}

OrderedJson brief_json(const ContainerView& container) {
  OrderedJson out = OrderedJson::object();
  add_identity(container, out);
  for (const auto& [key, value] : container.identity->info) {
    if (key == "image" || key == "workload" || key == "team") put(out, key.c_str(), std::string_view(value));
  }
  if (container.judgement == nullptr) {
    out["judged"] = false;
    return out;
  }
  const Judgement& judgement = *container.judgement;
  add_verdict(judgement, is_running(container), out);
  if (judgement.judged) out["category"] = name_of(judgement.category);
  put(out, "category_since", judgement.category_since);
  put(out, "confidence", judgement.confidence);
  OrderedJson scores = OrderedJson::object();
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    put(scores, std::string(name_of(resource)).c_str(), judgement.of(resource).score);
  }
  out["scores"] = std::move(scores);
  out["recommendations"] = OrderedJson::array();
  for (const Finding& finding : judgement.findings) {
    if (!finding.active()) continue;
    out["recommendations"].push_back(
        {{"recommendation", info_of(finding.id).name}, {"severity", name_of(finding.severity)}});
  }
  return out;
}

OrderedJson full_json(const ContainerView& container, const JudgementParameters& parameters,
                      double unix_seconds) {
  OrderedJson out = {{"time", unix_seconds}};
  add_identity(container, out);
  add_facts(container, out);
  if (container.judgement == nullptr) {
    out["judged"] = false;
    return out;
  }
  const Judgement& judgement = *container.judgement;
  add_verdict(judgement, is_running(container), out);
  out["judged_at"] = judgement.unix_seconds;
  out["data_seconds"] = judgement.data_seconds;
  out["observed_seconds"] = judgement.observed_seconds;
  out["explanation"] =
      explain_sentences(container.identity->name, judgement, parameters, unix_seconds, is_running(container));
  if (judgement.judged) out["cause"] = category_json(judgement, parameters);
  out["resources"] = OrderedJson::array();
  for (std::size_t i = 0; i < kResourceCount; ++i)
    out["resources"].push_back(resource_json(judgement, static_cast<Resource>(i)));
  out["signals"] = OrderedJson::array();
  for (std::size_t i = 0; i < kSignalCount; ++i)
    out["signals"].push_back(signal_json(static_cast<Signal>(i), judgement.signals[i], parameters));
  out["recommendations"] = recommendations_json(judgement);
  add_parts(judgement, out);
  return out;
}

}  // namespace bottleneck
