// The documents that follow from the schema.
#pragma once

#include <string>

namespace bottleneck {

/// A YAML file with every key at its default, its help as a comment. Loads to the defaults.
std::string example_config();
/// Markdown: a table of keys for each section.
std::string reference_table();

}  // namespace bottleneck
