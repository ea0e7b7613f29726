#include "exporter/config/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "exporter/config/reference.h"
#include "exporter/config/schema.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class LoadTest : public testing::Test {
 protected:
  LoadTest() { fs::create_directories(root_); }
  ~LoadTest() override { fs::remove_all(root_); }

  LoadOutcome load(const std::string& yaml, std::vector<FlagValue> flags = {}) {
    std::ofstream(root_ / "c.yml") << yaml;
    ConfigInputs inputs;
    inputs.file = root_ / "c.yml";
    inputs.flags = std::move(flags);
    return load_config(inputs);
  }
  /// The only error of a load, without the folder.
  std::string error_of(const std::string& yaml) {
    const LoadOutcome outcome = load(yaml);
    EXPECT_FALSE(outcome.config);
    if (outcome.errors.size() != 1) return std::to_string(outcome.errors.size()) + " errors";
    const std::string folder = root_.string() + "/";
    const std::string& line = outcome.errors.front();
    return line.starts_with(folder) ? line.substr(folder.size()) : line;
  }

  fs::path root_ = fs::temp_directory_path() / ("load_test." + std::to_string(getpid()));
};

/// Every value of a configuration as text, for comparison.
std::string dump(const ValidConfig& config) {
  std::string out;
  for (const SchemaRow& row : schema()) out += row.key + "=" + yaml_value(row, config) + "\n";
  return out;
}

// The corpus: what a person sees for each kind of mistake is part of the interface.
TEST(BadConfigs, GiveExactlyTheseMessages) {
  const fs::path folder = fs::path(TEST_SOURCE_DIR) / "fixtures/config";
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".bad.yml")) continue;
    ++seen;
    ConfigInputs inputs;
    inputs.file = entry.path();
    const LoadOutcome outcome = load_config(inputs);
    EXPECT_FALSE(outcome.config) << name;
    std::string lines;
    for (const std::string& error : outcome.errors) {
      const std::string prefix = folder.string() + "/";
      lines += (error.starts_with(prefix) ? error.substr(prefix.size()) : error) + "\n";
    }
    const fs::path expected = folder / (name.substr(0, name.size() - 8) + ".txt");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << lines;
    EXPECT_EQ(lines, slurp(expected)) << name;
  }
  EXPECT_GE(seen, 14);
}

TEST_F(LoadTest, NothingGivenIsTheDefaults) {
  const LoadOutcome outcome = load_config({});
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(dump(*outcome.config), dump(ValidConfig{}));
}

TEST_F(LoadTest, EmptyFilesAndSectionsAreTheDefaults) {
  for (const char* yaml :
       {"", "\n\n", "# only a comment\n", "---\n", "web:\nsampling: ~\n", "{}", "\xef\xbb\xbfweb:\n"}) {
    const LoadOutcome outcome = load(yaml);
    ASSERT_TRUE(outcome.config) << yaml << outcome.errors.front();
    EXPECT_EQ(dump(*outcome.config), dump(ValidConfig{}));
  }
}

TEST_F(LoadTest, TheExampleNamesEveryKeyAndLoadsToTheDefaults) {
  const LoadOutcome outcome = load(example_config());
  ASSERT_TRUE(outcome.config) << outcome.errors.front();
  EXPECT_EQ(dump(*outcome.config), dump(ValidConfig{}));
  for (const SchemaRow& row : schema()) {
    EXPECT_NE(reference_table().find("`" + row.key + "`"), std::string::npos) << row.key;
    EXPECT_NE(example_config().find("  " + row.key.substr(row.key.find('.') + 1) + ": "), std::string::npos)
        << row.key;
  }
}

