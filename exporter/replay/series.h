// Rows of a recorded series to judgements: rows of one time are one interval of the pipeline.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "exporter/pipeline.h"
#include "exporter/replay/row.h"

namespace bottleneck {

/// A row that cannot be used.
struct ReplayMistake {
  std::size_t column = 1;  ///< byte of the line at which the cell begins, from 1
  std::string message;
};

class ReplaySeries {
 public:
  static constexpr std::size_t kMostContainers = 10'000;
  using Judged = std::function<void(double time, const Member& member, const Judgement& judgement)>;

  /// `judged` is called once for each container and moment, in the order of time.
  ReplaySeries(const ValidConfig& config, std::vector<ReplayColumn> columns, Judged judged);

  /// Takes a row; a row with a mistake changes nothing. Rows of a time are judged when a later one comes.
  std::optional<ReplayMistake> add(std::string_view line);
  /// Judges what is left, then calls `last` with the last judgement of each container of the last day.
  void finish(const Judged& last);
  [[nodiscard]] std::size_t containers_seen() const { return seen_; }

 private:
  struct Cell {
    enum class State : unsigned char { kEmpty, kNone, kNumber };
    State state = State::kEmpty;
    double number = kAbsent;
  };
  struct Recorded {
    Member member;
    double time = kAbsent;  ///< of its last row
  };

  std::optional<ReplayMistake> parse(std::string_view line);
  std::optional<ReplayMistake> take_cell(std::size_t index, const std::string& text);
  std::optional<ReplayMistake> check_time() const;
  Recorded& recorded();
  void apply(Member& member);
  void apply_field(const ReplayColumn& column, const Cell& cell, bool is_reading, Member& member);
  void derive(Member& member) const;
  void flush();
  [[nodiscard]] bool has_column(Field field) const;
  [[nodiscard]] std::int64_t to_ns(double time) const;

  std::vector<ReplayColumn> columns_;
  Judged judged_;
  Pipeline pipeline_;
  std::map<std::string, Recorded, std::less<>> members_;
  std::vector<Recorded*> pending_;  ///< of the present time
  HostValues host_;
  std::vector<HostDeviceSample> host_devices_;
  bool has_pulse_columns_ = false;

  std::vector<Cell> cells_;  ///< of the row at hand
  std::string name_;
  std::string image_;
  std::optional<Runtime> runtime_;
  std::string cell_text_;
  double row_time_ = kAbsent;
  double time_ = kAbsent;   ///< of the pending rows
  double first_ = kAbsent;  ///< of the series
  double swept_ = kAbsent;
  std::size_t seen_ = 0;
};

}  // namespace bottleneck
