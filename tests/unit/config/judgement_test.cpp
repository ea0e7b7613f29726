#include "exporter/config/judgement.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "exporter/config/load.h"
#include "exporter/config/schema.h"

namespace bottleneck {
namespace {

LoadOutcome load(const std::string& yaml) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("judgement_test." + std::to_string(getpid()));
  std::ofstream(path) << yaml;
  ConfigInputs inputs;
  inputs.file = path;
  LoadOutcome outcome = load_config(inputs);
  std::filesystem::remove(path);
  return outcome;
}

TEST(JudgementParameters, AreKeysOfTheConfiguration) {
  const LoadOutcome outcome = load(
      "judgement: {cpu_quota_low: 0.02}\nrecommendation: {enter_seconds: 60}\nbudgets: {cpu_ratio: 0.5}\n");
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->judgement.cpu_quota_low, 0.02);
  EXPECT_EQ(outcome.config->recommendation.enter_seconds, 60);
  EXPECT_EQ(outcome.config->budgets.cpu_ratio, 0.5);
}

// A row whose default lies outside its own range could not be written down in a file.
TEST(JudgementParameters, DefaultsLieInTheirRanges) {
  for (const SchemaRow& row : schema()) {
    if (!row.key.starts_with("judgement.") && !row.key.starts_with("recommendation.")) continue;
    ValidConfig config;
    EXPECT_EQ(store_value(row, {yaml_value(row, config)}, config), "") << row.key;
  }
}

// ln(x/low)/ln(high/low) needs low < high; a condition that ends above its beginning would flicker.
TEST(JudgementParameters, RampsMustRiseAndConditionsMustEndBelowTheirBeginning) {
  const LoadOutcome ramp = load("judgement: {cpu_quota_low: 0.6}\n");
  ASSERT_EQ(ramp.errors.size(), 1U);
  EXPECT_NE(ramp.errors[0].find("expected less than judgement.cpu_quota_high"), std::string::npos);
  const LoadOutcome out = load("recommendation: {pids_in: 0.5}\n");
  ASSERT_EQ(out.errors.size(), 1U);
  EXPECT_NE(out.errors[0].find("expected more than recommendation.pids_out"), std::string::npos);
}

TEST(JudgementParameters, TheDemonstrationShortensHoldsAndLeavesScoresAlone) {
  AllParameters all;
  EXPECT_EQ(with_demonstration(all).recommendation.enter_seconds, 300);
  all.judgement.demonstration = true;
  const AllParameters demo = with_demonstration(all);
  EXPECT_EQ(demo.recommendation.enter_seconds, 30);
  EXPECT_EQ(demo.recommendation.leave_seconds, 60);
  EXPECT_EQ(demo.judgement.leak_window_seconds, 120);
  EXPECT_EQ(demo.judgement.cpu_quota_low, all.judgement.cpu_quota_low);
  EXPECT_EQ(demo.judgement.band_medium, all.judgement.band_medium);
}

}  // namespace
}  // namespace bottleneck
