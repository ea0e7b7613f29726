#include "exporter/analyze/narrative.h"

#include <array>

#include "exporter/analyze/advice/text.h"
#include "exporter/model/explain.h"

namespace bottleneck {
namespace {

using namespace advice;

std::string with_unit(double value, InputUnit unit) {
  switch (unit) {
    case InputUnit::kShare:
      return percent(value);
    case InputUnit::kCores:
      return cores(value);
    case InputUnit::kBytes:
      return bytes(value);
    case InputUnit::kBytesPerSecond:
      return byte_rate(value);
    case InputUnit::kPerSecond:
      return number(value) + " a second";
    case InputUnit::kPerHour:
      return number(value) + " an hour";
    case InputUnit::kSeconds:
      return duration(value);
    case InputUnit::kCount:
      return number(value);
  }
  return number(value);
}

}  // namespace

std::string deciding_number(Signal signal, const SignalReading& reading) {
  const SignalInput& input = info_of(signal).inputs[reading.term.input];
  const auto value = static_cast<double>(reading.inputs[reading.term.input]);
  if (!is_present(value)) return {};
  return std::string(input.text) + " " + with_unit(value, input.unit);
}

Signal speaker(const Judgement& judgement) {
  const Resource resource = resource_of(judgement.category);
  if (judgement.category == Category::kCpuQuota) return Signal::kCpuQuota;
  if (judgement.category == Category::kIoLimit || judgement.category == Category::kCpuDemand)
    return judgement.deciding_signal;
  if (judgement.category == Category::kMemoryLeak) return Signal::kMemLeak;
  if (judgement.of(Resource::kIo).induced) return Signal::kIoStall;
  return judgement.of(resource).dominant;
}

namespace {

std::string resource_sentence(const Judgement& judgement, Resource resource,
                              const JudgementParameters& parameters) {
  const ResourceJudgement& reading = judgement.of(resource);
  std::string text = std::string(name_of(resource)) + ": ";
  if (!is_present(reading.score)) return text + "not measured here.";
  const SignalReading& signal = judgement.of(reading.dominant);
  const bool low = static_cast<double>(reading.score) < parameters.band_low;
  text += (low ? "ruled out, score " : "score ") + number(static_cast<double>(reading.score));
  const std::string deciding = deciding_number(reading.dominant, signal);
  if (!deciding.empty()) text += " (" + deciding + ")";
  if (reading.induced) text += ", " + std::string(reading.induced_by);
  return text + ".";
}

}  // namespace

std::string_view sentence(const Judgement& judgement) {
  if (judgement.category == Category::kCpuDemand && speaker(judgement) == Signal::kCpuThread)
    return "one of its threads uses all of a CPU, and more CPUs would not help it";
  return sentence_of(judgement.category);
}

std::string headline(const Judgement& judgement) {
  if (!judgement.judged) return "not enough data yet (" + duration(judgement.data_seconds) + ")";
  std::string text(sentence(judgement));
  if (judgement.category == Category::kNone) {
    return text + " (largest score " + number(static_cast<double>(judgement.overall)) + ")";
  }
  const Signal signal = speaker(judgement);
  const SignalReading& reading = judgement.of(signal);
  const std::string deciding = deciding_number(signal, reading);
  if (!deciding.empty()) text += ": " + deciding;
  text += " (score " + number(static_cast<double>(reading.value));
  if (is_present(judgement.confidence))
    text += ", confidence " + number(static_cast<double>(judgement.confidence));
  return text + ")";
}

std::vector<std::string> narrate(std::string_view name, const Judgement& judgement,
                                 const JudgementParameters& parameters) {
  std::vector<std::string> out;
  out.push_back(in_quotes(name) + ": " + headline(judgement) + ".");
  if (!judgement.judged) return out;
  if (judgement.category != Category::kNone) {
    out.push_back("Decided by: " + std::string(text_of(judgement.test)) + ".");
    const Signal signal = speaker(judgement);
    const Explanation why = explain(signal, judgement.of(signal), parameters.band_low);
    if (!why.formula.empty())
      out.push_back(std::string(why.signal) + " = " + why.formula + ", from " + std::string(why.source) +
                    ".");
    if (!why.clears.empty()) out.push_back("It would be no cause with " + why.clears + ".");
  }
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    if (judgement.category != Category::kNone && resource == resource_of(judgement.category)) continue;
    out.push_back(resource_sentence(judgement, resource, parameters));
  }
  for (const NeighbourReading& neighbour : judgement.neighbours) {
    out.push_back("What goes with its waiting for " + std::string(name_of(neighbour.resource)) + ": " +
                  in_quotes(neighbour.name) + " (correlation " +
                  number(static_cast<double>(neighbour.correlation)) + ").");
  }
  for (const Finding& finding : judgement.findings) {
    if (!finding.active() || finding.text == nullptr) continue;
    out.push_back(std::string(info_of(finding.id).name) + " (" + std::string(name_of(finding.severity)) +
                  "): " + finding.text->description + " " + finding.text->suggestion +
                  " It is cleared by: " + finding.text->clears);
  }
  return out;
}

}  // namespace bottleneck
