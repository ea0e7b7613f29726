// Rows of a recorded series to judgements: rows of one time are one interval of the pipeline.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>
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

  /// `judged` is called once for each container and moment, in the order of time; `last` with the last
  /// judgement of a container, when the series ends, had no row of it for a day, or room is made for others.
  ReplaySeries(const ValidConfig& config, std::vector<ReplayColumn> columns, Judged judged, Judged last);

  /// Takes a row; a row with a mistake changes nothing. Rows of a time are judged when a later one comes.
  std::optional<ReplayMistake> add(std::string_view line);
  /// Judges what is left.
  void finish();

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
  using Rows = std::list<Recorded>;

  std::optional<ReplayMistake> parse(std::string_view line);
  std::optional<ReplayMistake> take_cell(std::size_t index, const std::string& text);
  std::optional<ReplayMistake> check_time() const;
  Recorded& recorded();
  bool make_room();
  void let_oldest_go();
  void apply(Member& member);
  void apply_field(const ReplayColumn& column, const Cell& cell, bool is_reading, Member& member);
  void derive(Member& member) const;
  void flush();
  [[nodiscard]] bool has_column(Field field) const;
  [[nodiscard]] std::int64_t to_ns(double time) const;

  std::vector<ReplayColumn> columns_;
  Judged judged_;
  Judged last_;
  Pipeline pipeline_;
  Rows rows_;  ///< the one without a row for longest first
  std::unordered_map<std::string, Rows::iterator> members_;
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
};

}  // namespace bottleneck
