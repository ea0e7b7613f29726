// What is known of an engine's containers, kept up to date from its lists, inspections and events. No input
// or output.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "exporter/discover/engine/engine_json.h"
#include "exporter/discover/events/fact.h"
#include "exporter/model/container.h"

namespace bottleneck {

/// An event tells at once what it says itself (a name, a start, an exit code); what only an inspection knows
/// is asked for. One that failed and was removed by its engine in the same moment (`--rm`) stays for a while,
/// to show how it ended.
class EngineTracker {
 public:
  explicit EngineTracker(LabelOptions options) : options_(std::move(options)) {}
  /// User id of a rootless engine, for the names in facts.
  void set_owner(unsigned owner) { owner_ = owner; }

  /// What take_wanted() gives out and apply_inspect() gets back: an answer that an event has overtaken is not
  /// taken.
  struct Wanted {
    std::string id;
    std::uint64_t version = 0;
  };

  /// To be called when a list is asked for, its answer applied with the same mark: what happened in between
  /// stays.
  [[nodiscard]] std::uint64_t mark() const { return version_; }
  void apply_list(const std::vector<ListedContainer>& list, std::uint64_t mark);
  void apply_inspect(const Wanted& asked, RuntimeInfo info);
  /// The engine does not know it (any more).
  void apply_gone(const Wanted& asked);
  /// Drops those that were shown for long enough; to be called now and then.
  void forget_removed(double unix_seconds);
  void apply_event(const EngineEvent& event);

  /// Containers that should be inspected, each once; running ones first. One whose answer never comes is
  /// asked for again with the next list.
  std::vector<Wanted> take_wanted(std::size_t most);
  [[nodiscard]] bool has_wanted() const { return !wanted_.empty() || !wanted_later_.empty(); }
  /// The image of a running container that was never asked about, each once; empty: there is none.
  std::string take_wanted_image();
  void apply_image(const std::string& image_id, const ImageFacts& facts);
  std::vector<ContainerFact> take_facts() { return std::exchange(facts_, {}); }
  /// True once after something changed.
  bool take_changed() { return std::exchange(changed_, false); }
  [[nodiscard]] std::shared_ptr<const RuntimeMap> containers();
  /// Time of the newest event, nanoseconds since the epoch; 0 before the first.
  [[nodiscard]] std::int64_t last_event_ns() const { return last_event_ns_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    RuntimeInfo info;
    std::shared_ptr<const RuntimeInfo> published;
    std::uint64_t version = 0;
    bool started_exactly = false;  ///< info.started is the engine's own, not an event's time
    bool followed = false;         ///< this run was seen from its start
    bool asked_to_end = false;     ///< a signal that ends was sent in this run
    bool inspected = false;
    double removed = 0;  ///< when the engine dropped it; 0: it still has it
  };
  using Entries = std::unordered_map<std::string, Entry>;

  [[nodiscard]] bool is_replay(const EngineEvent& event);
  Entry& entry_of(const EngineEvent& event);
  void touch(Entry& entry);
  void want(const std::string& id, bool soon);
  Entries::iterator remove(Entries::iterator found, double time);
  void drop_oldest_removed();
  void began(Entry& entry, const EngineEvent& event);
  void ended(Entry& entry, const EngineEvent& event);
  void asked_to_stop(Entry& entry, const EngineEvent& event);
  void health_changed(Entry& entry, const EngineEvent& event) const;
  void add_image_facts(RuntimeInfo& info) const;
  void forget_unused_images();
  void tell(ContainerFact::Kind kind, const RuntimeInfo& info, double time,
            const EngineEvent* event = nullptr);

  LabelOptions options_;
  unsigned owner_ = 0;
  Entries entries_;
  std::unordered_map<std::string, ImageFacts> images_;  ///< asked about, by id; empty facts: no answer (yet)
  std::deque<std::string> wanted_;
  std::deque<std::string> wanted_later_;
  std::set<std::string, std::less<>> wanted_ids_;
  std::vector<ContainerFact> facts_;
  std::deque<std::tuple<std::int64_t, std::string, EngineAction>> recent_;  ///< events seen, against replays
  std::uint64_t version_ = 0;
  std::int64_t last_event_ns_ = 0;
  bool changed_ = false;
};

}  // namespace bottleneck
