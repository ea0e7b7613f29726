// How a replay shows its judgements: one line each, CSV or JSON.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "exporter/model/judgement.h"

namespace bottleneck {

enum class ReplayFormat : unsigned char { kCsv, kJson };

/// The first line of CSV.
std::string replay_csv_header();
/// time, container, overall score, band, category, confidence, the score of each resource, the
/// recommendations that are given ("ID=severity;..."), the answer in words. Absent numbers are empty cells.
/// `running`: or what stopped gets no more data.
std::string replay_csv_line(double time, std::string_view container, const Judgement& judgement,
                            bool running);
/// The same as an object, with the texts, changes and undo of the recommendations.
std::string replay_json_line(double time, std::string_view container, const Judgement& judgement,
                             bool running);

/// Writes every judgement, or of each container one each `every_seconds` and its last one.
class ReplayOutput {
 public:
  using Write = std::function<void(std::string_view)>;
  ReplayOutput(ReplayFormat format, double every_seconds, Write write)
      : format_(format), every_(every_seconds), write_(std::move(write)) {}

  void begin();
  void add(double time, const std::string& container, const Judgement& judgement, bool running);
  /// The last judgement of a container, which is forgotten with it; written unless add() did.
  void add_last(double time, const std::string& container, const Judgement& judgement, bool running);

 private:
  struct Written {
    double step = kAbsent;  ///< of `every_`
    double time = kAbsent;
  };
  void write(double time, std::string_view container, const Judgement& judgement, bool running);

  ReplayFormat format_;
  double every_;
  Write write_;
  std::map<std::string, Written, std::less<>> written_;
};

}  // namespace bottleneck
