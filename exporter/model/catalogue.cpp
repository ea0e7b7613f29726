#include "exporter/model/catalogue.h"

namespace bottleneck {
namespace {

constexpr Source none() { return {}; }
constexpr Source v2(std::string_view file, std::string_view key, Unit unit) {
  return {Controller::kUnified, file, key, unit};
}
constexpr Source own(std::string_view file) { return {Controller::kUnified, file, kOwnParser, Unit::kOne}; }
constexpr Source v1(Controller controller, std::string_view file, std::string_view key, Unit unit) {
  return {controller, file, key, unit};
}
constexpr Source v1_own(Controller controller, std::string_view file) {
  return {controller, file, kOwnParser, Unit::kOne};
}
constexpr Source json(std::string_view pointer, Unit unit) {
  return {Controller::kUnified, pointer, "", unit};
}

constexpr auto kCounter = Kind::kCounter;
constexpr auto kGauge = Kind::kGauge;
constexpr auto kFleet = Profile::kFleet;
constexpr auto kStandard = Profile::kStandard;
constexpr auto kFull = Profile::kFull;
constexpr auto kPulse = Cadence::kPulse;
constexpr auto kDetail = Cadence::kDetail;
constexpr auto kSlow = Cadence::kSlow;
constexpr auto kLimits = Cadence::kLimits;
constexpr auto kDerived = Cadence::kDerived;
constexpr auto kEvent = Cadence::kEvent;
constexpr auto kOne = Unit::kOne;
constexpr auto kMicroseconds = Unit::kMicroseconds;
constexpr auto kNanoseconds = Unit::kNanoseconds;
constexpr auto kTicks = Unit::kTicks;
constexpr auto kPages = Unit::kPages;
constexpr auto kLimit = Unit::kLimit;
constexpr auto kReservation = Unit::kReservation;

// The family's prefix depends on the scope, and literals join at compile time only: one macro a scope.
#define PREFIX_kContainer "bottleneck_container_"
#define PREFIX_kDevice "bottleneck_container_"
#define PREFIX_kInterface "bottleneck_container_"
#define PREFIX_kHost "bottleneck_host_"
#define PREFIX_kHostDevice "bottleneck_host_"

constexpr std::array<FieldInfo, kFieldCount> kCatalogue = {{
#define FIELD(scope, id, family, labels, kind, collector, profile, cadence, v2_source, v1_source, docker, \
              help)                                                                                       \
  {Scope::scope, #id,     PREFIX_##scope family,                                                          \
   labels,       kind,    Collector::collector,                                                           \
   profile,      cadence, v2_source,                                                                      \
   v1_source,    docker,  help},
#include "exporter/model/fields.def"
#undef FIELD
}};

constexpr bool scopes_stand_together() {
  for (std::size_t i = 1; i < kFieldCount; ++i) {
    if (kCatalogue[i].scope < kCatalogue[i - 1].scope) return false;
  }
  return true;
}
static_assert(scopes_stand_together(), "rows of one scope stand together, in the order of enum Scope");

constexpr std::array<std::string_view, kCollectorCount> kCollectorNames = {
    "cpu",      "memory",  "io",      "network", "pids", "processes",
    "pressure", "runtime", "storage", "events",  "host", "docker"};
constexpr std::array<std::string_view, kControllerCount> kControllerNames = {
    "unified", "cpu", "cpuacct", "cpuset", "memory", "blkio", "pids", "freezer"};

}  // namespace

std::span<const FieldInfo, kFieldCount> catalogue() { return kCatalogue; }

std::string_view name_of(Collector collector) { return kCollectorNames[static_cast<std::size_t>(collector)]; }

std::string_view name_of(Profile profile) {
  switch (profile) {
    case Profile::kFleet:
      return "fleet";
    case Profile::kStandard:
      return "standard";
    case Profile::kFull:
      return "full";
  }
  return "full";
}

std::string_view name_of(Controller controller) {
  return kControllerNames[static_cast<std::size_t>(controller)];
}

}  // namespace bottleneck
