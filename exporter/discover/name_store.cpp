#include "exporter/discover/name_store.h"

#include <algorithm>
#include <vector>

#include "exporter/base/log.h"
#include "exporter/discover/state_file.h"

namespace bottleneck {
namespace {}  // namespace

NameStore::NameStore(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  const auto state = load_state_file(path_, kVersion);
  if (!state) {
    if (state.error().code != ErrorCode::kAbsent && state.error().code != ErrorCode::kMalformed) {
      log(LogLevel::kWarn, "remembered names cannot be read", {{"error", state.error().message}});
    }
    return;
  }
  const Json* names = member(&*state, "names");
  if (names == nullptr || !names->is_object()) return;
  for (const auto& [id, entry] : names->items()) {
    const std::string_view name = text_at(&entry, "name");
    if (!name.empty() && names_.size() < kMost) {
      names_[id] = Remembered{std::string(name), number_at(&entry, "seen").value_or(0)};
    }
  }
}

const std::string* NameStore::find(const std::string& id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second.name;
}

void NameStore::remember(const std::string& id, const std::string& name, double unix_seconds) {
  names_[id] = Remembered{name, unix_seconds};
  dirty_ = true;
}

void NameStore::touch(const std::string& id, double unix_seconds) {
  const auto found = names_.find(id);
  if (found == names_.end() || found->second.seen >= unix_seconds) return;
  // Written at most once a day and id: it is only there so that the living are not forgotten.
  if (unix_seconds - found->second.seen > 86400) dirty_ = true;
  if (dirty_) found->second.seen = unix_seconds;
}

Json NameStore::take_changes(double unix_seconds) {
  forget_old(unix_seconds);
  Json names = Json::object();
  for (const auto& [id, entry] : names_) names[id] = Json{{"name", entry.name}, {"seen", entry.seen}};
  dirty_ = false;
  return Json{{"names", std::move(names)}};
}

Status NameStore::save(double unix_seconds) {
  if (!dirty()) return ok();
  Status saved = save_state_file(path_, kVersion, take_changes(unix_seconds));
  dirty_ = !saved.has_value();
  return saved;
}

void NameStore::forget_old(double unix_seconds) {
  std::erase_if(names_, [&](const auto& item) { return unix_seconds - item.second.seen > kForgetSeconds; });
  if (names_.size() <= kMost) return;
  std::vector<double> seen;
  for (const auto& [id, entry] : names_) seen.push_back(entry.seen);
  const auto cut = seen.begin() + static_cast<std::ptrdiff_t>(names_.size() - kMost);
  std::nth_element(seen.begin(), cut, seen.end());
  std::erase_if(names_, [&](const auto& item) { return item.second.seen < *cut; });
}

}  // namespace bottleneck
