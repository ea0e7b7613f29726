#include "exporter/analyze/confidence.h"

#include <gtest/gtest.h>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

const JudgementParameters kP;

std::array<float, kResourceCount> cpu(double score) {
  std::array<float, kResourceCount> scores;
  scores.fill(kNoRate);
  scores[0] = static_cast<float>(score);
  return scores;
}

TEST(Confidence, IsQualityTimesPersistenceTimesLead) {
  EXPECT_NEAR(category_confidence(1, 1, 0.2F, kP), 1, 1e-6);
  EXPECT_NEAR(category_confidence(1, 1, 0.9F, kP), 1, 1e-6);
  EXPECT_NEAR(category_confidence(1, 1, 0.1F, kP), 0.75, 1e-6);
  EXPECT_NEAR(category_confidence(0.7F, 0.5F, 0, kP), 0.175, 1e-6);
  EXPECT_NEAR(category_confidence(1, 1, -0.4F, kP), 0.5, 1e-6);
}

// Time, not ticks: a minute in which the pulse is slow for a while counts as it was.
TEST(FastScores, CountTime) {
  FastScores scores;
  std::int64_t now = 1000 * kSecondNs;
  for (int i = 0; i < 30; ++i) scores.add(now += kSecondNs, 1, cpu(0.8));
  for (int i = 0; i < 6; ++i) scores.add(now += 5 * kSecondNs, 5, cpu(0.1));
  EXPECT_NEAR(scores.share_at_least(Resource::kCpu, 0.4F, now), 0.5, 0.02);
  EXPECT_NEAR(scores.covered(now), 1, 0.02);
  EXPECT_EQ(scores.share_at_least(Resource::kIo, 0, now), 0);
}

TEST(FastScores, AYoungContainerHasLittleBehindIt) {
  FastScores scores;
  std::int64_t now = 1000 * kSecondNs;
  for (int i = 0; i < 15; ++i) scores.add(now += kSecondNs, 1, cpu(0.9));
  EXPECT_NEAR(scores.share_at_least(Resource::kCpu, 0.45F, now), 0.25, 0.01);
  EXPECT_NEAR(scores.covered(now), 0.25, 0.01);
  now += 120 * kSecondNs;
  EXPECT_EQ(scores.covered(now), 0);
}

TEST(FastScores, AScoreAtItsBoundCounts) {
  FastScores scores;
  for (const float score : {0.25F, 0.333F, 0.5001F, 0.77F, 1.0F}) {
    scores.add(1000 * kSecondNs, 1, cpu(static_cast<double>(score)));
    EXPECT_GT(scores.share_at_least(Resource::kCpu, score, 1000 * kSecondNs), 0) << score;
  }
}

TEST(Bands, HaveTheirThresholds) {
  EXPECT_EQ(band_of(0.24F, kP), Band::kNone);
  EXPECT_EQ(band_of(0.25F, kP), Band::kLow);
  EXPECT_EQ(band_of(0.5F, kP), Band::kMedium);
  EXPECT_EQ(band_of(0.75F, kP), Band::kHigh);
  EXPECT_EQ(band_of(0.9F, kP), Band::kCritical);
  EXPECT_EQ(band_of(kNoRate, kP), Band::kNone);
}

TEST(Bands, NeedBothWindowsAndNoFastFall) {
  BandKeeper band;
  EXPECT_EQ(band.update(0.6F, 0.4F, 1, kP), Band::kNone);  // falling: 0.4 < 0.85 x 0.6
  EXPECT_EQ(band.update(0.4F, 0.9F, 1, kP), Band::kLow);
  EXPECT_EQ(band.update(0.8F, 0.6F, 1, kP), Band::kLow);  // falling
  EXPECT_EQ(band.update(0.8F, 0.7F, 1, kP), Band::kMedium);
  EXPECT_EQ(band.update(0.8F, 0.8F, 1, kP), Band::kHigh);
}

TEST(Bands, AreLeftAfterFiveMinutesBelowTheirMargin) {
  BandKeeper band;
  ASSERT_EQ(band.update(0.8F, 0.8F, 1, kP), Band::kHigh);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(band.update(0.66F, 0.66F, 1, kP), Band::kHigh);
  for (int i = 0; i < 299; ++i) EXPECT_EQ(band.update(0.3F, 0.3F, 1, kP), Band::kHigh);
  EXPECT_EQ(band.update(0.7F, 0.7F, 1, kP), Band::kHigh);  // back: it begins anew
  for (int i = 0; i < 299; ++i) EXPECT_EQ(band.update(0.3F, 0.3F, 1, kP), Band::kHigh);
  EXPECT_EQ(band.update(0.3F, 0.3F, 1, kP), Band::kLow);
  for (int i = 0; i < 300; ++i) band.update(kNoRate, kNoRate, 1, kP);
  EXPECT_EQ(band.update(kNoRate, kNoRate, 1, kP), Band::kNone);
}

TEST(Corroboration, CountsIndependentKinds) {
  Evidence evidence;
  HostEvidence host;
  EventFacts events;
  LeakReading leak;
  Signals signals;
  evidence.cpu_limit = 1;
  evidence.score.cpu_some = 0.5F;
  signals[static_cast<std::size_t>(Signal::kCpuQuota)].value = 0.8F;
  const SignalContext context{evidence, host, kP, events, leak, kNoRate, kNoRate};
  EXPECT_EQ(corroborating_sources(context, signals)[0], 2);
  evidence.score.run_delay = 0.5F;
  EXPECT_EQ(corroborating_sources(context, signals)[0], 3);
  evidence.score.cpu_some = 0.05F;
  EXPECT_EQ(corroborating_sources(context, signals)[0], 2);
  EXPECT_EQ(corroborating_sources(context, signals)[1], 0);
}

}  // namespace
}  // namespace bottleneck
