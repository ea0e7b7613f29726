#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/window/demand_reading.h"
#include "exporter/window/demand_store.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;
constexpr double kHour = 3600;
constexpr double kBegin = 480'000 * kHour;  // the beginning of a day, UTC
const JudgementParameters kParameters;

/// Adds a reading each 10 s; time goes on.
struct Clocked {
  DemandHistory& history;
  double unix_seconds = kBegin;
  double monotonic = 5000;

  void run(double hours, double cores, double bytes) {
    for (int i = 0; i < static_cast<int>(hours * 360 + 0.5); ++i) {
      unix_seconds += 10;
      monotonic += 10;
      DemandReading reading;
      reading.cpu_demand = cores;
      reading.unreclaimable = bytes;
      reading.active_file = 10e6;
      reading.packets = 100;
      history.add(reading, unix_seconds, monotonic);
    }
  }
  DemandSummary summary() { return history.summary(unix_seconds, kParameters); }
};

TEST(DemandHistory, NothingKnownIsAbsent) {
  DemandHistory history;
  const DemandSummary summary = history.summary(kBegin, kParameters);
  EXPECT_EQ(summary.hours, 0);
  EXPECT_FALSE(is_present(summary.cpu_p98));
  EXPECT_FALSE(is_present(summary.memory_peak));
  EXPECT_TRUE(history.empty());
}

TEST(DemandHistory, ReadingsOfAnHourTakeNoMemory) {
  DemandHistory history;
  const auto add = [&](int i, double cores) {
    DemandReading reading;
    reading.cpu_demand = cores;
    reading.unreclaimable = 1e6 * (i + 1);
    history.add(reading, kBegin + 10 * i, 5000 + 10 * i);
  };
  add(0, kAbsent);  // the first rate comes a reading later
  const std::size_t before = mallinfo2().uordblks;
  for (int i = 1; i < 300; ++i) add(i, 0.01 * i);
  EXPECT_EQ(mallinfo2().uordblks, before);
}

TEST(DemandHistory, CoversDaysAndDecays) {
  DemandHistory history;
  Clocked time{history};
  time.run(24 * 5, 2, 500e6);
  EXPECT_NEAR(time.summary().hours, 120, 0.1);
  time.run(24, 1, 300e6);  // a day is the half-life: the old demand is half of the weight or less
  const DemandSummary summary = time.summary();
  EXPECT_NEAR(summary.cpu_p98, 2, 0.02);
  EXPECT_NEAR(summary.cpu_p50, 1, 0.5);
  time.run(24 * 3, 1, 300e6);
  EXPECT_NEAR(time.summary().cpu_p50, 1, 0.02);
  EXPECT_NEAR(time.summary().cpu_p90, 1, 0.02);
  EXPECT_GE(history.days().size(), 7U);
  EXPECT_LE(history.days().size(), 8U);
  EXPECT_EQ(history.hours().size(), 24U);
}

// A peak of last week must not hold the size for ever, nor be forgotten the next day.
TEST(DemandHistory, AnOldPeakFades) {
  DemandHistory history;
  Clocked time{history};
  time.run(1, 1, 900e6);
  time.run(47, 1, 300e6);
  const double after_two_days = time.summary().memory_peak;
  EXPECT_GT(after_two_days, 600e6);
  EXPECT_LT(after_two_days, 900e6);
  time.run(24 * 4, 1, 300e6);
  EXPECT_LT(time.summary().memory_peak, 0.6 * after_two_days);
  EXPECT_GT(time.summary().memory_peak, 300e6);
  EXPECT_NEAR(time.summary().active_file, 10e6, 1e5);
}

TEST(DemandHistory, MinutesAreMedians) {
  DemandHistory history;
  Clocked time{history};
  time.run(3, 1.5, 100e6);
  EXPECT_EQ(history.minutes().size(), DemandHistory::kMinutes);
  EXPECT_NEAR(history.minutes().back().cpu_cores, 1.5, 1e-3);
  EXPECT_NEAR(history.minutes().back().packets, 100, 1e-3);
}

// NTP sets a clock that began in 1970: the history is not 50 years old.
TEST(DemandHistory, AClockThatIsSetTakesTheHistoryAlong) {
  for (const double jump : {-30 * 24 * kHour, 50 * 365 * 24 * kHour}) {
    DemandHistory history;
    Clocked time{history};
    time.unix_seconds = 60 * 24 * kHour;
    time.run(30, 1, 200e6);
    time.unix_seconds += jump;
    time.run(1, 1, 200e6);
    EXPECT_NEAR(time.summary().hours, 31, 0.5) << jump;
  }
}

