// How a judgement is put in words.
#include "exporter/model/explain.h"

#include <gtest/gtest.h>

#include "exporter/analyze/narrative.h"
#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

TEST(Explain, ShowsInputsFormulaThresholdAndWhatWouldClearIt) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(120);
  const Judgement& judgement = world.judgement("web");
  const Explanation why = explain(Signal::kCpuQuota, judgement.of(Signal::kCpuQuota), 0.25);
  EXPECT_EQ(why.formula, "L(d; 0.01, 0.5) = L(0.4; 0.01, 0.5) = 0.943");
  EXPECT_EQ(why.clears, "d below 0.0266");
  EXPECT_EQ(why.source, "quota_counters");
  ASSERT_EQ(why.inputs.size(), 4U);
  EXPECT_EQ(why.inputs[1].name, "p");
  EXPECT_NEAR(why.inputs[1].value, 0.8, 1e-3);
  const Explanation absent = explain(Signal::kNetDrops, judgement.of(Signal::kNetDrops), 0.25);
  EXPECT_FALSE(is_present(absent.value));
  EXPECT_EQ(absent.formula, "");
}

TEST(Explain, EverySignalHasWords) {
  for (std::size_t i = 0; i < kSignalCount; ++i) {
    const SignalInfo& info = info_of(static_cast<Signal>(i));
    EXPECT_FALSE(info.title.empty()) << info.name;
    EXPECT_FALSE(info.inputs[0].name.empty()) << info.name;
    for (const Shape shape : {Shape::kNothing, Shape::kLog, Shape::kLinear, Shape::kStep, Shape::kFade}) {
      SignalReading reading;
      reading.value = 0.5F;
      reading.term = {0.3F, 0.1F, 0.9F, 0.6F, shape, 0};
      reading.inputs = {0.3F, 0.3F, 0.3F, 0.3F};
      EXPECT_FALSE(explain(static_cast<Signal>(i), reading, 0.25).formula.empty()) << info.name;
    }
  }
}

TEST(Narrative, TheFirstLineIsTheCauseWithItsNumber) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(400);
  const std::vector<std::string> lines = narrate("web", world.judgement("web"), {});
  ASSERT_GE(lines.size(), 5U);
  EXPECT_EQ(lines[0],
            "'web': held by its CPU quota: throttled / (throttled + used) 40 % (score 0.943, confidence 1).");
  bool ruled_out = false;
  for (const std::string& line : lines) ruled_out |= line.starts_with("memory: ruled out, score 0");
  EXPECT_TRUE(ruled_out);
  world.add("young");
  world.run(3);
  EXPECT_EQ(headline(world.judgement("young")), "not enough data yet (2 s)");
}

// What the category was chosen by is what is told of it.
TEST(Narrative, ASaturatedThreadIsNoUseOfAllCpus) {
  World world;
  world.add("loop");
  world.grow("loop", Field::cpu_usage, 1);
  world.members["loop"].extras.busiest_thread = 0.995;
  world.run(100);
  EXPECT_EQ(headline(world.judgement("loop")).substr(0, 43), "one of its threads uses all of a CPU, and m");
  world.grow("loop", Field::pressure_cpu_some, 0.9);
  world.run(100);
  EXPECT_EQ(headline(world.judgement("loop")).substr(0, 27), "uses all the CPU it may use");
}

// At its limit only while it waits: the waiting has the score, the limit's own is 0.
TEST(Narrative, AnIoLimitIsToldByTheSignalThatDecided) {
  Judgement judgement;
  judgement.judged = true;
  judgement.category = Category::kIoLimit;
  judgement.deciding_signal = Signal::kIoStall;
  SignalReading& stall = judgement.signals[static_cast<std::size_t>(Signal::kIoStall)];
  stall.value = 0.95F;
  stall.inputs[0] = 0.68F;
  judgement.signals[static_cast<std::size_t>(Signal::kIoLimit)].value = 0;
  EXPECT_EQ(speaker(judgement), Signal::kIoStall);
  EXPECT_NE(headline(judgement).find("68 % (score 0.95"), std::string::npos) << headline(judgement);
}

}  // namespace
}  // namespace bottleneck
