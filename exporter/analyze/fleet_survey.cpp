#include "exporter/analyze/fleet_survey.h"

#include <algorithm>
#include <array>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kIntervalNs = 10 * kSecondNs;
constexpr std::int64_t kLiveNs = 60 * kSecondNs;
constexpr std::size_t kMostDevices = 256;
constexpr std::size_t kMostGrowers = 3;

}  // namespace

FleetSurvey::Device& FleetSurvey::device_of(std::string_view name) {
  for (Device& device : devices_) {
    if (device.name == name) return device;
  }
  if (devices_.size() < kMostDevices) devices_.push_back({std::string(name), 0, {}, {}});
  return devices_.back();
}

void FleetSurvey::add_victim(Device& device, const ContainerState& state, float stall) {
  if (stall > device.worst.stall) {
    std::swap(device.worst, device.second);
    device.worst.name = state.name;
    device.worst.stall = stall;
  } else if (stall > device.second.stall) {
    device.second.name = state.name;
    device.second.stall = stall;
  }
}

void FleetSurvey::update(const ContainerStates& states, std::int64_t now_ns) {
  if (last_ns_ != 0 && now_ns >= last_ns_ && now_ns - last_ns_ < kIntervalNs) return;
  last_ns_ = now_ns;
  for (Device& device : devices_) {
    device.bytes = device.worst.stall = device.second.stall = 0;
  }
  bool host_is_short = false;
  for (const auto& [name, state] : states) {
    if (now_ns - state->last_ns > kLiveNs) continue;
    host_is_short |= state->judgement.category == Category::kMemoryHost;
    if (state->device.empty() || !is_present(state->device_bytes)) continue;
    Device& device = device_of(state->device);
    device.bytes += state->device_bytes;
    const float stall = state->judgement.of(Signal::kIoStall).value;
    if (is_present(stall)) add_victim(device, *state, stall);
  }
  if (host_is_short) name_growers(states, now_ns);
}

float FleetSurvey::device_bytes(std::string_view name) const {
  for (const Device& device : devices_) {
    if (device.name == name) return device.bytes > 0 ? device.bytes : kNoRate;
  }
  return kNoRate;
}

const std::string* FleetSurvey::worst_victim(std::string_view name, std::string_view self,
                                             float& stall) const {
  for (const Device& device : devices_) {
    if (device.name != name) continue;
    const Victim& victim = device.worst.name == self ? device.second : device.worst;
    stall = victim.stall;
    return victim.stall > 0 ? &victim.name : nullptr;
  }
  return nullptr;
}

void FleetSurvey::name_growers(const ContainerStates& states, std::int64_t now_ns) {
  std::array<const ContainerState*, kMostGrowers> most{};
  const auto slope = [](const ContainerState* state) {
    return state != nullptr && is_present(state->trend.slope()) ? state->trend.slope() : 0;
  };
  for (const auto& [name, state] : states) {
    const ContainerState* candidate = state.get();
    // One that stopped keeps the slope that it had.
    if (!candidate->live || now_ns - candidate->last_ns > kLiveNs) continue;
    for (const ContainerState*& place : most) {
      if (slope(candidate) > slope(place)) std::swap(candidate, place);
    }
  }
  growers_.clear();
  for (const ContainerState* state : most) {
    if (slope(state) <= 0) break;
    growers_ += (growers_.empty() ? "" : ", ") + advice::in_quotes(state->name) + " (" +
                advice::bytes(slope(state) * 60) + " a minute)";
  }
}

}  // namespace bottleneck
