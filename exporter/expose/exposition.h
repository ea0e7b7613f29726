// A snapshot as text for Prometheus: families in the order of the catalogue, appended to a reused buffer.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"  // before values.h: GCC 12 takes ErrorCode::kAbsent for a shadow of that kAbsent
#include "exporter/expose/metric_text.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

/// What of a snapshot a scrape wants.
struct ExpositionOptions {
  TextFormat format = TextFormat::kText004;
  Profile profile = Profile::kStandard;
  std::array<bool, kCollectorCount> collectors = [] {
    std::array<bool, kCollectorCount> on{};
    on.fill(true);
    return on;
  }();
  /// Families to show, with or without "_total" and "_info"; empty: all.
  std::vector<std::string> names;
  bool id_label = false;  ///< the runtime's id on every container series
  std::size_t max_series = 200'000;

  [[nodiscard]] bool wants(std::string_view family) const;
};

struct ExpositionCount {
  std::size_t series = 0;
  std::size_t containers = 0;
  std::size_t containers_dropped = 0;  ///< left out whole, so that max_series holds
  std::size_t series_dropped = 0;      ///< the series that those had
};

/// Writes the snapshot's part of a scrape (no "# EOF"). Keeps scratch memory: one object a thread.
class ExpositionWriter {
 public:
  ExpositionCount write(const Snapshot& snapshot, const ExpositionOptions& options, TextBuffer& out);

 private:
  struct Labels {
    std::size_t begin;
    std::size_t size;
  };

  std::size_t choose_containers(const Snapshot& snapshot, const ExpositionOptions& options,
                                ExpositionCount& count);
  void render_labels(const Snapshot& snapshot, const ExpositionOptions& options, std::size_t containers);
  std::size_t write_containers(const Snapshot& snapshot, const ExpositionOptions& options,
                               std::size_t containers, TextBuffer& out);
  std::size_t write_devices(const Snapshot& snapshot, const ExpositionOptions& options,
                            std::size_t containers, TextBuffer& out);
  std::size_t write_interfaces(const Snapshot& snapshot, const ExpositionOptions& options,
                               std::size_t containers, TextBuffer& out);
  [[nodiscard]] std::string_view labels(std::size_t container) const {
    return label_text_.view().substr(labels_[container].begin, labels_[container].size);
  }

  std::vector<Labels> labels_;  ///< of each container: name="..."} and a blank
  TextBuffer label_text_;
  TextBuffer scratch_;
};

}  // namespace bottleneck
