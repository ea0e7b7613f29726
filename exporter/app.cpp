#include "exporter/app.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "exporter/api.h"
#include "exporter/ask.h"
#include "exporter/base/log.h"
#include "exporter/base/memory.h"
#include "exporter/config/reference.h"
#include "exporter/expose/http_server.h"
#include "exporter/expose/metrics_reference.h"
#include "exporter/healthcheck.h"
#include "exporter/replay/replay.h"
#include "exporter/running.h"
#include "exporter/self_test.h"
#include "exporter/standalone.h"
#include "exporter/trends.h"

#ifndef BOTTLENECK_VERSION
#error "the build sets BOTTLENECK_VERSION"
#endif

namespace bottleneck {
namespace {

void print_errors(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) std::fprintf(stderr, "%s\n", error.c_str());
}

SelfMetrics::Build build_info() { return {BOTTLENECK_VERSION, BOTTLENECK_REVISION}; }

/// False, and says why, when the configuration cannot be worked with.
bool start(Running& running, const ValidConfig& config) {
  const Status started = running.replace(config);
  if (!started) print_errors({started.error().message});
  return static_cast<bool>(started);
}

int run_metrics(const ValidConfig& config) {
  SelfMetrics self(build_info());
  Running running(self);
  if (!start(running, config)) return 2;
  const Sources sources = running.sources();
  // One look is all there is: give the sources of names the time that a running exporter would give them.
  const std::int64_t end_ns = system_clock().monotonic_ns() +
                              static_cast<std::int64_t>((config.discovery.name_wait_seconds + 1) * 1e9);
  while (system_clock().monotonic_ns() < end_ns) {
    const std::shared_ptr<const Snapshot> snapshot = sources.snapshot(true);
    if (snapshot && snapshot->containers_waiting == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  TextBuffer text;
  HttpResponse response(text);
  MetricsHandler(sources, self)
      .answer({config.web.telemetry_path, "", [](const char*) { return std::string_view(); }}, response);
  std::fwrite(text.view().data(), 1, text.view().size(), response.code == 200 ? stdout : stderr);
  return response.code == 200 ? 0 : 1;
}

int healthcheck(const ValidConfig& config) {
  const Status healthy = ask_health(config.web.listen_addresses.front());
  if (!healthy) print_errors({healthy.error().message});
  return healthy ? 0 : 1;
}

int self_test(const ValidConfig& config) {
  const SelfTestReport report = run_self_test(config, system_clock());
  std::fputs(report.text().c_str(), stdout);
  return report.usable() ? 0 : 1;
}

int run_replay(const CommandLine& line, const ValidConfig& config) {
  auto lines = LineReader::open(line.subject);
  if (!lines) {
    print_errors({lines.error().message});
    return 1;
  }
  ReplayOptions options;
  options.file = line.subject == "-" ? "standard input" : line.subject;
  options.format = line.format == "json" ? ReplayFormat::kJson : ReplayFormat::kCsv;
  options.every_seconds = line.every_seconds;
  options.strict = line.strict;
  const auto out = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); };
  const auto complain = [](const std::string& text) { print_errors({text}); };
  return replay(*lines, config, options, out, complain);
}

int print_answer(const CommandLine& line, Result<std::string> answer) {
  if (answer) {
    const bool json = line.format == "json";
    answer =
        line.command == Command::kExplain ? shown_explanation(*answer, json) : shown_advice(*answer, json);
  }
  if (!answer) {
    print_errors({answer.error().message});
    return 1;
  }
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return 0;
}

int run_question(const CommandLine& line) {
  const ExporterAddress address{line.url, line.ca_file, line.user, line.password_file};
  return print_answer(line, line.command == Command::kExplain ? ask_explanation(address, line.subject)
                                                              : ask_advice(address, line.subject));
}

int run_question_here(const CommandLine& line, const ValidConfig& config) {
  SelfMetrics self(build_info());
  return print_answer(
      line, answer_here(config, self, line.duration_seconds, line.subject, line.command == Command::kAdvise));
}

/// Waits for a signal of `set`. Meanwhile gives back what the start, a reload or a rare answer has left.
int wait_for_signal(const sigset_t& set) {
  timespec patience{10, 0};
  for (;;) {
    const int signal = sigtimedwait(&set, nullptr, &patience);
    if (signal > 0) return signal;
    if (errno != EAGAIN) continue;
    give_back_memory();
    patience.tv_sec = 600;
  }
}

/// SIGHUP: the same file and flags again. A bad one keeps the old configuration, and says so.
void reload(const ConfigInputs& inputs, Running& running, SelfMetrics& self) {
  const LoadOutcome loaded = load_config(inputs);
  std::vector<std::string> errors = loaded.errors;
  if (loaded.config) {
    const Status replaced = running.replace(*loaded.config);
    if (!replaced) errors.push_back(replaced.error().message);
  }
  for (const std::string& error : errors) log(LogLevel::kError, "reload failed", {{"error", error}});
  self.set_config_reload(errors.empty(), system_clock().unix_seconds());
  if (!errors.empty()) return;
  set_log(loaded.config->log_level, loaded.config->log_format);
  log(LogLevel::kInfo, "configuration reloaded",
      {{"note", "listen addresses and the web file's TLS need a restart"}});
}

int run_serve(const ConfigInputs& inputs, const ValidConfig& config) {
  // Blocked in every thread made from now on; the main thread takes them one at a time.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  WebSecurity::Outcome security = WebSecurity::create(config.web.config_file);
  if (!security.security) {
    print_errors(security.errors);
    return 2;
  }
  SelfMetrics self(build_info());
  Running running(self);
  if (!start(running, config)) return 2;
  const Sources sources = running.sources();
  self.set_config_reload(true, system_clock().unix_seconds());
  std::vector<Route> routes = make_routes(sources, self);
  Trends trends([&running] { return running.demand(); });
  ApiSources api = api_sources(sources, self);
  api.trends = [&trends] { return trends.views(); };
  for (Route& route : make_api_routes(api)) routes.push_back(std::move(route));
  auto server = HttpServer::start(config.web, std::move(security.security), std::move(routes), self);
  if (!server) {
    print_errors({server.error().message});
    return 2;
  }
  for (const std::string& address : (*server)->addresses())
    log(LogLevel::kInfo, "serving", {{"address", address}});
  while (wait_for_signal(signals) == SIGHUP) reload(inputs, running, self);
  log(LogLevel::kInfo, "stopping");
  return 0;
}

}  // namespace