TEST_F(LoadTest, EveryKeyReachesItsOwnMember) {
  // A row whose slot was copied from its neighbour would change another key's value.
  for (const SchemaRow& row : schema()) {
    ValidConfig config = default_config();
    const std::string before = dump(config);
    std::string value = "/other";
    if (type_of(row) == "true or false") value = yaml_value(row, config) == "true" ? "false" : "true";
    if (row.most > 0) value = std::to_string(static_cast<int>(row.most));
    if (row.key == "metrics.profile") value = "full";
    if (row.key == "log.level") value = "debug";
    if (row.key == "log.format") value = "json";
    if (row.key == "web.listen_addresses") value = "10.0.0.1:1";
    if (row.key == "docker.hosts") value = "tcp://a:1";
    ASSERT_EQ(store_value(row, {value}, config), "") << row.key;
    std::istringstream old_lines(before);
    std::istringstream new_lines(dump(config));
    std::string old_line;
    std::string new_line;
    while (std::getline(old_lines, old_line) && std::getline(new_lines, new_line)) {
      EXPECT_EQ(old_line != new_line, new_line.starts_with(row.key + "="))
          << row.key << " changed " << new_line;
    }
  }
}

TEST_F(LoadTest, RangesIncludeTheirEnds) {
  for (const SchemaRow& row : schema()) {
    if (!(row.most > row.least)) continue;
    ValidConfig config;
    const std::string range = range_of(row);
    const std::string least = range.substr(0, range.find(' '));
    const std::string most = range.substr(range.rfind(' ') + 1);
    EXPECT_EQ(store_value(row, {least}, config), "") << row.key;
    EXPECT_EQ(store_value(row, {most}, config), "") << row.key;
    EXPECT_NE(store_value(row, {most + "0"}, config), "") << row.key;
    EXPECT_NE(store_value(row, {"-1"}, config), "") << row.key;
    for (const char* bad : {"", " 1", "1 ", "nan", "inf", "1s", "0x1", "--1", "1e999"}) {
      EXPECT_NE(store_value(row, {bad}, config), "") << row.key << bad;
    }
  }
}

TEST_F(LoadTest, FlagsOverrideTheFileAndFlagErrorsSayTheFlag) {
  const std::string yaml = "web: {listen_addresses: [':1'], telemetry_path: /m}\nlog: {level: debug}\n";
  const LoadOutcome outcome = load(yaml, {{"--web.listen-address", ":2"},
                                          {"--web.listen-address", ":3"},
                                          {"--log.level", "warn"},
                                          {"--log.level", "error"}});
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->web.listen_addresses, (std::vector<std::string>{":2", ":3"}));
  EXPECT_EQ(outcome.config->web.telemetry_path, "/m");
  EXPECT_EQ(outcome.config->log_level, LogLevel::kError);

  const LoadOutcome bad = load(yaml, {{"--log.level", "loud"}, {"--web.listen-address", "x"}});
  EXPECT_EQ(bad.errors,
            (std::vector<std::string>{
                "--web.listen-address: expected host:port or :port, with a port from 0 to 65535, not 'x'",
                "--log.level: expected debug, info, warn or error, not 'loud'"}));
}

TEST_F(LoadTest, CgroupfsFollowsSysfsUnlessGiven) {
  EXPECT_EQ(load("", {{"--path.sysfs", "/host/sys"}}).config->paths.cgroupfs, "/host/sys/fs/cgroup");
  EXPECT_EQ(load("path: {sysfs: /host/sys/}").config->paths.cgroupfs, "/host/sys/fs/cgroup");
  EXPECT_EQ(load("", {{"--path.rootfs", "/host"}}).config->paths.cgroupfs, ValidConfig{}.paths.cgroupfs);
  EXPECT_EQ(load("path: {cgroupfs: /cg}", {{"--path.sysfs", "/host/sys"}}).config->paths.cgroupfs, "/cg");
}

TEST_F(LoadTest, AutoFindsTheEngines) {
  ConfigInputs inputs;
  inputs.flags = {{"--docker.host", "auto"}, {"--docker.host", "tcp://other:2375"}};
  inputs.exists = [](const std::string& path) { return path == "/run/podman/podman.sock"; };
  EXPECT_EQ(load_config(inputs).config->engine.hosts,
            (std::vector<std::string>{"unix:///run/podman/podman.sock", "tcp://other:2375"}));
  inputs.exists = [](const std::string&) { return false; };
  EXPECT_EQ(load_config(inputs).config->engine.hosts, std::vector<std::string>{"tcp://other:2375"});
  inputs.docker_host = "unix:///run/user/1000/docker.sock";
  EXPECT_EQ(load_config(inputs).config->engine.hosts.front(), "unix:///run/user/1000/docker.sock");
  inputs.docker_host = "ssh://somebody@somewhere";
  EXPECT_EQ(load_config(inputs).errors,
            std::vector<std::string>{"DOCKER_HOST: expected unix:///path, tcp://host:port or auto, not "
                                     "'ssh://somebody@somewhere'"});
}

