#include "exporter/analyze/budgets.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(Budgets, AreParsedAndCounted) {
  EXPECT_NEAR(parse_budget("70%"), 0.7, 1e-9);
  EXPECT_NEAR(parse_budget(" 1.5 "), 1.5, 1e-9);
  EXPECT_NEAR(parse_budget("500ms"), 0.5, 1e-9);
  EXPECT_NEAR(parse_budget("30s"), 30, 1e-9);
  for (const char* bad : {"", "x", "0", "-1", "1e99", "5 kg", "nan", "inf", "%"}) {
    EXPECT_FALSE(is_present(parse_budget(bad))) << bad;
  }
  Subject subject;
  Evidence evidence;
  Judgement judgement;
  BudgetParameters parameters;
  evidence.slow.cpu_cores = 0.9F;
  evidence.cpu_effective_limit = 1;
  update_budgets(subject, evidence, parameters, 10, judgement);
  EXPECT_TRUE(judgement.budgets.empty());
  parameters.enabled = true;
  for (int i = 0; i < 3; ++i) update_budgets(subject, evidence, parameters, 10, judgement);
  ASSERT_EQ(judgement.budgets.size(), 3U);
  EXPECT_NEAR(judgement.budgets[0].used, 0.9 / 0.7, 1e-5);
  EXPECT_EQ(judgement.budgets[0].violation_seconds, 30);
  EXPECT_EQ(judgement.budgets[0].kept_share, parameters.objective_ratio);  // and not the 0.7 that it allows
  EXPECT_FALSE(is_present(judgement.budgets[2].kept_share));               // a start is no share of time
  EXPECT_FALSE(is_present(judgement.budgets[2].used));  // no health check, no start that could be timed
  EXPECT_EQ(judgement.budgets[2].observed_seconds, 0);
}

}  // namespace
}  // namespace bottleneck
