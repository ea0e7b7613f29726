#include "exporter/config/yaml.h"

#include <yaml-cpp/yaml.h>

#include <optional>
#include <set>

#include "exporter/base/file.h"
#include "exporter/base/text.h"
#include "exporter/base/utf8.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxNodes = 20'000;

Error error_at(const std::string& file, int line, int column, const std::string& message) {
  return Error{ErrorCode::kInvalid,
               file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message};
}

/// A binary file is told as such, before a YAML parser says something odd about it.
std::optional<Error> check_text(std::string_view text, const std::string& file) {
  int line = 1;
  int column = 1;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const auto byte = static_cast<unsigned char>(text.front());
    const bool control = byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r';
    if (length == 0 || control || byte == 0x7f) {
      return error_at(file, line, column, "this is no text: byte " + shown(text.substr(0, 1)));
    }
    column = byte == '\n' ? 1 : column + 1;
    line += byte == '\n' ? 1 : 0;
    text.remove_prefix(length);
  }
  return std::nullopt;
}

/// Copies the parser's nodes. Returns false once something is wrong; the first error is kept.
class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  YamlNode convert(const YAML::Node& in, int depth) {
    YamlNode out;
    out.line = in.Mark().line + 1;
    out.column = in.Mark().column + 1;
    if (error_) return out;
    if (depth > kMaxDepth) return fail(out, "nested more than " + std::to_string(kMaxDepth) + " levels deep");
    if (++nodes_ > kMaxNodes) return fail(out, "more than " + std::to_string(kMaxNodes) + " values");
    if (in.IsScalar()) {
      out.kind = YamlNode::Kind::kScalar;
      out.text = in.Scalar();
    } else if (in.IsSequence()) {
      out.kind = YamlNode::Kind::kList;
      for (const auto& item : in) out.items.push_back(convert(item, depth + 1));
    } else if (in.IsMap()) {
      out.kind = YamlNode::Kind::kMap;
      convert_entries(in, depth, out);
    }
    return out;
  }

 private:
  void convert_entries(const YAML::Node& in, int depth, YamlNode& out) {
    std::set<std::string> seen;
    for (const auto& entry : in) {
      YamlNode key = convert(entry.first, depth + 1);
      if (key.kind != YamlNode::Kind::kScalar) fail(key, "expected a key, not a list, a map or nothing");
      if (!seen.insert(key.text).second) fail(key, "the key " + shown(key.text) + " is given twice");
      if (error_) return;
      YamlNode value = convert(entry.second, depth + 1);
      out.entries.push_back({std::move(key), std::move(value)});
    }
  }

  YamlNode fail(const YamlNode& node, const std::string& message) {
    if (!error_) error_ = error_at(file_, node.line, node.column, message);
    return {};
  }

  const std::string& file_;
  std::optional<Error> error_;
  int nodes_ = 0;
};

/// A marker at the start of a line, "---" or "...", is one wherever it stands.
bool is_marker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == marker.size() || is_blank(line[marker.size()]));
}

/// The parser would leave out all documents but the first without a word. (Its function for several never
/// ends on some malformed ones.)
std::optional<Error> check_one_document(std::string_view text, const std::string& file) {
  bool begun = false;
  bool ended = false;
  int number = 0;
  for (std::string_view line; next_line(text, line);) {
    ++number;
    const std::string_view content = trim(line);
    const bool starts = is_marker(line, "---");
    if (content.empty() || content.front() == '#') continue;
    if (ended || (starts && begun))
      return error_at(file, number, 1, "expected one YAML document, not several");
    if (is_marker(line, "...")) {
      ended = true;
    } else {
      begun = begun || line.front() != '%';  // a directive stands before its document
    }
  }
  return std::nullopt;
}

Result<YamlNode> convert_document(const YAML::Node& document, const std::string& file) {
  Converter converter(file);
  YamlNode node = converter.convert(document, 0);
  if (converter.error()) return *converter.error();
  return node;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

Result<YamlNode> parse_yaml(const std::string& text, const std::string& file) {
  if (auto error = check_text(text, file)) return *error;
  if (auto error = check_one_document(text, file)) return *error;
  try {
    return convert_document(YAML::Load(text), file);
  } catch (const YAML::Exception& e) {
    return error_at(file, e.mark.line + 1, e.mark.column + 1, "not valid YAML: " + e.msg);
  } catch (const std::exception& e) {
    return error_at(file, 1, 1, std::string("not valid YAML: ") + e.what());
  }
}

Result<YamlNode> read_yaml(const std::string& file) {
  const Result<std::string> text = read_file(file, kMaxYamlBytes);
  if (!text) return text.error();
  return parse_yaml(*text, file);
}

std::string yaml_position(const std::string& file, const YamlNode& node) {
  return file + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
}

}  // namespace bottleneck
