#include "exporter/config/command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "exporter/config/checks.h"
#include "exporter/config/schema.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

constexpr const char* kSwitches = "Collectors (all are on; --no-collector.<name> switches one off)";
constexpr const char* kDescription =
    "Watches every container of a host for Prometheus: what each uses, what holds it back, and what to "
    "change.";

bool is_switch(const SchemaRow& row) {
  ValidConfig scratch;
  return std::holds_alternative<bool*>(row.slot(scratch));
}

std::string negated(const std::string& flag) { return "--no-" + flag.substr(2); }

std::string help_of(const SchemaRow& row) {
  const std::string range = range_of(row);
  return row.help + " (default: " + yaml_value(row, default_config()) + (range.empty() ? "" : "; " + range) +
         ")";
}

/// "--web.listn-address=x" -> the flag that was meant.
std::string unexpected(const CLI::App& app, const std::string& argument) {
  const std::string word = argument.substr(0, argument.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const bool flag = word.starts_with('-');
  return (flag ? "unknown flag " : "unexpected argument ") + shown(word) +
         (flag ? did_you_mean(word, known) : "");
}

struct Commands {
  CLI::App* metrics;
  CLI::Option* metrics_reference;
  CLI::App* healthcheck;
  CLI::App* self_test;
  CLI::App* replay;
  CLI::Option* replay_columns;
  CLI::App* explain;
  CLI::App* advise;
  CLI::App* config;
  CLI::App* check;
  CLI::App* example;
  CLI::App* reference;
};

/// Flags of their own go into `line`, which outlives the parser.
void add_judgement_commands(CLI::App& app, Commands& commands, CommandLine& line) {
  commands.replay = app.add_subcommand("replay", "Judge a recorded series (CSV) as the exporter would have.");
  CLI::Option* file = commands.replay->add_option("FILE", line.subject, "The series; '-' is standard input.");
  commands.replay
      ->add_option("--format", line.format, "csv or json: a line for each judgement (default: csv)")
      ->check(CLI::IsMember({"csv", "json"}));
  commands.replay
      ->add_option("--every", line.every_seconds,
                   "One judgement a container in so many seconds (default: all)")
      ->check([](const std::string& text) { return check_between(text, 0, 1'000'000'000); });
  commands.replay->add_flag("--strict", line.strict, "Stop at the first bad row, exit 2.");
  commands.replay_columns = commands.replay->add_flag_callback(
      "--columns", [] {}, "Describe the format and its columns, and exit.");
  commands.replay->footer("The columns are 'time' (seconds), 'container', and any of --columns.");
  commands.replay->callback([&line, file, columns = commands.replay_columns] {
    if (columns->count() == 0 && line.subject.empty()) throw CLI::RequiredError(file->get_name());
  });
  commands.explain = app.add_subcommand(
      "explain", "Say what holds a container back, how that was found, and what would clear it.");
  commands.explain->add_option("CONTAINER", line.subject, "Its name.")->required();
  commands.advise =
      app.add_subcommand("advise", "Print what is recommended, with the changes to paste and their undo.");
  commands.advise->add_option("CONTAINER", line.subject, "Its name (default: all).");
  for (CLI::App* command : {commands.explain, commands.advise}) {
    command->add_option("--url", line.url, "Where the exporter serves (default: http://127.0.0.1:10110)");
    command->add_option("--ca", line.ca_file,
                        "PEM file of the authority that signed its certificate (default: those of the host)");
    CLI::Option* user = command->add_option("--user", line.user, "User, where it asks for one.");
    CLI::Option* password = command->add_option("--password-file", line.password_file,
                                                "File with the user's password; '-' is standard input.");
    user->needs(password);
    password->needs(user);
    command
        ->add_option("--duration", line.duration_seconds,
                     "Sample here for so many seconds instead of asking a running exporter; scores want a "
                     "minute, most recommendations five")
        ->check([](const std::string& text) { return check_between(text, 1, 86400); });
    command->add_option("--format", line.format, "text or json (default: text)")
        ->check(CLI::IsMember({"text", "json"}));
  }
}

Commands add_commands(CLI::App& app, CommandLine& line) {
  Commands commands{};
  commands.metrics = app.add_subcommand("metrics", "Print one scrape and exit.");
  commands.metrics_reference = commands.metrics->add_flag_callback(
      "--reference", [] {}, "Print the table of all metrics as Markdown instead.");
  commands.healthcheck = app.add_subcommand(
      "healthcheck",
      "Ask the exporter that serves on the listen address whether it is healthy; exit 0 or 1.");
  commands.self_test =
      app.add_subcommand("self-test", "Say what can be read here, what is missing and how to fix it.");
  add_judgement_commands(app, commands, line);
  commands.config = app.add_subcommand("config", "Check or explain the configuration.");
  commands.check =
      commands.config->add_subcommand("check", "Load the configuration, report every error and exit.");
  commands.example = commands.config->add_subcommand("example", "Print a configuration file with every key.");
  commands.reference = commands.config->add_subcommand("reference", "Print the table of keys as Markdown.");
  commands.config->require_subcommand(1);
  for (CLI::App* command :
       {commands.metrics, commands.healthcheck, commands.self_test, commands.replay, commands.explain,
        commands.advise, commands.config, commands.check, commands.example, commands.reference}) {
    command->fallthrough();
  }
  return commands;
}

Command chosen(const Commands& commands, bool check_only) {
  if (commands.example->parsed()) return Command::kConfigExample;
  if (commands.reference->parsed()) return Command::kConfigReference;
  if (commands.check->parsed() || check_only) return Command::kConfigCheck;
  if (commands.metrics_reference->count() > 0) return Command::kMetricsReference;
  if (commands.healthcheck->parsed()) return Command::kHealthcheck;
  if (commands.metrics->parsed()) return Command::kMetrics;
  if (commands.self_test->parsed()) return Command::kSelfTest;
  if (commands.replay_columns->count() > 0) return Command::kReplayColumns;
  if (commands.replay->parsed()) return Command::kReplay;
  if (commands.explain->parsed()) return Command::kExplain;
  if (commands.advise->parsed()) return Command::kAdvise;
  return Command::kServe;
}

CommandLine finished(int exit_code, std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  CommandLine line;
  line.command = Command::kExit;
  line.exit_code = exit_code;
  line.text = std::move(text);
  return line;
}

/// Takes effect while parsing, so that of two contrary ones the last wins.
CLI::Option* add_switch(CLI::App& app, const std::string& flag, const std::string& help, const char* text,
                        std::vector<std::string>& values) {
  return app
      .add_flag_function(
          flag, [&values, text](std::int64_t) { values = {text}; }, help)
      ->trigger_on_parse()
      ->disable_flag_override();
}

/// The parser wants the last argument first. It takes the argument after "--flag=" for its value: hand it an
/// empty one.
std::vector<std::string> reversed(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = argc - 1; i > 0; --i) {
    const std::string argument = argv[i];
    const bool empty_value = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (empty_value) arguments.emplace_back();
    arguments.push_back(empty_value ? argument.substr(0, argument.size() - 1) : argument);
  }
  return arguments;
}

/// The parser reports by exceptions, help included; none leaves this function.
CommandLine parse(CLI::App& app, int argc, const char* const* argv, const std::string& version) {
  try {
    app.parse(reversed(argc, argv));
    return {};
  } catch (const CLI::CallForHelp&) {
    const auto parsed = app.get_subcommands();
    return finished(0, parsed.empty()
                           ? app.help()
                           : parsed.front()->help() + "\nThe flags of serving are accepted too.\n");
  } catch (const CLI::CallForVersion&) {
    return finished(0, version + "\n");
  } catch (const CLI::ExtrasError&) {
    const auto extras = app.remaining(true);
    return finished(2, extras.empty() ? "unexpected arguments" : unexpected(app, extras.front()));
  } catch (const std::exception& e) {
    return finished(2, e.what());
  }
}

}  // namespace

void ConfigFlags::add_to(CLI::App& app) {
  app.add_option("--config.file", file_, "Configuration file (YAML).")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  given_.clear();
  for (const SchemaRow& row : schema()) {
    if (!row.flag.empty()) given_.push_back({row.flag, {}});
  }
  auto given = given_.begin();
  for (const SchemaRow& row : schema()) {
    if (row.flag.empty()) continue;
    std::vector<std::string>& values = given->values;
    ++given;
    if (is_switch(row)) {
      add_switch(app, row.flag, help_of(row), "true", values)->group(kSwitches);
      add_switch(app, negated(row.flag), "", "false", values)->group("");
    } else {
      app.add_option_function<std::vector<std::string>>(
             row.flag, [&values](const std::vector<std::string>& texts) { values = texts; }, help_of(row))
          ->expected(1)
          ->allow_extra_args(false)
          ->type_name("VALUE")
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

std::vector<FlagValue> ConfigFlags::values() const {
  std::vector<FlagValue> all;
  for (const Given& given : given_) {
    for (const std::string& value : given.values) all.push_back({given.flag, value});
  }
  return all;
}

CommandLine parse_command_line(int argc, const char* const* argv, const std::string& version) {
  CLI::App app(kDescription, "bottleneck_exporter");
  ConfigFlags flags;
  bool check_only = false;
  app.set_version_flag("--version", version);
  app.add_flag("--config.check", check_only, "Load the configuration, report every error and exit.");
  flags.add_to(app);
  CommandLine line;
  const Commands commands = add_commands(app, line);
  CommandLine stopped = parse(app, argc, argv, version);
  if (stopped.command == Command::kExit) return stopped;
  line.command = chosen(commands, check_only);
  line.inputs.file = flags.file();
  line.inputs.flags = flags.values();
  return line;
}

}  // namespace bottleneck
