#include "exporter/sample/read_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bottleneck {
namespace {

CgroupLayout layout_of(CgroupVersion version) {
  CgroupLayout layout;
  layout.version = version;
  layout.roots.fill("/cgroup");
  return layout;
}

FilePlan* find(std::vector<FilePlan>& files, std::string_view name) {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const FilePlan& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

TEST(ReadPlan, ThePulseIsSmallAndStartsWithTheCpuCounter) {
  for (const auto version : {CgroupVersion::kHybrid, CgroupVersion::kV2}) {
    const ReadPlan plan = make_read_plan(layout_of(version), MetricsConfig{});
    ASSERT_FALSE(plan.pulse.empty());
    EXPECT_EQ(plan.pulse.front().entries.front().field, Field::cpu_usage);
    // Each kept descriptor costs 4.4 kB of kernel memory a container.
    EXPECT_LE(plan.pulse.size(), 6U);
  }
}

TEST(ReadPlan, ADisabledCollectorReadsNothing) {
  MetricsConfig metrics;
  metrics.collectors[static_cast<std::size_t>(Collector::kMemory)] = false;
  ReadPlan plan = make_read_plan(layout_of(CgroupVersion::kV2), metrics);
  EXPECT_EQ(find(plan.pulse, "memory.current"), nullptr);
  EXPECT_EQ(find(plan.detail, "memory.stat"), nullptr);
  EXPECT_NE(find(plan.pulse, "cpu.stat"), nullptr);
}

TEST(ReadPlan, AHierarchyThatIsNotMountedReadsNothing) {
  CgroupLayout layout = layout_of(CgroupVersion::kV1);
  layout.roots[static_cast<std::size_t>(Controller::kUnified)].clear();
  ReadPlan plan = make_read_plan(layout, MetricsConfig{});
  EXPECT_EQ(find(plan.pulse, "cpu.pressure"), nullptr);
}

bool reads(const ReadPlan& plan, Field field) {
  const auto gives = [&](const FilePlan& file) {
    return std::any_of(file.entries.begin(), file.entries.end(),
                       [&](const FlatEntry& entry) { return entry.field == field; });
  };
  return std::any_of(plan.pulse.begin(), plan.pulse.end(), gives) ||
         std::any_of(plan.detail.begin(), plan.detail.end(), gives) ||
         std::any_of(plan.limits.begin(), plan.limits.end(), gives);
}

// A small profile shows less and judges the same: without the swap limit a printed change would lift it.
TEST(ReadPlan, EveryProfileReadsWhatIsJudged) {
  const std::vector<Field> judged = {Field::cpu_usage,
                                     Field::cpu_periods,
                                     Field::cpu_throttled_periods,
                                     Field::cpu_throttled,
                                     Field::memory_usage,
                                     Field::memory_anon,
                                     Field::memory_shmem,
                                     Field::memory_active_file,
                                     Field::memory_limit,
                                     Field::memory_limit_hits,
                                     Field::memory_oom_kills,
                                     Field::memory_refaults,
                                     Field::memory_swap_in,
                                     Field::memory_swap,
                                     Field::pids,
                                     Field::pids_limit,
                                     Field::pids_limit_hits,
                                     Field::pressure_cpu_some,
                                     Field::pressure_memory_some,
                                     Field::pressure_memory_full,
                                     Field::pressure_io_some,
                                     Field::pressure_io_full};
  const std::vector<Field> only_v2 = {Field::cpu_weight, Field::memory_swap_limit, Field::memory_high,
                                      Field::memory_workingset_activations};
  for (const Profile profile : {Profile::kFleet, Profile::kStandard, Profile::kFull}) {
    MetricsConfig metrics;
    metrics.profile = profile;
    const ReadPlan v1 = make_read_plan(layout_of(CgroupVersion::kHybrid), metrics);
    const ReadPlan v2 = make_read_plan(layout_of(CgroupVersion::kV2), metrics);
    for (const Field field : judged) {
      EXPECT_TRUE(reads(v1, field)) << info_of(field).id << " on v1, " << name_of(profile);
      EXPECT_TRUE(reads(v2, field)) << info_of(field).id << " on v2, " << name_of(profile);
    }
    for (const Field field : only_v2)
      EXPECT_TRUE(reads(v2, field)) << info_of(field).id << " on v2, " << name_of(profile);
  }
}

class ParseKeyed : public testing::Test {
 protected:
  ReadPlan plan_ = make_read_plan(layout_of(CgroupVersion::kV2), MetricsConfig{});
  FilePlan& file_ = *find(plan_.pulse, "cpu.stat");
  ContainerValues values_;
};

TEST_F(ParseKeyed, ReadsTheSameWithAndWithoutTheLearnedOrder) {
  const char* text =
      "usage_usec 2000000\nuser_usec 1\nsystem_usec 1\nnice_usec 0\nnr_periods 5\nnr_throttled 4\n";
  EXPECT_TRUE(parse_keyed(file_, text, values_));  // learns
  EXPECT_TRUE(parse_keyed(
      file_, "usage_usec 3000000\nuser_usec 1\nsystem_usec 1\nnice_usec 0\nnr_periods 7\nnr_throttled 6\n",
      values_));
  EXPECT_DOUBLE_EQ(values_.get(Field::cpu_usage), 3);
  EXPECT_EQ(values_.get(Field::cpu_periods), 7);
  EXPECT_EQ(values_.get(Field::cpu_throttled_periods), 6);
  EXPECT_FALSE(values_.has(Field::cpu_throttled));
}

TEST_F(ParseKeyed, AnotherOrderOrAMissingKeyIsNeverReadAsTheOld) {
  EXPECT_TRUE(parse_keyed(file_, "usage_usec 1000000\nnr_periods 5\nnr_throttled 4\n", values_));
  EXPECT_TRUE(parse_keyed(file_, "nr_throttled 2\nusage_usec 2000000\nnr_periods 3\n", values_));
  EXPECT_DOUBLE_EQ(values_.get(Field::cpu_usage), 2);
  EXPECT_EQ(values_.get(Field::cpu_periods), 3);
  EXPECT_EQ(values_.get(Field::cpu_throttled_periods), 2);
  EXPECT_TRUE(parse_keyed(file_, "usage_usec 3000000\n", values_));
  EXPECT_FALSE(values_.has(Field::cpu_periods));
}

TEST_F(ParseKeyed, ABadNumberIsAbsentAndToldAndTheRestGoesOn) {
  EXPECT_FALSE(parse_keyed(file_, "usage_usec -5\nnr_periods 5\n", values_));
  EXPECT_FALSE(values_.has(Field::cpu_usage));
  EXPECT_EQ(values_.get(Field::cpu_periods), 5);
  EXPECT_TRUE(parse_keyed(file_, "", values_));
  EXPECT_FALSE(values_.has(Field::cpu_periods));
}

TEST_F(ParseKeyed, AnOlderNameOfAKeyIsTaken) {
  FilePlan& memory = *find(plan_.detail, "memory.stat");
  EXPECT_TRUE(parse_keyed(memory, "anon 1\nworkingset_refault 9\n", values_));
  EXPECT_EQ(values_.get(Field::memory_refaults), 9);
}

}  // namespace
}  // namespace bottleneck