TEST_F(LoadTest, ReloadTakesTheFileAsItIsNow) {
  std::ofstream(root_ / "r.yml") << "sampling: {pulse_seconds: 2}";
  ConfigInputs inputs;
  inputs.file = root_ / "r.yml";
  inputs.flags = {{"--log.level", "warn"}};
  EXPECT_EQ(load_config(inputs).config->sampling.pulse_seconds, 2);
  std::ofstream(root_ / "r.yml") << "sampling: {pulse_seconds: 5}";
  EXPECT_EQ(load_config(inputs).config->sampling.pulse_seconds, 5);
  EXPECT_EQ(load_config(inputs).config->log_level, LogLevel::kWarn);
  std::ofstream(root_ / "r.yml") << "sampling: {pulse_seconds: 5000}";
  EXPECT_FALSE(load_config(inputs).config);
  fs::remove(root_ / "r.yml");
  EXPECT_EQ(load_config(inputs).errors,
            std::vector<std::string>{"open " + inputs.file + ": No such file or directory"});
}

// What no person writes, but a broken disk or an attacker does. None may crash, hang or fill the memory.
TEST_F(LoadTest, HostileFilesGiveOneError) {
  EXPECT_EQ(error_of("web:\n  workers: " + std::string(2'000'000, '1')), "c.yml: larger than 1048576 bytes");
  EXPECT_EQ(error_of("web: " + std::string(100'000, '[')).substr(0, 6), "c.yml:");
  EXPECT_EQ(error_of("web: " + std::string(100'000, '{')).substr(0, 6), "c.yml:");
  EXPECT_EQ(error_of(std::string("web:\0 1", 7)), "c.yml:1:5: this is no text: byte '\\x00'");
  EXPECT_EQ(error_of("\x7f"
                     "ELF\x02\x01")
                .substr(0, 9),
            "c.yml:1:1");
  std::string nested;
  for (int i = 0; i < 40; ++i) nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(error_of(nested), "c.yml:17:17: nested more than 16 levels deep");
  EXPECT_EQ(load(std::string(400'000, '-')).config.has_value(), false);
  load(std::string(400'000, '&'));  // an empty node for this parser; it only has to end
  EXPECT_EQ(load("a: &a [*a, *a]").config.has_value(), false);
}

TEST_F(LoadTest, OneDocumentIsOne) {
  for (const char* one : {"---\nlog: {level: warn}\n", "%YAML 1.2\n---\nlog: {level: warn}\n...\n",
                          "# c\n\nlog:\n  level: warn\n", "log: {level: warn}\n...\n# end\n"}) {
    const LoadOutcome outcome = load(one);
    ASSERT_TRUE(outcome.config) << one << outcome.errors.front();
    EXPECT_EQ(outcome.config->log_level, LogLevel::kWarn) << one;
  }
  EXPECT_EQ(error_of("---\n---\nlog: {}\n"), "c.yml:2:1: expected one YAML document, not several");
  EXPECT_EQ(error_of("log: {}\n...\nweb: {}\n"), "c.yml:3:1: expected one YAML document, not several");
}

// Found by fuzzing: the parser's function for several documents never ended on this, and filled the memory.
TEST_F(LoadTest, AnUnfinishedMapEnds) {
  EXPECT_EQ(error_of("l,og: &base\n  levcker:\n  <<b:a *se\n? []\n: c\n").substr(0, 6), "c.yml:");
}

TEST_F(LoadTest, AnAliasBombIsRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j > 0 ? ", " : "") + alias;
    bomb += "]\n";
  }
  EXPECT_NE(error_of(bomb).find("more than 20000 values"), std::string::npos);
}

TEST_F(LoadTest, ManyMistakesAreCut) {
  std::string yaml;
  for (int i = 0; i < 5000; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const LoadOutcome outcome = load(yaml);
  EXPECT_EQ(outcome.errors.size(), 51U);
  EXPECT_EQ(outcome.errors.back(), "... and more; mend these first");
}

}  // namespace
}  // namespace bottleneck
