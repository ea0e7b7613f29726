#include "exporter/replay/replay.h"

#include "exporter/replay/series.h"

namespace bottleneck {
namespace {

constexpr std::uint64_t kMostComplaints = 100;

class Run {
 public:
  Run(LineReader& lines, const ReplayOptions& options, const ReplayOutput::Write& out,
      const std::function<void(const std::string&)>& complain)
      : lines_(lines),
        options_(options),
        complain_(complain),
        output_(options.format, options.every_seconds, out) {}

  int all(const ValidConfig& config) {
    auto columns = header();
    if (!columns) return columns.error().code == ErrorCode::kMalformed ? 2 : 1;
    ReplaySeries series(
        config, std::move(*columns),
        [&](double time, const Member& member, const Judgement& judgement) {
          output_.add(time, member.subject.name, judgement, member.live);
        },
        [&](double time, const Member& member, const Judgement& judgement) {
          output_.add_last(time, member.subject.name, judgement, member.live);
        });
    output_.begin();
    const int code = rows(series);
    if (code != 0) return code;
    series.finish();
    if (bad_ > 0) {
      complain_(options_.file + ": " + std::to_string(bad_) + " of " + std::to_string(bad_ + good_) +
                " rows were skipped");
    }
    if (good_ == 0) complain_(options_.file + ": there is no row to judge");
    return good_ == 0 ? 2 : 0;
  }

 private:
  Result<bool> next(std::string_view& line) {
    auto more = lines_.next(line);
    if (!more) complain_(options_.file + ": " + more.error().message);
    ++number_;
    return more;
  }

  Result<std::vector<ReplayColumn>> header() {
    std::string_view line;
    const auto more = next(line);
    if (!more) return more.error();
    auto columns = *more ? parse_replay_header(line) : Error{ErrorCode::kMalformed, "the file is empty"};
    if (!columns) complain_(options_.file + ":1: " + columns.error().message);
    return columns;
  }

  int rows(ReplaySeries& series) {
    std::string_view line;
    while (true) {
      const auto more = next(line);
      if (!more) return 1;
      if (!*more) return 0;
      if (line.empty() && !lines_.cut()) continue;
      const std::optional<ReplayMistake> mistake =
          lines_.cut() ? ReplayMistake{1, "the line is too long"} : series.add(line);
      if (!mistake) {
        ++good_;
        continue;
      }
      if (++bad_ <= kMostComplaints || options_.strict) {
        complain_(options_.file + ":" + std::to_string(number_) + ":" + std::to_string(mistake->column) +
                  ": " + mistake->message);
      }
      if (options_.strict) return 2;
    }
  }

  LineReader& lines_;
  const ReplayOptions& options_;
  const std::function<void(const std::string&)>& complain_;
  ReplayOutput output_;
  std::uint64_t number_ = 0;
  std::uint64_t good_ = 0;
  std::uint64_t bad_ = 0;
};

}  // namespace

int replay(LineReader& lines, const ValidConfig& config, const ReplayOptions& options,
           const ReplayOutput::Write& out, const std::function<void(const std::string&)>& complain) {
  return Run(lines, options, out, complain).all(config);
}

std::string replay_help() {
  return R"(A recorded series is CSV (RFC 4180, a cell never spans lines) with a header. Rows are sorted by time; the
rows of one time, one for each container, are one moment. Numbers are those of the catalogue: raw counters
as the kernel keeps them (seconds, bytes, events since any start) and gauges, in base units.

- An empty cell was not read: a counter has no value for that moment, a gauge keeps its last one.
- 'none' says that there is none: a limit that was taken away.
- A counter that falls was reset: no value for that interval. After a gap of more than five minutes the
  windows begin anew.
- Rows with a cell of a number that is read each second (CPU, pressure, memory use) are a pulse; with a cell
  of one that is read each ten seconds (other memory, I/O, network, tasks) a detail reading: fill the columns
  of a kind together. Series of one interval between 100 ms and one minute fill all in each row.
- cpu_effective_limit, memory_effective_limit and memory_unreclaimable are worked out when they have no
  column, from limits and host, and from the parts of memory.
- Rows of one moment for more than 10000 containers, without a name, with text for a number, with a negative
  number, one of more than 64 bits or a size of 0 (a CPU limit may be), or with a time that falls are bad: they
  are told as FILE:LINE:COLUMN and skipped, or refused with --strict.

)" + replay_columns_text();
}

}  // namespace bottleneck
