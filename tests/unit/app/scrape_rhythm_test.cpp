#include "exporter/scrape_rhythm.h"

#include <gtest/gtest.h>

#include <vector>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kStart = 1000 * kSecondNs;

std::int64_t at(double seconds) { return kStart + to_ns(seconds); }
bool near(const ScrapeRhythm& rhythm, double seconds) { return rhythm.is_near(at(seconds), kSecondNs); }

TEST(ScrapeRhythm, ThreeScrapesAtEqualDistancesMakeAnExpectation) {
  ScrapeRhythm rhythm;
  rhythm.asked(at(0));
  rhythm.asked(at(15.004));
  EXPECT_FALSE(near(rhythm, 29.9)) << "two may be chance";
  rhythm.asked(at(30.001));
  EXPECT_FALSE(near(rhythm, 43.9));
  EXPECT_TRUE(near(rhythm, 44.1));
  EXPECT_TRUE(near(rhythm, 45.05)) << "a scrape that is late by a little";
  EXPECT_FALSE(near(rhythm, 45.2)) << "one that does not come costs no more";
}

TEST(ScrapeRhythm, AScrapeThatCameIsNotExpectedAnyMore) {
  ScrapeRhythm rhythm;
  for (int i = 0; i < 4; ++i) rhythm.asked(at(15 * i));
  EXPECT_FALSE(near(rhythm, 45.05)) << "what was read for it would be read again";
  EXPECT_TRUE(near(rhythm, 59.5));
}

TEST(ScrapeRhythm, ScrapersWithOtherPhasesAndIntervalsAreToldApart) {
  ScrapeRhythm rhythm;
  for (const double seconds : {0, 4, 10, 15, 19, 30, 34, 40}) rhythm.asked(at(seconds));
  EXPECT_TRUE(near(rhythm, 44.5));
  EXPECT_TRUE(near(rhythm, 48.5));
  EXPECT_FALSE(near(rhythm, 46.5));
}

TEST(ScrapeRhythm, SomebodyWhoReloadsAPageMakesNone) {
  ScrapeRhythm rhythm;
  for (const double seconds : {0.0, 1.1, 2.3, 3.2, 9.0, 21.0, 22.5}) rhythm.asked(at(seconds));
  for (double seconds = 23; seconds < 60; seconds += 0.5) EXPECT_FALSE(near(rhythm, seconds)) << seconds;
}

TEST(ScrapeRhythm, AnotherIntervalIsFollowedAfterThreeScrapes) {
  ScrapeRhythm rhythm;
  for (const double seconds : {0, 15, 30, 35, 40}) rhythm.asked(at(seconds));
  EXPECT_TRUE(near(rhythm, 44.5));
  EXPECT_FALSE(near(rhythm, 48));
}

}  // namespace
}  // namespace bottleneck
