#include "exporter/config/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "exporter/config/schema.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

CommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "bottleneck_exporter");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(),
                            "bottleneck_exporter, version 1");
}

std::vector<std::string> flags_of(const CommandLine& line) {
  std::vector<std::string> all;
  for (const FlagValue& flag : line.inputs.flags) all.push_back(flag.flag + "=" + flag.value);
  return all;
}

TEST(CommandLine, ServesByDefault) {
  const CommandLine line = parse({});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_TRUE(line.inputs.flags.empty());
  EXPECT_EQ(line.inputs.file, "");
}

TEST(CommandLine, ReplayTakesAFileAndFlagsOfItsOwn) {
  const CommandLine line =
      parse({"replay", "f.csv", "--format=json", "--every", "60", "--strict", "--judgement.demonstration"});
  EXPECT_EQ(line.command, Command::kReplay) << line.text;
  EXPECT_EQ(line.subject, "f.csv");
  EXPECT_EQ(line.format, "json");
  EXPECT_EQ(line.every_seconds, 60);
  EXPECT_TRUE(line.strict);
  EXPECT_EQ(flags_of(line), std::vector<std::string>{"--judgement.demonstration=true"});
  EXPECT_EQ(parse({"replay", "-"}).subject, "-");
  EXPECT_EQ(parse({"replay", "--columns"}).command, Command::kReplayColumns);
  EXPECT_EQ(parse({"replay"}).exit_code, 2);
  EXPECT_EQ(parse({"replay", "f.csv", "--format=xml"}).exit_code, 2);
  EXPECT_EQ(parse({"replay", "f.csv", "--every=-1"}).exit_code, 2);
}

TEST(CommandLine, NumbersAreNumbersInTheirRange) {
  const auto text = [](const char* flag, const char* value) {
    const CommandLine line = parse({"replay", "f.csv", flag, value});
    return line.command == Command::kExit ? line.text : std::string();
  };
  for (const char* word : {"abc", "nan", "1x", ""})
    EXPECT_EQ(text("--every", word), "--every: '" + std::string(word) + "' is no number\n");
  EXPECT_EQ(text("--every", "1e10"), "--every: '1e10' is not between 0 and 1000000000\n");
  EXPECT_EQ(text("--every", "inf"), "--every: 'inf' is not between 0 and 1000000000\n");
  EXPECT_EQ(text("--every", "0.5"), "");
  EXPECT_EQ(parse({"advise", "--duration", "abc"}).text, "--duration: 'abc' is no number\n");
}

TEST(CommandLine, ErrorsAreLines) {
  for (const auto& arguments :
       {std::vector<const char*>{"replay"}, {"--nonsense"}, {"explain"}, {"advise", "--user=a"}})
    EXPECT_TRUE(parse(arguments).text.ends_with("\n")) << parse(arguments).text;
}

TEST(CommandLine, QuestionsNameAContainer) {
  const CommandLine line = parse({"explain", "web", "--url=http://host:1"});
  EXPECT_EQ(line.command, Command::kExplain) << line.text;
  EXPECT_EQ(line.subject, "web");
  EXPECT_EQ(line.url, "http://host:1");
  const CommandLine guarded =
      parse({"advise", "--ca", "ca.pem", "--user=alice", "--password-file=-", "--url=https://host:1"});
  EXPECT_EQ(guarded.command, Command::kAdvise) << guarded.text;
  EXPECT_EQ(guarded.ca_file, "ca.pem");
  EXPECT_EQ(guarded.user, "alice");
  EXPECT_EQ(guarded.password_file, "-");
  EXPECT_EQ(parse({"advise", "--user=alice"}).exit_code, 2);
  EXPECT_EQ(parse({"advise", "--password-file=p"}).exit_code, 2);
  EXPECT_EQ(parse({"explain"}).exit_code, 2);
  EXPECT_EQ(parse({"advise"}).command, Command::kAdvise);
  EXPECT_EQ(parse({"advise", "web", "--duration", "30"}).duration_seconds, 30);
}

TEST(CommandLine, TakesTheGrammarOfNodeExporter) {
  const CommandLine line = parse({"--config.file=/etc/b.yml", "--web.listen-address=:1",
                                  "--web.listen-address", ":2", "--no-collector.io", "--collector.cpu",
                                  "--path.procfs", "/host/proc", "--metrics.profile=full"});
  EXPECT_EQ(line.command, Command::kServe) << line.text;
  EXPECT_EQ(line.inputs.file, "/etc/b.yml");
  EXPECT_EQ(flags_of(line), (std::vector<std::string>{"--path.procfs=/host/proc", "--web.listen-address=:1",
                                                      "--web.listen-address=:2", "--metrics.profile=full",
                                                      "--collector.cpu=true", "--collector.io=false"}));
  const LoadOutcome outcome =
      load_config(ConfigInputs{.file = "", .flags = line.inputs.flags, .docker_host = ""});
  ASSERT_TRUE(outcome.config);
  EXPECT_FALSE(outcome.config->metrics.enabled(Collector::kIo));
  EXPECT_TRUE(outcome.config->metrics.enabled(Collector::kCpu));
}

