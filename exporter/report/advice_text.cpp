#include "exporter/report/advice_text.h"

#include "exporter/report/json.h"
#include "exporter/report/terminal.h"

namespace bottleneck {
namespace {

std::string text_at(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

AdviceView view_of(const OrderedJson& row) {
  AdviceView view;
  view.container = text_at(row, "name");
  view.recommendation = text_at(row, "recommendation");
  view.severity = text_at(row, "severity");
  view.title = text_at(row, "title");
  if (const auto since = row.find("since"); since != row.end() && since->is_number())
    view.since_unix = since->get<double>();
  view.description = text_at(row, "description");
  view.suggestion = text_at(row, "suggestion");
  view.clears = text_at(row, "clears");
  const auto changes = row.find("changes");
  if (changes == row.end() || !changes->is_array()) return view;
  for (const OrderedJson& change : *changes) {
    if (!change.is_object()) continue;
    view.changes.push_back({text_at(change, "target"), text_at(change, "apply"), text_at(change, "undo")});
  }
  return view;
}

std::string one_text(const AdviceView& view) {
  const std::string since = utc_text(view.since_unix);
  std::string text = wrapped(view.recommendation + " (" + view.severity +
                                 (since.empty() ? "" : ", since " + since) + "): " + view.title + ".",
                             "  ");
  if (!view.description.empty()) text += wrapped(view.description, "    ");
  if (!view.suggestion.empty()) text += wrapped(view.suggestion, "    ");
  if (!view.clears.empty()) text += wrapped(view.clears, "    Over when: ");
  for (const AdviceView::Way& way : view.changes) {
    text += wrapped(way.target + ":", "    ") + verbatim(way.apply, "      ");
    if (!way.undo.empty()) text += "    to undo it:\n" + verbatim(way.undo, "      ");
  }
  return text;
}

}  // namespace

std::vector<AdviceView> advice_views(std::string_view name, const Judgement& judgement) {
  std::vector<AdviceView> views;
  for (const Finding& finding : judgement.findings) {
    if (!finding.active()) continue;
    AdviceView view;
    view.container = name;
    view.recommendation = info_of(finding.id).name;
    view.severity = name_of(finding.severity);
    view.title = info_of(finding.id).title;
    view.since_unix = finding.since_unix;
    if (finding.text != nullptr) {
      view.description = finding.text->description;
      view.suggestion = finding.text->suggestion;
      view.clears = finding.text->clears;
      for (const Change& change : finding.text->changes)
        view.changes.push_back({std::string(change.target), change.apply, change.undo});
    }
    views.push_back(std::move(view));
  }
  return views;
}

Result<std::vector<AdviceView>> parse_advice_views(std::string_view json) {
  const OrderedJson answer = OrderedJson::parse(json, nullptr, false);
  const auto malformed = [] { return Error{ErrorCode::kMalformed, "the answer lists no recommendations"}; };
  if (!answer.is_object()) return malformed();
  const auto rows = answer.find("recommendations");
  if (rows == answer.end() || !rows->is_array()) return malformed();
  std::vector<AdviceView> views;
  for (const OrderedJson& row : *rows) {
    if (!row.is_object()) return malformed();
    views.push_back(view_of(row));
  }
  return views;
}

std::string advice_text(const std::vector<AdviceView>& views) {
  if (views.empty()) return "nothing is recommended\n";
  std::string text;
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (i == 0 || views[i].container != views[i - 1].container)
      text += (i == 0 ? "" : "\n") + wrapped(views[i].container);
    text += one_text(views[i]);
  }
  return text;
}

}  // namespace bottleneck
