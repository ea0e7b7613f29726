// A recorded series as text: what a header names, and what a row says. Parsers of text from outside: nothing
// here throws, and a mistake is told with its column.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"
#include "exporter/model/catalogue.h"
#include "exporter/model/container.h"
#include "exporter/model/evidence.h"

namespace bottleneck {

/// Takes the next cell off `rest` (RFC 4180: quoted where it holds commas or quotes, "" for a quote; a cell
/// never spans lines). False when none is left; then `cell` is empty. A broken quote sets `broken`.
bool next_csv_cell(std::optional<std::string_view>& rest, std::string& cell, bool& broken);

/// What a column holds.
struct ReplayColumn {
  enum class What : unsigned char { kTime, kContainer, kImage, kRuntime, kField, kExtra };
  What what = What::kField;
  Field field = Field::kCount;
  double Extras::*extra = nullptr;
  std::string part;  ///< device or interface: of "io_reads:sda"
};

/// The columns of a header line. kMalformed with the column and the word that was meant.
Result<std::vector<ReplayColumn>> parse_replay_header(std::string_view line);

/// A number: seconds, bytes, events, as the catalogue says. Nothing for other text, or one out of range.
std::optional<double> parse_replay_number(std::string_view text);

/// What is wrong with a number that no kernel gives for this column; empty when nothing is.
std::string_view wrong_with(const ReplayColumn& column, double value);

/// How often the sampler reads the number: each second, each ten seconds or less, or when a runtime tells.
bool is_pulse(const ReplayColumn& column);
bool is_detail(const ReplayColumn& column);
bool is_told(const FieldInfo& info);

/// By its name ("docker", "podman", ...).
std::optional<Runtime> runtime_named(std::string_view name);

/// The columns that a series may have, as text for people: a table of names, units and meanings.
std::string replay_columns_text();

}  // namespace bottleneck
