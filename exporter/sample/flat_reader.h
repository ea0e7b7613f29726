// Reads the generic files of a plan: flat keyed files, single numbers and pressure files.
#pragma once

#include <span>

#include "exporter/base/clock.h"
#include "exporter/sample/collector_cells.h"
#include "exporter/sample/container_reader.h"
#include "exporter/sample/read_plan.h"

namespace bottleneck {

/// What every reader of this stage needs. One sampler, one thread: the buffer is shared.
struct ReadContext {
  CgroupLayout layout;
  const ValidConfig* config = nullptr;
  ReadPlan plan;
  ReadBuffer buffer;
  CollectorCells cells;
  FileDescriptor procfs;  ///< directory of --path.procfs
  const Clock* clock = nullptr;
  /// Scratch of the process and task readers, kept so that a steady pass allocates nothing.
  std::vector<int> pids;
  std::vector<TaskTimes> tasks;
  bool timed = false;  ///< add the time of each reading to its collector's duration
};

/// Adds the time until its end to a collector's duration, where the context asks for it.
class ReadTimer {
 public:
  ReadTimer(ReadContext& context, Collector collector)
      : context_(context),
        collector_(collector),
        start_ns_(context.timed ? context.clock->monotonic_ns() : 0) {}
  ~ReadTimer() {
    if (!context_.timed) return;
    const auto took = static_cast<double>(context_.clock->monotonic_ns() - start_ns_);
    context_.cells.add_duration(collector_, took * 1e-9);
  }
  ReadTimer(const ReadTimer&) = delete;
  ReadTimer& operator=(const ReadTimer&) = delete;

 private:
  ReadContext& context_;
  Collector collector_;
  std::int64_t start_ns_;
};

/// Opens those of the container's directories and, where it `keeps_descriptors`, of its pulse files that are
/// not open yet. `unreadable` is set while no directory could be opened.
void open_container(ReadContext& context, ContainerReader& reader);

/// Several containers that are read together: one file of all of them, then the next file. The kernel's code
/// for a file is then still in the caches, which makes a reading a fifth cheaper than container by container.
using Batch = std::span<ContainerReader* const>;

/// Reads the first pulse file, the one of the CPU usage. False for an idle container (its CPU counter did not
/// move): it pays for this file only, and its others follow at least every `idle_every` pulses. Sets `gone`.
bool read_usage(ReadContext& context, ContainerReader& reader, std::uint32_t idle_every);
/// Reads the other pulse files. Sets `gone`.
void read_pulse(ReadContext& context, Batch readers);

/// Reads the flat detail files and what is derived from them.
void read_flat_detail(ReadContext& context, Batch readers);

/// Reads the flat limits files; files that failed are tried again.
void read_flat_limits(ReadContext& context, ContainerReader& reader);

/// The text of one irregular file of the container; nothing when it cannot be read (recorded as the error
/// table says). Valid until the next read.
Result<std::string_view> read_own_file(ReadContext& context, ContainerReader& reader, Controller controller,
                                       const char* name, Collector collector);

}  // namespace bottleneck
