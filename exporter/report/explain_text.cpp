#include "exporter/report/explain_text.h"

#include "exporter/analyze/advice/text.h"
#include "exporter/analyze/narrative.h"
#include "exporter/model/explain.h"
#include "exporter/report/json.h"
#include "exporter/report/ruled_out.h"
#include "exporter/report/terminal.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostSentences = 100;  // of an answer from elsewhere

/// The first that is given: findings stand worst first.
const Finding* first_given(const Judgement& judgement) {
  for (const Finding& finding : judgement.findings) {
    if (finding.active() && finding.text != nullptr) return &finding;
  }
  return nullptr;
}

/// The given one of the cause's resource that stands longest.
const Finding* oldest_of_cause(const Judgement& judgement) {
  const Finding* oldest = nullptr;
  for (const Finding& finding : judgement.findings) {
    if (!finding.active() || finding.resource != resource_of(judgement.category)) continue;
    if (oldest == nullptr || finding.since_unix < oldest->since_unix) oldest = &finding;
  }
  return oldest;
}

/// "2026-11-21 07:30:00 UTC (5 min)"
std::string since_text(double since, double now) {
  std::string text = utc_text(since);
  if (now >= since) text += " (" + advice::duration(now - since) + ")";
  return text;
}

std::string since_sentence(const Judgement& judgement, double now) {
  const Finding* finding = oldest_of_cause(judgement);
  const double held = judgement.of(resource_of(judgement.category)).held_back_seconds;
  std::string text;
  if (is_present(judgement.category_since))
    text = "It is so since " + since_text(judgement.category_since, now);
  if (finding != nullptr) {
    text += text.empty() ? "It is flagged since " : ", flagged since ";
    text += since_text(finding->since_unix, now);
  }
  if (held > 0 && judgement.observed_seconds > 0) {
    text += text.empty() ? "It" : ", and";
    text += " was held back for " + advice::duration(held) + " of the " +
            advice::duration(judgement.observed_seconds) + " that it was watched";
  }
  return text.empty() ? text : text + ".";
}

std::string clears_sentence(const Explanation& why) {
  if (why.clears.empty()) return {};
  for (const ExplainedInput& input : why.inputs) {
    if (why.clears.starts_with(std::string(input.name) + " "))
      return "It would be no cause with " + why.clears + " (" + std::string(input.name) + " is " +
             std::string(input.text) + ").";
  }
  return "It would be no cause with " + why.clears + ".";
}

/// Appends "name, name".
void list(std::string& text, std::string_view name) {
  text += (text.empty() ? "" : ", ") + std::string(name);
}

/// What was measured and is not it, with the reason; what shows no sign; and what could not be looked at.
std::string ruled_out_sentence(const Judgement& judgement, const JudgementParameters& parameters) {
  constexpr float kNoSign = 0.005F;  // shown as 0
  std::string reasons;
  std::string silent;
  std::string blind;
  for (const RuledOut& other : ruled_out(judgement, parameters)) {
    const std::string name(name_of(other.category));
    if (other.score < kNoSign) {
      list(silent, name);
    } else if (is_present(other.score)) {
      reasons += (reasons.empty() ? "" : "; ") + name + ": " + other.because;
    } else {
      list(blind, name);
    }
  }
  if (!silent.empty()) reasons += (reasons.empty() ? "" : "; ") + ("no sign (score 0) of " + silent);
  std::string text = reasons.empty() ? "" : "Ruled out: " + reasons + ".";
  if (!blind.empty()) text += " Not measured, or not in question: " + blind + ".";
  return text;
}

void add(std::vector<std::string>& sentences, std::string sentence) {
  if (!sentence.empty()) sentences.push_back(std::move(sentence));
}

}  // namespace

std::string answer_in_words(const Judgement& judgement, bool running) {
  return judgement.judged || running ? headline(judgement) : "it is not running";
}

std::vector<std::string> explain_sentences(std::string_view name, const Judgement& judgement,
                                           const JudgementParameters& parameters, double unix_seconds,
                                           bool running) {
  std::vector<std::string> out;
  out.push_back(advice::in_quotes(name) + ": " + answer_in_words(judgement, running) + ".");
  if (!judgement.judged) return out;
  if (judgement.category != Category::kNone) {
    add(out, since_sentence(judgement, unix_seconds));
    const Signal signal = speaker(judgement);
    const Explanation why = explain(signal, judgement.of(signal), parameters.band_low);
    if (!why.formula.empty())
      out.push_back("Decided by: " + std::string(text_of(judgement.test)) + "; " + std::string(why.signal) +
                    " = " + why.formula + " over " + advice::duration(why.window_seconds) + ", from " +
                    std::string(why.source) + ".");
    add(out, clears_sentence(why));
  }
  add(out, ruled_out_sentence(judgement, parameters));
  for (const NeighbourReading& neighbour : judgement.neighbours) {
    out.push_back("What goes with its waiting for " + std::string(name_of(neighbour.resource)) + ": " +
                  advice::in_quotes(neighbour.name) + " (correlation " +
                  advice::number(static_cast<double>(neighbour.correlation)) + ").");
  }
  if (const Finding* first = first_given(judgement)) {
    out.push_back("To do: " + std::string(info_of(first->id).name) + " (" +
                  std::string(name_of(first->severity)) + "). " + first->text->description + " " +
                  first->text->suggestion);
  }
  return out;
}

ExplainView explain_view(std::string_view name, const Judgement& judgement,
                         const JudgementParameters& parameters, double unix_seconds) {
  ExplainView view;
  view.sentences = explain_sentences(name, judgement, parameters, unix_seconds);
  const Finding* first = first_given(judgement);
  if (first == nullptr) return view;
  view.change = first->text->change;
  view.undo = first->text->undo;
  return view;
}

Result<ExplainView> parse_explain_view(std::string_view json) {
  const OrderedJson answer = OrderedJson::parse(json, nullptr, false);
  const auto malformed = [] { return Error{ErrorCode::kMalformed, "the answer explains no container"}; };
  if (!answer.is_object() || !answer.contains("judged")) return malformed();
  ExplainView view;
  const auto sentences = answer.find("explanation");
  if (sentences == answer.end()) {
    view.sentences.emplace_back("It is not judged yet.");
    return view;
  }
  if (!sentences->is_array() || sentences->size() > kMostSentences) return malformed();
  for (const OrderedJson& sentence : *sentences) {
    if (!sentence.is_string()) return malformed();
    view.sentences.push_back(sentence.get<std::string>());
  }
  const auto given = answer.find("recommendations");
  if (given == answer.end() || !given->is_array()) return view;
  for (const OrderedJson& finding : *given) {
    const auto text = [&](const char* key) {
      const auto found = finding.find(key);
      return found != finding.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (!finding.is_object() || text("description").empty()) continue;
    view.change = text("change");
    view.undo = text("undo");
    break;
  }
  return view;
}

std::string explain_text(const ExplainView& view) {
  std::string out;
  for (const std::string& sentence : view.sentences) out += wrapped(sentence);
  if (!view.change.empty()) out += "\n" + verbatim(view.change, "  ");
  if (!view.undo.empty()) out += "and to undo it:\n" + verbatim(view.undo, "  ");
  return out;
}

}  // namespace bottleneck
