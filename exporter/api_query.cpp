#include "exporter/api_query.h"

#include <charconv>
#include <set>

#include "exporter/base/text.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

Error invalid(std::string sentence) { return Error{ErrorCode::kInvalid, std::move(sentence)}; }

std::string number_text(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<ApiQuery> ApiQuery::parse(std::string_view query, const std::vector<std::string_view>& known) {
  auto parameters = parse_query(query);
  if (!parameters) return invalid("the query cannot be decoded");
  std::set<std::string_view> seen;
  for (const auto& [name, value] : *parameters) {
    bool found = false;
    for (const std::string_view candidate : known) found |= candidate == name;
    if (!found) {
      std::string list;
      for (const std::string_view candidate : known)
        list += (list.empty() ? "" : ", ") + std::string(candidate);
      return invalid("unknown parameter " + shown(name) + did_you_mean(name, known) +
                     (list.empty() ? "; there are none here" : "; there are " + list));
    }
    if (!seen.insert(name).second) return invalid(name + " is given twice");
  }
  return ApiQuery(std::move(*parameters));
}

const std::string* ApiQuery::find(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return &value;
  }
  return nullptr;
}

Status ApiQuery::take_number(std::string_view name, double least, double most, double& value) const {
  const std::string* text = find(name);
  if (text == nullptr) return ok();
  double number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end || !(number >= least && number <= most)) {
    return invalid(std::string(name) + ": " + shown(*text) + " is no number from " + number_text(least) +
                   " to " + number_text(most));
  }
  value = number;
  return ok();
}

Status ApiQuery::take_count(std::string_view name, std::uint64_t least, std::uint64_t most,
                            std::uint64_t& value) const {
  const std::string* text = find(name);
  if (text == nullptr) return ok();
  const auto number = parse_u64(*text);
  if (!number || *number < least || *number > most) {
    return invalid(std::string(name) + ": " + shown(*text) + " is no whole number from " +
                   std::to_string(least) + " to " + std::to_string(most));
  }
  value = *number;
  return ok();
}

}  // namespace bottleneck
