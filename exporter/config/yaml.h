// YAML as a plain tree: the only place that touches yaml-cpp and its exceptions. Bounded in size, depth and
// number of nodes (aliases are copied), so that no text makes it slow or large.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"

namespace bottleneck {

struct YamlNode {
  struct Entry;
  enum class Kind : unsigned char { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;  ///< of a scalar
  int line = 1;      ///< counted from 1
  int column = 1;
  std::vector<YamlNode> items;  ///< of a list
  std::vector<Entry> entries;   ///< of a map, in order; each key is a scalar, given once

  /// The value of `key` in a map, nullptr when it is not there.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlNode::Entry {
  YamlNode key;
  YamlNode value;
};

inline constexpr std::size_t kMaxYamlBytes = std::size_t{1} << 20U;

/// `file` is for messages only. Errors are whole lines: "file:line:col: message".
Result<YamlNode> parse_yaml(const std::string& text, const std::string& file);
/// Reads at most kMaxYamlBytes.
Result<YamlNode> read_yaml(const std::string& file);

/// "file:line:col", for messages about a node.
std::string yaml_position(const std::string& file, const YamlNode& node);

}  // namespace bottleneck
