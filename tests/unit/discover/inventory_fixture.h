// An inventory whose cgroups, sources and clock the test moves.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/discover/inventory.h"

namespace bottleneck {

inline std::string id_of(unsigned n) {
  std::string digits = std::to_string(n);
  return std::string(64 - digits.size(), 'a') + digits;
}
inline std::string hex_id(char first, unsigned n) {
  std::string id = id_of(n);
  id[0] = first;
  return id;
}

inline RuntimeInfo info_of(const std::string& id, std::string name, RunState state = RunState::kRunning) {
  RuntimeInfo info;
  info.id = id;
  info.name = std::move(name);
  info.state = state;
  return info;
}

class InventoryTest : public ::testing::Test {
 protected:
  void SetUp() override { make_inventory(); }
  void make_inventory() { inventory_ = std::make_unique<Inventory>(options_, names_); }

  CgroupRef& start(const std::string& id, Runtime runtime = Runtime::kDocker, unsigned owner = 0) {
    CgroupRef ref;
    ref.runtime = runtime;
    ref.id = id;
    ref.path = has_id(runtime) ? "/docker/" + id : id;
    if (owner != 0) ref.path = "/user/" + std::to_string(owner) + ref.path;
    ref.inode = ++inode_;
    ref.owner = owner;
    refs_.push_back(ref);
    ++version_;
    return refs_.back();
  }
  static bool has_id(Runtime runtime) { return runtime != Runtime::kSystemd && runtime != Runtime::kCgroup; }
  void end(const std::string& id) {
    std::erase_if(refs_, [&](const CgroupRef& ref) { return ref.id == id; });
    ++version_;
  }
  /// An engine that knows these containers.
  static SourceState engine(std::vector<RuntimeInfo> infos) {
    SourceState state;
    state.source = "unix:///test";
    state.runtime = Runtime::kDocker;
    state.may_tell = true;
    state.lists_all = true;
    state.live = true;
    auto map = std::make_shared<RuntimeMap>();
    for (RuntimeInfo& info : infos) map->emplace(info.id, std::make_shared<const RuntimeInfo>(info));
    state.containers = map;
    return state;
  }
  void source(SourceState state, std::size_t index = 0) {
    if (sources_.size() <= index) sources_.resize(index + 1);
    sources_[index] = std::make_shared<const SourceState>(std::move(state));
  }
  const InventoryChange& update(double later = 0) {
    now_ += later;
    return inventory_->update({.refs = refs_,
                               .refs_version = version_,
                               .sources = sources_,
                               .now_ns = static_cast<std::int64_t>(now_ * 1e9),
                               .unix_seconds = 1'700'000'000 + now_});
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    inventory_->for_each(
        [&](std::size_t, const InventoryEntry& entry) { out.push_back(entry.identity->name); });
    return out;
  }
  [[nodiscard]] const InventoryEntry* by_name(const std::string& name) const {
    const InventoryEntry* found = nullptr;
    inventory_->for_each([&](std::size_t, const InventoryEntry& entry) {
      if (entry.identity->name == name) found = &entry;
    });
    return found;
  }

  InventoryOptions options_;
  NameStore names_{""};
  std::unique_ptr<Inventory> inventory_;
  std::vector<CgroupRef> refs_;
  std::vector<SourceStatePtr> sources_;
  std::uint64_t version_ = 1;
  std::uint64_t inode_ = 100;
  double now_ = 1000;
  const std::string a_ = id_of(1);
  const std::string b_ = hex_id('b', 2);
};

}  // namespace bottleneck
