#include "exporter/analyze/policy.h"

#include "exporter/analyze/budgets.h"
#include "exporter/base/text.h"
#include "exporter/model/finding.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostBudgets = 8;
static_assert(kAdviceCount <= kMostAdvice, "a bit for each");

std::string info_of_identity(const Identity& identity, std::string_view key) {
  for (const auto& [name, value] : identity.info) {
    if (name == key) return value;
  }
  return {};
}

std::bitset<kMostAdvice> parse_ignored(std::string_view list) {
  std::bitset<kMostAdvice> ignored;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view name = trim(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const AdviceId id = advice_of(name);
    if (name == "all") ignored.set();
    if (id != AdviceId::kCount) ignored.set(static_cast<std::size_t>(id));
  }
  return ignored;
}

}  // namespace

Subject make_subject(const Identity& identity, const RuntimeInfo* info, const CgroupDirectories& cgroup) {
  Subject subject;
  subject.name = identity.name;
  subject.id = identity.id;
  subject.runtime = identity.runtime;
  subject.image = info_of_identity(identity, "image");
  subject.image_id = info_of_identity(identity, "image_id");
  subject.workload = info_of_identity(identity, "workload");
  subject.compose_service = info_of_identity(identity, "compose_service");
  subject.k8s_namespace = info_of_identity(identity, "k8s_namespace");
  subject.k8s_pod = info_of_identity(identity, "k8s_pod");
  subject.k8s_container = info_of_identity(identity, "k8s_container");
  subject.cgroup = cgroup;
  if (info == nullptr) return subject;
  subject.runtime_name = info->name;
  subject.cpu_period = info->cpu_period.value_or(kAbsent);
  for (const auto& [key, value] : info->labels) {
    if (key == kIgnoreLabel) subject.ignored = parse_ignored(value);
    if (!key.starts_with(kBudgetLabelPrefix) || subject.budgets.size() >= kMostBudgets) continue;
    const double objective = parse_budget(value);
    if (is_present(objective)) subject.budgets.push_back({key.substr(kBudgetLabelPrefix.size()), objective});
  }
  return subject;
}

}  // namespace bottleneck
