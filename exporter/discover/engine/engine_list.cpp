// GET /containers/json, read as a stream of tokens.
#include <utility>

#include "exporter/discover/engine/engine_json.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {
namespace {

/// Walks the list's tokens; depth 1 is the list, 2 a container, 3 its names and labels.
class ListReader {
 public:
  explicit ListReader(const LabelOptions& options) : options_(options) {}
  [[nodiscard]] bool is_list() const { return is_list_; }
  std::vector<ListedContainer> take() { return std::move(out_); }

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(std::int64_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) { return number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) { return number(value); }
  bool binary(Json::binary_t&) { return true; }
  bool key(std::string& text) {
    if (depth_ == 2) member_ = text;
    if (depth_ == 3) inner_ = text;
    return true;
  }
  bool start_object(std::size_t) {
    ++depth_;
    if (depth_ == 2) current_ = ListedContainer{};
    return true;
  }
  bool end_object() {
    if (depth_ == 2 && is_list_ && !current_.info.id.empty()) out_.push_back(std::move(current_));
    --depth_;
    return true;
  }
  bool start_array(std::size_t) {
    if (depth_ == 0) is_list_ = true;
    ++depth_;
    return true;
  }
  bool end_array() {
    --depth_;
    return true;
  }
  bool string(std::string& text) {
    RuntimeInfo& info = current_.info;
    if (depth_ == 2) {
      text_member(text);
    } else if (depth_ == 3 && member_ == "Names" && info.name.empty()) {
      info.name = plain_name(text);
    } else if (depth_ == 3 && member_ == "Labels" && keeps_label(inner_, options_)) {
      info.labels.emplace(inner_, text);
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

 private:
  bool number(double value) {
    if (depth_ == 2 && member_ == "Created" && value > 0) current_.info.created = value;
    return true;
  }
  void text_member(const std::string& text) {
    RuntimeInfo& info = current_.info;
    if (member_ == "Id") info.id = text;
    if (member_ == "Image") info.image = text;
    if (member_ == "ImageID") info.image_id = text;
    if (member_ == "State") info.state = parse_run_state(text);
    if (member_ != "Status") return;
    // "Up 3 minutes (healthy)", "Up 2 seconds (health: starting)"
    if (text.ends_with("(healthy)")) info.health = Health::kHealthy;
    if (text.ends_with("(unhealthy)")) info.health = Health::kUnhealthy;
    if (text.ends_with("(health: starting)") || text.ends_with("(starting)")) info.health = Health::kStarting;
  }

  const LabelOptions& options_;
  std::vector<ListedContainer> out_;
  ListedContainer current_;
  std::string member_;
  std::string inner_;
  int depth_ = 0;
  bool is_list_ = false;
};

}  // namespace

Result<std::vector<ListedContainer>> parse_container_list(std::string_view body,
                                                          const LabelOptions& options) {
  if (!depth_is_bounded(body)) return Error{ErrorCode::kMalformed, "JSON nested too deeply"};
  ListReader reader(options);
  if (!Json::sax_parse(body.begin(), body.end(), &reader) || !reader.is_list()) {
    return Error{ErrorCode::kMalformed, "no list of containers"};
  }
  return reader.take();
}

}  // namespace bottleneck
