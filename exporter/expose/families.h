// Catalogue rows as families of a scrape; shared by the writers of this stage.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/expose/exposition.h"

namespace bottleneck {

/// A row's line up to the labels of the thing it is about: `family{resource="cpu",`.
const std::array<std::string, kFieldCount>& line_prefixes();

/// A row that a scrape shows.
struct SelectedRow {
  Field field;
  std::string_view prefix;
};

bool is_selected(const FieldInfo& info, const ExpositionOptions& options);

/// Calls `write(rows)` for each family of a scope that the options ask for, in the order of the catalogue.
template <class Write>
void for_each_family(Scope scope, const ExpositionOptions& options, const Write& write) {
  const FieldRange range = fields_of(scope);
  const std::size_t end = range.first + range.count;
  std::vector<SelectedRow> rows;
  for (std::size_t i = range.first; i < end;) {
    const std::string_view family = catalogue()[i].family;
    rows.clear();
    for (; i < end && catalogue()[i].family == family; ++i) {
      if (is_selected(catalogue()[i], options)) rows.push_back({static_cast<Field>(i), line_prefixes()[i]});
    }
    if (!rows.empty()) write(std::span<const SelectedRow>(rows));
  }
}

/// Lines of one family, its head before the first of them.
class FamilyLines {
 public:
  FamilyLines(TextBuffer& out, TextFormat format, std::span<const SelectedRow> rows)
      : out_(out), format_(format), info_(info_of(rows.front().field)) {}

  void add(std::string_view prefix, std::string_view labels, double value) {
    char* place = begin_line(prefix.size() + labels.size());
    place = copy(place, prefix);
    end_line(copy(place, labels), value);
  }
  /// With a label of this line alone between the two.
  void add(std::string_view prefix, std::string_view label, std::string_view labels, double value) {
    char* place = begin_line(prefix.size() + label.size() + labels.size());
    place = copy(copy(place, prefix), label);
    end_line(copy(place, labels), value);
  }
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  char* begin_line(std::size_t bytes) {
    if (lines_++ == 0) write_head();
    return out_.room(bytes + kNumberBytes + 1);
  }
  static char* copy(char* place, std::string_view text) {
    std::memcpy(place, text.data(), text.size());
    return place + text.size();
  }
  void end_line(char* place, double value) {
    place = write_number(place, value);
    *place = '\n';
    out_.commit(place + 1);
  }
  void write_head() {
    const MetricType type = info_.kind == Kind::kCounter ? MetricType::kCounter : MetricType::kGauge;
    append_head(out_, format_, info_.family, type, info_.help);
  }

  TextBuffer& out_;
  TextFormat format_;
  const FieldInfo& info_;
  std::size_t lines_ = 0;
};

/// `name="value"`, escaped.
void append_label(TextBuffer& out, std::string_view name, std::string_view value);

/// bottleneck_container_info of the first `containers`; returns the series.
std::size_t write_container_info(const Snapshot& snapshot, std::size_t containers,
                                 const ExpositionOptions& options, TextBuffer& out);
std::size_t write_host_info(const HostInfo& host, const ExpositionOptions& options, TextBuffer& out);
/// Host and host devices.
std::size_t write_host(const Snapshot& snapshot, const ExpositionOptions& options, TextBuffer& out);

}  // namespace bottleneck
