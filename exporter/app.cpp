#include "exporter/app.h"

#include <csignal>
#include <cstdio>
#include <mutex>
#include <thread>

#include "exporter/base/log.h"
#include "exporter/config/reference.h"
#include "exporter/expose/http_server.h"
#include "exporter/expose/routes.h"
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

/// The program's configuration and sampler, replaced as a whole by a reload; what the HTTP workers ask.
class Running {
 public:
  static Result<std::unique_ptr<Running>> start(const ValidConfig& config) {
    auto running = std::make_unique<Running>();
    const Status started = running->replace(config);
    if (!started) return started.error();
    return running;
  }

  /// Starts sampling with `config`. On an error the old goes on.
  Status replace(const ValidConfig& config) {
    auto sampling = Sampling::start(config);
    if (!sampling) return sampling.error();
    std::shared_ptr<Sampling> next = std::move(*sampling);
    next->hub().fresh(kFreshTimeoutSeconds);  // scrapes go on with the old until the new has numbers
    const std::lock_guard lock(mutex_);
    config_ = std::make_shared<const ValidConfig>(config);
    sampling_.swap(next);
    return ok();
  }

  Sources sources() {
    return {[this](bool fresh) {
              const std::shared_ptr<Sampling> sampling = current();
              return fresh ? sampling->hub().fresh(kFreshTimeoutSeconds) : sampling->hub().current();
            },
            [this] {
              const std::lock_guard lock(mutex_);
              return config_;
            },
            version_text()};
  }

 private:
  std::shared_ptr<Sampling> current() {
    const std::lock_guard lock(mutex_);
    return sampling_;
  }

  std::mutex mutex_;
  std::shared_ptr<const ValidConfig> config_;
  std::shared_ptr<Sampling> sampling_;
};

SelfMetrics::Build build_info() { return {BOTTLENECK_VERSION, BOTTLENECK_REVISION}; }

int run_metrics(const ValidConfig& config) {
  auto running = Running::start(config);
  if (!running) {
    print_errors({running.error().message});
    return 2;
  }
  const Sources sources = (*running)->sources();
  SelfMetrics self(build_info());
  TextBuffer text;
  HttpResponse response(text);
  MetricsHandler(sources, self)
      .answer({config.web.telemetry_path, "", [](const char*) { return std::string_view(); }}, response);
  std::fwrite(text.view().data(), 1, text.view().size(), response.code == 200 ? stdout : stderr);
  return response.code == 200 ? 0 : 1;
}

/// Waits for a signal of `set`.
int wait_for_signal(const sigset_t& set) {
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return signal;
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
  WebSecurity::Outcome security = WebSecurity::open(config.web.config_file);
  if (!security.security) {
    print_errors(security.errors);
    return 2;
  }
  auto running = Running::start(config);
  if (!running) {
    print_errors({running.error().message});
    return 2;
  }
  const Sources sources = (*running)->sources();
  SelfMetrics self(build_info());
  self.set_config_reload(true, system_clock().unix_seconds());
  auto server = HttpServer::start(config.web, std::move(security.security), make_routes(sources, self), self);
  if (!server) {
    print_errors({server.error().message});
    return 2;
  }
  for (const std::string& address : (*server)->addresses())
    log(LogLevel::kInfo, "serving", {{"address", address}});
  while (wait_for_signal(signals) == SIGHUP) reload(inputs, **running, self);
  log(LogLevel::kInfo, "stopping");
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
      return run_serve(line.inputs, *loaded.config);
    default:
      return 1;
  }
}

}  // namespace bottleneck
