// The faces of a judgement: what people read must be true, fit a terminal, and carry nothing that a container
// smuggled into its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/base/text.h"
#include "exporter/report/advice_text.h"
#include "exporter/report/answers.h"
#include "exporter/report/explain_text.h"
#include "exporter/report/ruled_out.h"
#include "exporter/report/terminal.h"
#include "tests/unit/analyze/world.h"
#include "tests/unit/expose/golden.h"

namespace bottleneck {
namespace {

using testing::HasSubstr;
using testing::Not;

const JudgementParameters kParameters;

/// A container held by its quota long enough for its recommendation.
World held_world(const std::string& name = "web") {
  World world;
  world.add(name);
  world.throttle(name, 0.5, 0.4);
  world.run(420);
  return world;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::string_view line; next_line(text, line);) lines.push_back(line);
  return lines;
}

std::size_t columns_of(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return columns;
}

void expect_no_null(const OrderedJson& json, const std::string& path) {
  EXPECT_FALSE(json.is_null()) << path;
  if (json.is_structured()) {
    for (const auto& [key, value] : json.items()) expect_no_null(value, path + "/" + key);
  }
}

OrderedJson json_of(World& world, const std::string& name, const Identity& identity) {
  return full_json({&identity, &world.judgement(name), "running", kAbsent, kAbsent}, kParameters,
                   world.unix_seconds);
}

TEST(ExplainText, SaysCauseNumberSinceWhenWhatWasRuledOutAndWhatToDo) {
  World world = held_world();
  const std::string text =
      explain_text(explain_view("web", world.judgement("web"), kParameters, world.unix_seconds));
  expect_golden(text, "explain-quota.txt");
  for (const std::string_view line : lines_of(text)) EXPECT_LE(columns_of(line), 80U) << line;
  EXPECT_THAT(std::string(lines_of(text).front()), HasSubstr("held by its CPU quota"));
}

TEST(ExplainText, SaysWhenThereIsNothing) {
  World world;
  world.add("calm");
  world.run(5);
  EXPECT_THAT(explain_text(explain_view("calm", world.judgement("calm"), kParameters, 0)),
              HasSubstr("not enough data yet"));
  world.run(100);
  const std::string text = explain_text(explain_view("calm", world.judgement("calm"), kParameters, 0));
  EXPECT_THAT(text, HasSubstr("nothing holds it back"));
  EXPECT_THAT(text, Not(HasSubstr("To do")));
}

TEST(ExplainText, ComesBackFromTheApiUnchanged) {
  World world = held_world();
  const Identity identity{"web", "abc", Runtime::kDocker, {}};
  const auto view = parse_explain_view(dump(json_of(world, "web", identity)));
  ASSERT_TRUE(view);
  EXPECT_EQ(explain_text(*view),
            explain_text(explain_view("web", world.judgement("web"), kParameters, world.unix_seconds)));
}

TEST(ExplainText, RefusesWhatIsNoAnswer) {
  for (const char* text : {"", "[]", "{}", "null", "{\"judged\":true,\"explanation\":5}",
                           "{\"judged\":true,\"explanation\":[1]}", "{\"judged\":"}) {
    EXPECT_FALSE(parse_explain_view(text)) << text;
  }
  EXPECT_TRUE(parse_explain_view("{\"judged\":false}"));
}

TEST(RuledOut, GivesAReasonForEveryOtherCause) {
  World world = held_world();
  const std::vector<RuledOut> others = ruled_out(world.judgement("web"), kParameters);
  EXPECT_EQ(others.size(), kCategoryCount - 2);
  for (const RuledOut& other : others) {
    EXPECT_NE(other.category, Category::kCpuQuota);
    EXPECT_FALSE(other.because.empty());
    const bool has_no_limit = other.category == Category::kIoLimit;
    EXPECT_FALSE(has_no_limit && is_present(other.score));
    EXPECT_TRUE(is_present(other.score) || other.category != Category::kIo);
  }
}

TEST(RuledOut, TellsDemandFromContention) {
  World world;
  world.add("busy");
  world.grow("busy", Field::cpu_usage, 4);
  world.grow("busy", Field::pressure_cpu_some, 0.6);
  world.host.set(Field::host_cpu_busy, 0);
  world.run(100);
  ASSERT_EQ(world.judgement("busy").category, Category::kCpuDemand);
  for (const RuledOut& other : ruled_out(world.judgement("busy"), kParameters)) {
    if (other.category == Category::kCpuContention) {
      EXPECT_THAT(other.because, HasSubstr("its own use"));
    }
  }
}

TEST(JudgementJson, TellsSinceWhen) {
  World world = held_world();
  const Identity identity{"web", "abc", Runtime::kDocker, {}};
  const OrderedJson json = json_of(world, "web", identity);
  EXPECT_EQ(json["cause"]["since"], world.judgement("web").category_since);
  EXPECT_THAT(json["explanation"][1].get<std::string>(), HasSubstr("It is so since 20"));
}

TEST(JudgementJson, AStoppedContainerIsNotWaitedFor) {
  World world;
  world.add("young");
  world.run(2);
  Identity identity;
  identity.name = "young";
  const auto answer = [&](std::string_view state) {
    const OrderedJson json = full_json({&identity, &world.judgement("young"), state, kAbsent, kAbsent},
                                       kParameters, world.unix_seconds);
    return json["explanation"][0].get<std::string>();
  };
  EXPECT_THAT(answer("exited"), HasSubstr("it is not running"));
  for (const char* state : {"running", "paused", "restarting", ""})
    EXPECT_THAT(answer(state), HasSubstr("not enough data yet")) << state;
}

TEST(JudgementJson, LeavesOutWhatIsAbsent) {
  World world;
  world.add("young");
  world.run(3);
  const Identity identity{"young", "", Runtime::kCgroup, {{"image", ""}}};
  const OrderedJson json = json_of(world, "young", identity);
  expect_no_null(json, "");
  EXPECT_EQ(json["judged"], false);
  for (const char* key : {"overall_score", "band", "cause", "id", "start_time", "memory_limit_forecast"})
    EXPECT_FALSE(json.contains(key)) << key;
  EXPECT_TRUE(json["labels"].empty());
  for (const OrderedJson& resource : json["resources"]) EXPECT_FALSE(resource.contains("score"));
  const OrderedJson unseen =
      full_json({&identity, nullptr, "", kAbsent, kAbsent}, kParameters, world.unix_seconds);
  EXPECT_EQ(unseen["judged"], false);
  EXPECT_FALSE(unseen.contains("signals"));
}

TEST(JudgementJson, ShowsASignalWithItsNumbers) {
  World world = held_world();
  const OrderedJson quota =
      signal_json(Signal::kCpuQuota, world.judgement("web").of(Signal::kCpuQuota), kParameters);
  EXPECT_EQ(quota["signal"], "cpu.quota");
  EXPECT_NEAR(quota["value"].get<double>(), 0.943, 0.001);
  EXPECT_THAT(quota["formula"].get<std::string>(), HasSubstr("L(0.4; 0.01, 0.5) = 0.943"));
  EXPECT_EQ(quota["threshold"], 0.25);
  EXPECT_THAT(quota["clears"].get<std::string>(), HasSubstr("d below 0.02"));
  EXPECT_NEAR(quota["input_at_threshold"].get<double>(), 0.0266, 0.0002);
  EXPECT_EQ(quota["inputs"].size(), 4U);
  EXPECT_EQ(quota["window_seconds"], 60);
}

TEST(JudgementJson, SurvivesTextsFromOutside) {
  const std::string name = "a\x1b[31m\xff\"\n\xe2\x80\xae";
  World world = held_world(name);
  const Identity identity{name, "\xc0\xaf", Runtime::kDocker, {{"image", "\xed\xa0\x80"}}};
  const std::string text = dump(json_of(world, name, identity));
  EXPECT_FALSE(OrderedJson::parse(text, nullptr, false).is_discarded());
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const auto explained = parse_explain_view(text);
  ASSERT_TRUE(explained);
  const std::string terminal =
      explain_text(*explained) + advice_text(advice_views(name, world.judgement(name)));
  EXPECT_EQ(terminal.find('\x1b'), std::string::npos);
  EXPECT_EQ(terminal.find("\xe2\x80\xae"), std::string::npos);
}

TEST(AdviceText, ShowsChangesAndTheirUndo) {
  World world = held_world();
  const std::string text = advice_text(advice_views("web", world.judgement("web")));
  EXPECT_THAT(text, HasSubstr("web\n  CPU_LIMIT_RAISE (high, since 20"));
  EXPECT_THAT(
      text,
      HasSubstr("\n      docker update --cpus 1 web\n    to undo it:\n      docker update --cpus 0.5 web\n"));
  EXPECT_EQ(advice_text({}), "nothing is recommended\n");
}

TEST(AdviceText, ComesBackFromTheApiUnchanged) {
  World world = held_world();
  const Identity identity{"web", "abc", Runtime::kDocker, {}};
  FleetView fleet;
  fleet.unix_seconds = world.unix_seconds;
  fleet.containers.push_back({&identity, &world.judgement("web"), "running", kAbsent, kAbsent});
  const auto views = parse_advice_views(recommendations_answer(fleet, {}));
  ASSERT_TRUE(views);
  EXPECT_EQ(advice_text(*views), advice_text(advice_views("web", world.judgement("web"))));
  for (const char* text : {"", "{}", "{\"recommendations\":{}}", "{\"recommendations\":[1]}"})
    EXPECT_FALSE(parse_advice_views(text)) << text;
}

TEST(Terminal, ReplacesWhatMovesTheCursorOrTurnsText) {
  EXPECT_EQ(plain("a\x1b[2Jb"), "a\xef\xbf\xbd[2Jb");
  EXPECT_EQ(plain("a\xc2\x9b"
                  "2J"),
            "a\xef\xbf\xbd"
            "2J");  // C1: CSI in one character
  EXPECT_EQ(plain("a\xe2\x80\xae"
                  "b"),
            "a\xef\xbf\xbd"
            "b");  // right-to-left override
  EXPECT_EQ(plain("a\xe2\x81\xa6"
                  "b"),
            "a\xef\xbf\xbd"
            "b");  // left-to-right isolate
  EXPECT_EQ(plain("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(plain("caf\xc3\xa9 \xe2\x82\xac"), "caf\xc3\xa9 \xe2\x82\xac");
}

TEST(Terminal, WrapsAtBlanksAndIndents) {
  const std::string text = wrapped(std::string(40, 'a') + " " + std::string(36, 'b') + " c", "  ");
  EXPECT_EQ(text, "  " + std::string(40, 'a') + " " + std::string(36, 'b') + "\n  c\n");
  EXPECT_EQ(wrapped(std::string(100, 'x')), std::string(100, 'x') + "\n");
  EXPECT_EQ(wrapped(""), "\n");
}

TEST(Terminal, ShowsTimes) {
  EXPECT_EQ(utc_text(1'700'000'000), "2023-11-14 22:13:20 UTC");
  EXPECT_EQ(utc_text(0), "1970-01-01 00:00:00 UTC");
  EXPECT_EQ(utc_text(kAbsent), "");
  EXPECT_EQ(utc_text(1e18), "");
  EXPECT_EQ(utc_text(-1), "");
}

}  // namespace
}  // namespace bottleneck
