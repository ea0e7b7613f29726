// The one table of options. A row says what an option is called in the file and on the command line, where
// its value is stored, what it may be and what it does; loading, flags, the example file and the reference
// all follow from it. Its type is the type of the member it is stored in, its default the value of that
// member in default_config().
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/config/config.h"

namespace bottleneck {

using Slot = std::variant<bool*, int*, double*, std::string*, std::vector<std::string>*, Profile*, LogLevel*,
                          LogFormat*>;

/// What is wrong with a text, as "expected ..."; empty: nothing.
using TextCheck = std::string (*)(std::string_view);

struct SchemaRow {
  std::string key;  ///< dotted: sampling.cpu_budget_cores
  std::function<Slot(ValidConfig&)> slot;
  double least = 0;  ///< range of a number, both ends included
  double most = 0;
  TextCheck check = nullptr;  ///< of a text, and of each item of a list
  std::string flag;  ///< "--web.listen-address"; empty: only in the file. A switch has "--no-..." as well
  std::string help;
};

/// All rows, those of one section together.
const std::vector<SchemaRow>& schema();

/// The configuration before anything was given. As ValidConfig{}, except where an empty text means "follows
/// another key" (path.cgroupfs); load_config() resolves these.
ValidConfig default_config();

/// "true or false", "whole number", "number", "text", "list of texts", "fleet, standard or full", ...
std::string type_of(const SchemaRow& row);
/// "1 to 100" for numbers, else empty.
std::string range_of(const SchemaRow& row);
/// The value that `config` has for the row, as YAML on one line.
std::string yaml_value(const SchemaRow& row, ValidConfig config);

/// Stores `items` (one, except for lists) into `config`. Returns what is wrong, empty when nothing is.
std::string store_value(const SchemaRow& row, const std::vector<std::string>& items, ValidConfig& config);

}  // namespace bottleneck
