// vfs copies the whole image for each container; devicemapper and aufs are gone from current engines. Told
// where it costs something: containers that start often or wait for the disk.
#include <array>

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace host_storage_driver {
namespace {

bool is_poor(std::string_view driver) {
  constexpr std::array<std::string_view, 4> kPoor = {"vfs", "devicemapper", "aufs", "overlay"};
  for (const std::string_view poor : kPoor) {
    if (driver == poor) return true;
  }
  return false;
}

Condition check(const AdviceContext& context) {
  Condition condition;
  const bool often = wide(context.events.starts_of_day) >= context.p().often_starts;
  const bool waits = wide(context.judgement.of(Resource::kIo).score) >= context.all.judgement.band_low;
  condition.over = !is_poor(context.host.storage_driver) || (!often && !waits);
  condition.severity = condition.over ? Severity::kCleared : Severity::kLow;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description =
      "The engine stores images with the driver " + in_quotes(context.host.storage_driver) +
      (context.host.storage_driver == "vfs" ? ", which copies the whole image for each container"
                                            : ", which is deprecated") +
      "; this container was started " + times(wide(context.events.starts_of_day)) + " in a day.";
  text.suggestion =
      "Use overlay2 on a file system that carries it (ext4, xfs with ftype=1), and pull the images again.";
  text.clears = lasting("Another storage driver, or fewer starts", context.p().leave_seconds);
}

}  // namespace
}  // namespace host_storage_driver

const Advice kHostStorageDriver = {
    .id = AdviceId::kHostStorageDriver,
    .resource = Resource::kIo,
    .check = host_storage_driver::check,
    .gauge = [](const AdviceContext& context) { return wide(context.events.starts_of_day); },
    .describe = host_storage_driver::describe,
};

}  // namespace bottleneck::advice
