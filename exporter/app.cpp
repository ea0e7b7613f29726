#include "exporter/app.h"

#include <csignal>
#include <cstdio>
#include <thread>

#include "exporter/base/log.h"
#include "exporter/config/reference.h"
#include "exporter/expose/exposition.h"
#include "exporter/sampler_loop.h"

#ifndef BOTTLENECK_VERSION
#error "the build sets BOTTLENECK_VERSION"
#endif

namespace bottleneck {
namespace {

constexpr double kFreshTimeoutSeconds = 5;

void print_errors(const std::vector<std::string>& errors) {
  for (const std::string& error : errors) std::fprintf(stderr, "%s\n", error.c_str());
}

/// The sampler and its thread, from start to orderly end.
class Sampling {
 public:
  static Result<std::unique_ptr<Sampling>> start(const ValidConfig& config) {
    auto discovery = Discovery::create(config, system_clock());
    if (!discovery) return discovery.error();
    return std::unique_ptr<Sampling>(new Sampling(config, std::move(*discovery)));
  }
  ~Sampling() {
    hub_.stop();
    loop_.stop();
    thread_.join();
  }
  Sampling(const Sampling&) = delete;
  Sampling& operator=(const Sampling&) = delete;

  SnapshotHub& hub() { return hub_; }

 private:
  Sampling(const ValidConfig& config, std::unique_ptr<Discovery> discovery)
      : config_(config),
        discovery_(std::move(discovery)),
        hub_(system_clock()),
        loop_(config_, system_clock(), *discovery_, hub_),
        thread_([this] { loop_.run(); }) {}

  const ValidConfig config_;
  std::unique_ptr<Discovery> discovery_;
  SnapshotHub hub_;
  SamplerLoop loop_;
  std::thread thread_;
};

int run_metrics(const ValidConfig& config) {
  auto sampling = Sampling::start(config);
  if (!sampling) {
    print_errors({sampling.error().message});
    return 2;
  }
  const std::shared_ptr<const Snapshot> snapshot = (*sampling)->hub().fresh(kFreshTimeoutSeconds);
  if (!snapshot) {
    print_errors({"no sample within 5 s"});
    return 1;
  }
  ExpositionOptions options;
  options.profile = config.metrics.profile;
  options.collectors = config.metrics.collectors;
  options.id_label = config.metrics.id_label;
  options.max_series = static_cast<std::size_t>(config.metrics.max_series);
  TextBuffer text;
  ExpositionWriter().write(*snapshot, options, text);
  std::fwrite(text.view().data(), 1, text.view().size(), stdout);
  return 0;
}

/// Waits for a signal of `set`.
int wait_for_signal(const sigset_t& set) {
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal;
}

int run_serve(const ValidConfig& config) {
  // Blocked in every thread made from now on; the main thread takes them one at a time.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto sampling = Sampling::start(config);
  if (!sampling) {
    print_errors({sampling.error().message});
    return 2;
  }
  while (wait_for_signal(signals) == SIGHUP) {
  }
  return 0;
}

}  // namespace

std::string version_text() { return "bottleneck_exporter " BOTTLENECK_VERSION " (" BOTTLENECK_REVISION ")"; }

int run_command(const CommandLine& line) {
  if (line.command == Command::kConfigExample || line.command == Command::kConfigReference) {
    const std::string text = line.command == Command::kConfigExample ? example_config() : reference_table();
    std::fputs(text.c_str(), stdout);
    return 0;
  }
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
      return run_serve(*loaded.config);
    default:
      return 1;
  }
}

}  // namespace bottleneck