TEST(CommandLine, TheLastOfASwitchWins) {
  EXPECT_EQ(flags_of(parse({"--no-collector.io", "--collector.io"})),
            std::vector<std::string>{"--collector.io=true"});
  EXPECT_EQ(flags_of(parse({"--collector.io", "--no-collector.io"})),
            std::vector<std::string>{"--collector.io=false"});
}

TEST(CommandLine, AnEmptyValueIsAValue) {
  EXPECT_EQ(flags_of(parse({"--storage.path=", "--no-collector.io"})),
            (std::vector<std::string>{"--collector.io=false", "--storage.path="}));
  EXPECT_EQ(flags_of(parse({"--storage.path", "", "--docker.host="})),
            (std::vector<std::string>{"--docker.host=", "--storage.path="}));
}

TEST(CommandLine, KnowsItsCommandsAndTheyTakeTheSameFlags) {
  EXPECT_EQ(parse({"metrics"}).command, Command::kMetrics);
  EXPECT_EQ(parse({"self-test"}).command, Command::kSelfTest);
  EXPECT_EQ(parse({"config", "check"}).command, Command::kConfigCheck);
  EXPECT_EQ(parse({"config", "example"}).command, Command::kConfigExample);
  EXPECT_EQ(parse({"config", "reference"}).command, Command::kConfigReference);
  EXPECT_EQ(parse({"--config.check"}).command, Command::kConfigCheck);
  const CommandLine line = parse({"config", "check", "--config.file", "x.yml", "--log.level=warn"});
  EXPECT_EQ(line.command, Command::kConfigCheck) << line.text;
  EXPECT_EQ(line.inputs.file, "x.yml");
  EXPECT_EQ(flags_of(line), std::vector<std::string>{"--log.level=warn"});
  EXPECT_EQ(flags_of(parse({"--log.level=warn", "metrics", "--path.sysfs=/s"})),
            (std::vector<std::string>{"--path.sysfs=/s", "--log.level=warn"}));
}

TEST(CommandLine, HelpAndVersionExitWithSuccess) {
  const CommandLine version = parse({"--version"});
  EXPECT_EQ(version.command, Command::kExit);
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.text, "bottleneck_exporter, version 1\n");
  const CommandLine help = parse({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const SchemaRow& row : schema()) {
    EXPECT_NE(help.text.find(row.flag), std::string::npos) << row.flag;
  }
  EXPECT_EQ(parse({"metrics", "--help"}).exit_code, 0);
}

TEST(CommandLine, MistakesExitWith2AndSuggest) {
  const auto message = [](const std::vector<const char*>& arguments) {
    const CommandLine line = parse(arguments);
    EXPECT_EQ(line.command, Command::kExit);
    EXPECT_EQ(line.exit_code, 2);
    return line.text;
  };
  EXPECT_EQ(message({"--web.listn-address=:1"}),
            "unknown flag '--web.listn-address', did you mean \"--web.listen-address\"?\n");
  EXPECT_EQ(message({"metrics", "--colector.cpu"}),
            "unknown flag '--colector.cpu', did you mean \"--collector.cpu\"?\n");
  EXPECT_EQ(message({"serv"}), "unexpected argument 'serv'\n");
  EXPECT_NE(message({"--log.level"}).find("--log.level"), std::string::npos);
  EXPECT_NE(message({"config"}), "");
  EXPECT_EQ(message({"--docker.host", "a", "b"}), "unexpected argument 'b'\n");
  EXPECT_NE(message({"--collector.cpu=false"}), "");
  EXPECT_NE(message({"--no-collector.cpu=x"}), "");
}

TEST(Suggest, IsNearOrSilent) {
  EXPECT_EQ(nearest("memroy", {"memory", "cpu"}), "memory");
  EXPECT_EQ(nearest("cpus", {"memory", "cpu"}), "cpu");
  EXPECT_EQ(nearest("banana", {"memory", "cpu"}), "");
  EXPECT_EQ(nearest("", {"memory", "cpu"}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), {"memory"}), "");
}

}  // namespace
}  // namespace bottleneck
