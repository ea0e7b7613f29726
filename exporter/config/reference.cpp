#include "exporter/config/reference.h"

#include "exporter/config/schema.h"

namespace bottleneck {
namespace {

constexpr std::size_t kWidth = 100;

std::string section_of(const SchemaRow& row) { return row.key.substr(0, row.key.find('.')); }

void append_comment(std::string& out, std::string_view text, std::string_view indent) {
  while (!text.empty()) {
    std::size_t length = text.size();
    if (length + indent.size() + 2 > kWidth) {
      length = text.rfind(' ', kWidth - indent.size() - 2);
      if (length == std::string_view::npos || length == 0) length = text.size();
    }
    out += indent;
    out += "# ";
    out += text.substr(0, length);
    out += '\n';
    text.remove_prefix(length);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
}

/// A '|' would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string example_config() {
  std::string out =
      "# Every key with its default. A key that is left out has its default; flags override this file.\n";
  std::string section;
  for (const SchemaRow& row : schema()) {
    if (section_of(row) != section) {
      section = section_of(row);
      out += "\n" + section + ":\n";
    }
    const std::string range = range_of(row);
    const std::string flag = row.flag.empty() ? "" : " Flag: " + row.flag + ".";
    std::string comment = row.help;
    comment.append(" (")
        .append(type_of(row))
        .append(range.empty() ? "" : ", ")
        .append(range)
        .append(")")
        .append(flag);
    append_comment(out, comment, "  ");
    out.append("  ")
        .append(row.key, section.size() + 1)
        .append(": ")
        .append(yaml_value(row, default_config())) += '\n';
  }
  return out;
}

std::string reference_table() {
  std::string out;
  std::string section;
  for (const SchemaRow& row : schema()) {
    if (section_of(row) != section) {
      section = section_of(row);
      out += out.empty() ? "" : "\n";
      out += "### `" + section + "`\n\n| key | flag | type | default | meaning |\n|---|---|---|---|---|\n";
    }
    const std::string range = range_of(row);
    out += "| `" + row.key + "` | " + (row.flag.empty() ? "" : "`" + row.flag + "`") + " | " +
           cell(type_of(row)) + (range.empty() ? "" : ", " + range) + " | `" +
           cell(yaml_value(row, default_config())) + "` | " + cell(row.help) + " |\n";
  }
  return out;
}

}  // namespace bottleneck