TEST(DemandHistory, AKillIsTroubleOfItsTime) {
  DemandHistory history;
  Clocked time{history};
  history.note_kill(1, kBegin);  // nothing is kept yet that it could belong to
  time.run(5, 1, 200e6);
  EXPECT_FALSE(is_present(time.summary().memory_trouble_age));
  history.note_kill(3600, time.unix_seconds);
  history.note_kill(7200, time.unix_seconds);  // an older one changes nothing
  time.run(1, 1, 200e6);
  EXPECT_NEAR(time.summary().memory_trouble_age, 7200, 1);
  time.unix_seconds += 50 * 365 * 24 * kHour;  // set: the history comes along with the next reading
  history.note_kill(7200, time.unix_seconds);
  time.run(1, 1, 200e6);
  EXPECT_NEAR(time.summary().memory_trouble_age, 3 * kHour, 1800);
  history.note_kill(std::numeric_limits<double>::infinity(), time.unix_seconds);  // there was none
  EXPECT_NEAR(time.summary().memory_trouble_age, 3 * kHour, 1800);
}

TEST(DemandHistory, TimeThatPassedIsNoClockThatWasSet) {
  DemandHistory history;
  Clocked time{history};
  time.run(5, 1, 200e6);
  time.unix_seconds += 10 * 24 * kHour;
  time.monotonic += 10 * 24 * kHour;  // a long pause: what was before is old
  time.run(1, 3, 200e6);
  EXPECT_NEAR(time.summary().cpu_p50, 3, 0.05);
}

TEST(DemandHistory, HostileTimesAndValues) {
  DemandHistory history;
  for (const double time : {-1.0, std::nan(""), 1e300, -1e300}) history.add({}, time, 1);
  EXPECT_TRUE(history.empty());
  history.add({kAbsent, kAbsent, kAbsent, kAbsent, false, false}, kBegin, 1);
  EXPECT_FALSE(is_present(history.summary(kBegin, kParameters).cpu_p50));
}

TEST(DemandReading, CorrectsForThrottlingAtMostTwice) {
  Evidence evidence;
  evidence.fast.cpu_cores = 0.5F;
  evidence.fast.throttled_share = 0.2F;
  EXPECT_NEAR(demand_reading(evidence, kParameters).cpu_demand, 0.625, 1e-6);
  EXPECT_TRUE(demand_reading(evidence, kParameters).cpu_trouble);
  evidence.fast.throttled_share = 0.9F;
  EXPECT_NEAR(demand_reading(evidence, kParameters).cpu_demand, 1.0, 1e-6);
  evidence.fast.throttled_share = 1.0F;
  EXPECT_NEAR(demand_reading(evidence, kParameters).cpu_demand, 1.0, 1e-6);
  evidence.fast.throttled_share = kNoRate;
  EXPECT_NEAR(demand_reading(evidence, kParameters).cpu_demand, 0.5, 1e-6);
  EXPECT_FALSE(demand_reading(evidence, kParameters).cpu_trouble);
}

class Store : public testing::Test {
 protected:
  Store() { config_.path = root_; }
  ~Store() override { fs::remove_all(root_); }
  static void use(DemandStore& store, const std::string& name, const std::string& image, double cores,
                  double unix_seconds = kBegin) {
    Clocked time{store.record(name, image, unix_seconds).now, unix_seconds};
    time.run(2, cores, 100e6);
  }
  static double p50(DemandStore& store, const std::string& name) {
    const DemandRecord* record = store.find(name);
    return record == nullptr
               ? kAbsent
               : const_cast<DemandHistory&>(record->now).summary(kBegin + 7200, kParameters).cpu_p50;
  }

  fs::path root_ = fs::temp_directory_path() / ("demand_test." + std::to_string(getpid()));
  StorageConfig config_;
};

TEST_F(Store, SurvivesARestart) {
  DemandStore store(config_);
  EXPECT_EQ(store.load().error().code, ErrorCode::kAbsent);
  use(store, "web", "sha256:a", 1);
  use(store, "web", "sha256:b", 2);
  use(store, "db", "", 3);
  ASSERT_TRUE(write_saved_state(store.path(), DemandStore::kKind, store.serialise()));
  DemandStore again(config_);
  ASSERT_TRUE(again.load());
  EXPECT_EQ(again.size(), 2U);
  EXPECT_NEAR(p50(again, "web"), 2, 0.02);
  EXPECT_NEAR(p50(again, "db"), 3, 0.03);
  ASSERT_NE(again.find("web")->before, nullptr);
  EXPECT_EQ(again.find("web")->before_image_id, "sha256:a");
}

