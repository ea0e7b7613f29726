// argv -> which command, and the inputs of the configuration.
#pragma once

#include <string>
#include <vector>

#include "exporter/config/load.h"

namespace CLI {
class App;
}

namespace bottleneck {

enum class Command : unsigned char {
  kServe,             ///< no subcommand
  kMetrics,           ///< one scrape to standard output
  kMetricsReference,  ///< METRICS.md to standard output
  kHealthcheck,       ///< asks a running exporter whether it is healthy
  kSelfTest,          ///< what can be read here
  kReplay,            ///< judges a recorded series
  kReplayColumns,     ///< the format of a series, to standard output
  kExplain,           ///< a running exporter's judgement of one container, in words
  kAdvise,            ///< a running exporter's recommendations with their changes
  kConfigCheck,       ///< also --config.check
  kConfigExample,     ///< example_config() to standard output
  kConfigReference,   ///< reference_table() to standard output
  kExit,  ///< help or version was asked for, or the command line is wrong: print `text`, exit with
          ///< `exit_code`
};

struct CommandLine {
  Command command = Command::kServe;
  ConfigInputs inputs;  ///< `docker_host` is main's to fill in
  int exit_code = 0;
  // Of replay, explain and advise.
  std::string subject;       ///< file, or container; empty: all
  std::string format;        ///< "csv", "json", "text"
  double every_seconds = 0;  ///< 0: every moment
  bool strict = false;
  std::string url;
  std::string ca_file;
  std::string user;
  std::string password_file;
  double duration_seconds = 0;  ///< 0: ask a running exporter

  std::string text;  ///< for standard output when exit_code is 0, else for standard error
};

/// Registers the flags of the schema and --config.file on an application; `values()` after it has parsed. A
/// command with flags of its own (profile, ...) can so have these as well.
class ConfigFlags {
 public:
  void add_to(CLI::App& app);
  [[nodiscard]] std::vector<FlagValue> values() const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Given {
    std::string flag;
    std::vector<std::string> values;
  };
  std::vector<Given> given_;  ///< sized once: the parser keeps pointers into it
  std::string file_;
};

/// `version` is what --version prints. Reads no environment.
CommandLine parse_command_line(int argc, const char* const* argv, const std::string& version);

}  // namespace bottleneck
