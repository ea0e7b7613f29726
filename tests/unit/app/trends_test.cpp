#include "exporter/trends.h"

#include <gtest/gtest.h>

#include <thread>

#include "exporter/hub.h"

namespace bottleneck {
namespace {

constexpr double kBegin = 480'000 * 3600.0;  // the beginning of a day, UTC

void fill(DemandStore& store, const std::string& image, double begin, double seconds, double cores) {
  DemandRecord& record = store.record("web", image, begin);
  for (double at = 0; at < seconds; at += 10) {
    DemandReading reading;
    reading.cpu_demand = cores;
    reading.unreclaimable = 1e6;
    record.now.add(reading, begin + at, 5000 + begin - kBegin + at);
  }
}

TEST(TrendViews, JoinTheImagesOfAName) {
  DemandStore store(StorageConfig{});
  fill(store, "sha256:a", kBegin, 2 * 3600 + 600, 1);
  fill(store, "sha256:b", kBegin + 2 * 3600 + 600, 3000 + 3600, 2);
  store.record("api", "", kBegin);
  const std::vector<TrendView> views = trend_views(store);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_EQ(views[0].name, "api");
  EXPECT_TRUE(views[0].hours.empty());
  const std::vector<TrendPeriod>& hours = views[1].hours;
  ASSERT_EQ(hours.size(), 4U);
  for (std::size_t i = 0; i < hours.size(); ++i)
    EXPECT_EQ(hours[i].unix_seconds, kBegin + 3600.0 * static_cast<double>(i));
  EXPECT_NEAR(hours[1].cpu_p50, 1, 0.02);
  EXPECT_NEAR(hours[2].cpu_p50, 2, 0.02);  // 50 of its 60 minutes are the new image's
  EXPECT_EQ(hours[2].observed_seconds, 3000);
}

TEST(Trends, AreWorkedOutOnceForWhatIsKept) {
  DemandStore store(StorageConfig{});
  fill(store, "sha256:a", kBegin, 3600, 1);
  Trends::Bytes bytes;
  Trends trends([&] { return bytes; });
  EXPECT_EQ(trends.views(), nullptr);
  bytes = std::make_shared<const std::string>(store.serialise());
  const Trends::Views first = trends.views();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->size(), 1U);
  EXPECT_EQ(trends.views(), first);
  bytes = std::make_shared<const std::string>("nonsense");
  EXPECT_EQ(trends.views(), nullptr);
}

TEST(SnapshotHub, HandsOverDemandWhenSomebodyWaits) {
  SnapshotHub hub(system_clock());
  EXPECT_FALSE(hub.demand_requested());
  EXPECT_EQ(hub.demand(0.01), nullptr);  // nobody answers
  std::thread sampler([&] {
    while (!hub.demand_requested()) wait_readable({hub.wake().fd()}, kSecondNs / 1000);
    hub.publish_demand("kept");
  });
  const auto bytes = hub.demand(10);
  sampler.join();
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(*bytes, "kept");
  EXPECT_EQ(hub.demand(0), bytes);  // a minute old at most: nobody is asked again
  EXPECT_FALSE(hub.demand_requested());
}

}  // namespace
}  // namespace bottleneck