TEST_F(Store, AnotherImageIsAnotherHistoryAndARollBackFindsItsOwn) {
  DemandStore store(config_);
  use(store, "web", "", 1);
  use(store, "web", "sha256:a", 1);  // now it is known; nothing changed
  EXPECT_EQ(store.find("web")->before, nullptr);
  use(store, "web", "sha256:b", 2);
  EXPECT_NEAR(p50(store, "web"), 2, 0.02);
  EXPECT_EQ(store.find("web")->image_since_unix, kBegin);
  store.record("web", "", kBegin);  // the runtime is silent for a moment
  EXPECT_EQ(store.find("web")->image_id, "sha256:b");
  store.record("web", "sha256:a", kBegin);
  EXPECT_NEAR(p50(store, "web"), 1, 0.02);
  EXPECT_EQ(store.find("web")->before_image_id, "sha256:b");
}

TEST_F(Store, DamagedFilesAreSetAside) {
  DemandStore store(config_);
  use(store, "web", "sha256:a", 1);
  const std::string bytes = store.serialise();
  // A checksum that fits over content that does not: an older program's idea of the form.
  ASSERT_TRUE(write_saved_state(store.path(), DemandStore::kKind, bytes.substr(0, bytes.size() - 3)));
  DemandStore again(config_);
  EXPECT_EQ(again.load().error().code, ErrorCode::kMalformed);
  EXPECT_EQ(again.size(), 0U);
  EXPECT_TRUE(path_exists(store.path() + ".damaged"));
  EXPECT_FALSE(path_exists(store.path()));
  ASSERT_TRUE(write_saved_state(store.path(), {"demand", 99}, bytes));
  EXPECT_EQ(again.load().error().code, ErrorCode::kMalformed);
}

TEST_F(Store, NoByteThatFlipsDoesHarm) {
  DemandStore store(config_);
  use(store, "web", "sha256:a", 1);
  const std::string bytes = store.serialise();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0xff);
    DemandStore again(config_);
    if (!again.parse(bad)) continue;
    for (const char* name : {"web", "web2"}) {
      DemandRecord& record = again.record(name, "sha256:a", kBegin);
      record.now.add({1, 1, 1, 1, false, false}, kBegin + 86400, 1);
      record.now.summary(kBegin, kParameters);
    }
  }
}

TEST_F(Store, TheFileIsCappedAndTheLongestUnseenGo) {
  config_.sketches_most_megabytes = 1;
  DemandStore store(config_);
  for (int i = 0; i < 3000; ++i) use(store, "c" + std::to_string(i), "sha256:a", 0.01 * i, kBegin + i);
  const std::string bytes = store.serialise();
  EXPECT_LE(bytes.size(), std::size_t{1} << 20U);
  EXPECT_GT(bytes.size(), std::size_t{900'000});
  DemandStore again(config_);
  ASSERT_TRUE(again.parse(bytes));
  EXPECT_NE(again.find("c2999"), nullptr);
  EXPECT_EQ(again.find("c0"), nullptr);
}

TEST_F(Store, ForgetsWhatWasNotSeenForDays) {
  DemandStore store(config_);
  use(store, "old", "", 1, kBegin);
  use(store, "new", "", 1, kBegin + 9 * 86400);
  store.forget_old(kBegin + 10 * 86400);
  EXPECT_EQ(store.find("old"), nullptr);
  EXPECT_NE(store.find("new"), nullptr);
}

TEST_F(Store, KeepsNothingWithoutAPath) {
  config_.path.clear();
  DemandStore store(config_);
  EXPECT_EQ(store.path(), "");
  EXPECT_EQ(store.load().error().code, ErrorCode::kAbsent);
}

TEST(DemandStore, FollowsEachNameEachTenSeconds) {
  DemandStore store({});
  Subject web;
  web.name = "web";
  web.image_id = "sha256:a";
  Evidence evidence;
  evidence.unix_seconds = kBegin;
  evidence.now_ns = 1000 * kSecondNs;
  store.follow(web, kParameters, evidence);
  EXPECT_EQ(evidence.demand, nullptr);  // it never had a cgroup: nothing is kept of it
  evidence.has_cgroup = true;
  for (int second = 0; second < 60; ++second) {
    evidence.unix_seconds += 1;
    evidence.now_ns += kSecondNs;
    evidence.fast.cpu_cores = 0.5F;
    store.follow(web, kParameters, evidence);
  }
  ASSERT_NE(evidence.demand, nullptr);
  ASSERT_EQ(store.find("web")->now.hours().size(), 1U);
  EXPECT_EQ(store.find("web")->now.hours().front().observed_seconds, 60);
  evidence.has_cgroup = false;  // stopped: what is kept stays in sight, nothing is added
  evidence.now_ns += 60 * kSecondNs;
  evidence.demand = nullptr;
  store.follow(web, kParameters, evidence);
  EXPECT_NE(evidence.demand, nullptr);
  EXPECT_EQ(store.find("web")->now.hours().front().observed_seconds, 60);
}

}  // namespace
}  // namespace bottleneck
