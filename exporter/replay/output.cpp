#include "exporter/replay/output.h"

#include <array>
#include <charconv>
#include <cmath>

#include "exporter/report/explain_text.h"
#include "exporter/report/json.h"
#include "exporter/report/judgement_json.h"
#include "exporter/report/terminal.h"

namespace bottleneck {
namespace {

template <class Number>
std::string number_text(Number value) {
  if (!std::isfinite(value)) return {};
  std::array<char, 64> text{};
  return {text.data(),
          std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
}

/// Quoted where it must be (RFC 4180), on one line. A leading '=', '+', '-' or '@' would be a formula to a
/// spreadsheet: such a text gets an apostrophe, which spreadsheets take for "this is text".
std::string csv_text(std::string_view text) {
  std::string safe = plain(text);
  const bool formula = !safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos;
  if (!formula && safe.find_first_of(",\"") == std::string::npos) return safe;
  std::string out = formula ? "\"'" : "\"";
  for (const char c : safe) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string replay_csv_header() {
  std::string out = "time,container,overall_score,band,category,confidence";
  for (std::size_t i = 0; i < kResourceCount; ++i)
    out += "," + std::string(name_of(static_cast<Resource>(i))) + "_score";
  return out + ",recommendations,answer\n";
}

std::string replay_csv_line(double time, std::string_view container, const Judgement& judgement,
                            bool running) {
  std::string out =
      number_text(time) + "," + csv_text(container) + "," + number_text(judgement.overall) + ",";
  if (is_present(judgement.overall)) out += name_of(judgement.band);
  out += ",";
  if (judgement.judged) out += name_of(judgement.category);
  out += "," + number_text(judgement.confidence);
  for (const ResourceJudgement& resource : judgement.resources) out += "," + number_text(resource.score);
  std::string given;
  for (const Finding& finding : judgement.findings) {
    if (!finding.active()) continue;
    given += (given.empty() ? "" : ";") + std::string(info_of(finding.id).name) + "=" +
             std::string(name_of(finding.severity));
  }
  return out + "," + given + "," + csv_text(answer_in_words(judgement, running)) + "\n";
}

std::string replay_json_line(double time, std::string_view container, const Judgement& judgement,
                             bool running) {
  OrderedJson out = {{"time", time}, {"container", container}, {"judged", judgement.judged}};
  put(out, "overall_score", judgement.overall);
  if (is_present(judgement.overall)) out["band"] = name_of(judgement.band);
  if (judgement.judged) out["category"] = name_of(judgement.category);
  put(out, "confidence", judgement.confidence);
  OrderedJson& scores = out["scores"] = OrderedJson::object();
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    put(scores, std::string(name_of(resource)).c_str(), judgement.of(resource).score);
  }
  OrderedJson& given = out["recommendations"] = OrderedJson::array();
  for (const Finding& finding : judgement.findings) {
    if (finding.active()) given.push_back(finding_json(finding));
  }
  out["answer"] = answer_in_words(judgement, running);
  return dump(out);
}

void ReplayOutput::begin() {
  if (format_ == ReplayFormat::kCsv) write_(replay_csv_header());
}

void ReplayOutput::write(double time, std::string_view container, const Judgement& judgement, bool running) {
  write_(format_ == ReplayFormat::kCsv ? replay_csv_line(time, container, judgement, running)
                                       : replay_json_line(time, container, judgement, running));
}

void ReplayOutput::add(double time, const std::string& container, const Judgement& judgement, bool running) {
  if (!(every_ > 0)) return write(time, container, judgement, running);
  Written& last = written_[container];
  const double step = std::floor(time / every_);
  if (step == last.step) return;
  last = {step, time};
  write(time, container, judgement, running);
}

void ReplayOutput::add_last(double time, const std::string& container, const Judgement& judgement,
                            bool running) {
  const auto last = written_.find(container);
  if (last == written_.end()) return;  // every one was written
  if (last->second.time < time) write(time, container, judgement, running);
  written_.erase(last);
}

}  // namespace bottleneck