std::string version_text() { return "bottleneck_exporter " BOTTLENECK_VERSION " (" BOTTLENECK_REVISION ")"; }

int finish_output(int exit_code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_code;
  print_errors({"standard output cannot be written"});
  return 1;
}

int run_command(const CommandLine& line) {
  if (line.command == Command::kConfigExample || line.command == Command::kConfigReference) {
    const std::string text = line.command == Command::kConfigExample ? example_config() : reference_table();
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  if (line.command == Command::kMetricsReference) {
    std::fputs(metrics_reference().c_str(), stdout);
    return 0;
  }
  if (line.command == Command::kReplayColumns) {
    std::fputs(replay_help().c_str(), stdout);
    return 0;
  }
  const bool question = line.command == Command::kExplain || line.command == Command::kAdvise;
  if (question && !(line.duration_seconds > 0)) return run_question(line);
  const LoadOutcome loaded = load_config(line.inputs);
  if (!loaded.config) {
    print_errors(loaded.errors);
    return 2;
  }
  set_log(loaded.config->log_level, loaded.config->log_format);
  switch (line.command) {
    case Command::kConfigCheck:
      std::puts("configuration: ok");
      return 0;
    case Command::kMetrics:
      return run_metrics(*loaded.config);
    case Command::kServe:
      return run_serve(line.inputs, *loaded.config);
    case Command::kHealthcheck:
      return healthcheck(*loaded.config);
    case Command::kSelfTest:
      return self_test(*loaded.config);
    case Command::kExplain:
    case Command::kAdvise:
      return run_question_here(line, *loaded.config);
    case Command::kReplay:
      return run_replay(line, *loaded.config);
    default:
      return 1;
  }
}

}  // namespace bottleneck
