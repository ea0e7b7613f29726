// The catalogue as data: what fields.def says, for every stage to read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bottleneck {

enum class Scope : std::uint8_t { kContainer, kDevice, kInterface, kHost, kHostDevice };
enum class Kind : std::uint8_t { kCounter, kGauge };
enum class Collector : std::uint8_t {
  kCpu,
  kMemory,
  kIo,
  kNetwork,
  kPids,
  kProcesses,
  kPressure,
  kRuntime,
  kStorage,
  kEvents,
  kHost,
  kDocker,
};
inline constexpr std::size_t kCollectorCount = 12;
enum class Profile : std::uint8_t { kFleet, kStandard, kFull };
enum class Cadence : std::uint8_t { kPulse, kDetail, kSlow, kLimits, kDerived, kEvent };

/// A v1 hierarchy, or the unified one.
enum class Controller : std::uint8_t { kUnified, kCpu, kCpuacct, kCpuset, kMemory, kBlkio, kPids, kFreezer };
inline constexpr std::size_t kControllerCount = 8;

/// What the number in the file is counted in; the value handed on is always in base units.
enum class Unit : std::uint8_t {
  kOne,
  kMicroseconds,
  kNanoseconds,
  kTicks,        ///< USER_HZ, 1/100 s on every Linux
  kPages,        ///< to bytes
  kLimit,        ///< "max", or a v1 value that means "none", is absent
  kReservation,  ///< as kLimit, and 0 means "none" as well
};

/// Where a number comes from. `file` empty: not from a file. `key` kOwnParser: irregular, see sample/.
struct Source {
  Controller controller = Controller::kUnified;
  std::string_view file;
  std::string_view key;
  Unit unit = Unit::kOne;

  [[nodiscard]] constexpr bool exists() const { return !file.empty(); }
  [[nodiscard]] constexpr bool is_flat() const { return exists() && key != "*"; }
};
inline constexpr std::string_view kOwnParser = "*";

struct FieldInfo {
  Scope scope;
  std::string_view id;
  std::string_view family;  ///< full metric name, "_total" included
  std::string_view labels;
  Kind kind;
  Collector collector;
  Profile profile;
  Cadence cadence;
  Source v2;
  Source v1;
  Source docker;  ///< `file` is a JSON pointer
  std::string_view help;
};

enum class Field : std::uint16_t {
#define FIELD(scope, id, ...) id,
#include "exporter/model/fields.def"
#undef FIELD
  kCount
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::kCount);
constexpr std::size_t index_of(Field field) { return static_cast<std::size_t>(field); }

/// All rows, in the order of fields.def.
std::span<const FieldInfo, kFieldCount> catalogue();
inline const FieldInfo& info_of(Field field) { return catalogue()[index_of(field)]; }

/// The rows of a scope are [first, first + count).
struct FieldRange {
  std::size_t first = 0;
  std::size_t count = 0;
};
constexpr FieldRange fields_of(Scope wanted) {
  constexpr std::array<Scope, kFieldCount> kScopes = {
#define FIELD(scope, ...) Scope::scope,
#include "exporter/model/fields.def"
#undef FIELD
  };
  FieldRange range;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (kScopes[i] != wanted) continue;
    if (range.count == 0) range.first = i;
    ++range.count;
  }
  return range;
}

/// Names as flags, query parameters and labels spell them.
std::string_view name_of(Collector collector);
std::string_view name_of(Profile profile);
std::string_view name_of(Controller controller);

}  // namespace bottleneck
