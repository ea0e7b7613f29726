// Rows 7, 8, 10 and 13 of the performance goals: exposition, compression, allocations of a steady pass.
#include <benchmark/benchmark.h>
#include <libdeflate.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include "exporter/discovery.h"
#include "exporter/expose/exposition.h"
#include "exporter/fleet.h"
#include "exporter/hub.h"
#include "exporter/judging.h"
#include "exporter/snapshot_builder.h"

namespace {
std::atomic<std::uint64_t> g_allocations{0};
}

// Counts what the program allocates; the row asks for none in a steady pass.
void* operator new(std::size_t size) {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace bottleneck {
namespace {

/// A snapshot of `count` containers with every number of the standard profile, values as a real host has
/// them.
Snapshot snapshot_of(std::size_t count) {
  Snapshot snapshot;
  snapshot.host_info = std::make_shared<const HostInfo>();
  const FieldRange range = fields_of(Scope::kContainer);
  for (std::size_t i = 0; i < count; ++i) {
    ContainerSnapshot container;
    auto identity = std::make_shared<Identity>();
    identity->name = "project-service-" + std::to_string(i);
    identity->id = std::string(64, 'a');
    identity->info = {{"image", "registry.example/service:1.2"}, {"workload", "project/service"}};
    container.identity = identity;
    for (std::size_t row = range.first; row < range.first + range.count; ++row) {
      const double value = static_cast<double>(row * 7919 + i) * (row % 3 == 0 ? 1.000001 : 4096);
      container.sample.values.set(static_cast<Field>(row), value);
    }
    container.sample.devices.push_back({"sda", {}});
    container.sample.interfaces.push_back({"eth0", {}});
    snapshot.containers.push_back(std::move(container));
  }
  snapshot.container_count = count;
  return snapshot;
}

void exposition(benchmark::State& state) {
  const Snapshot snapshot = snapshot_of(100);
  ExpositionWriter writer;
  TextBuffer text;
  std::size_t series = 0;
  for (auto _ : state) {
    text.clear();
    series = writer.write(snapshot, ExpositionOptions{}, text).series;
    benchmark::DoNotOptimize(text.view().data());
  }
  state.counters["series"] = static_cast<double>(series);
}
BENCHMARK(exposition)->Unit(benchmark::kNanosecond);

/// The least that any exposition must do: name, rendered labels, number, newline, appended to a reused
/// buffer.
void append_reference(benchmark::State& state) {
  const Snapshot snapshot = snapshot_of(100);
  const FieldRange range = fields_of(Scope::kContainer);
  std::vector<std::string> labels;
  for (const ContainerSnapshot& container : snapshot.containers)
    labels.push_back("{name=\"" + container.identity->name + "\"} ");
  std::string text;
  std::size_t series = 0;
  for (auto _ : state) {
    text.clear();
    series = 0;
    for (std::size_t row = range.first; row < range.first + range.count; ++row) {
      const FieldInfo& info = catalogue()[row];
      if (info.profile > Profile::kStandard) continue;
      for (std::size_t i = 0; i < snapshot.container_count; ++i) {
        text.append(info.family);
        text.append(labels[i]);
        char number[32];
        const auto end = std::to_chars(number, number + sizeof number,
                                       snapshot.containers[i].sample.values.get(static_cast<Field>(row)));
        text.append(number, end.ptr);
        text.push_back('\n');
        ++series;
      }
    }
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["series"] = static_cast<double>(series);
}
BENCHMARK(append_reference)->Unit(benchmark::kNanosecond);

std::string body() {
  ExpositionWriter writer;
  TextBuffer text;
  writer.write(snapshot_of(100), ExpositionOptions{}, text);
  return std::string(text.view());
}

void zlib_6(benchmark::State& state) {
  const std::string text = body();
  std::string out(compressBound(text.size()), '\0');
  uLongf size = 0;
  for (auto _ : state) {
    size = out.size();
    compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
              text.size(), 6);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["size"] = static_cast<double>(size);
}
BENCHMARK(zlib_6)->Unit(benchmark::kNanosecond);

/// As the server packs a scrape: one compressor a worker, kept.
void gzip(benchmark::State& state) {
  const std::string text = body();
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(1), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  std::size_t size = 0;
  for (auto _ : state) {
    size = libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(), out.size());
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["size"] = static_cast<double>(size);
}
BENCHMARK(gzip)->Unit(benchmark::kNanosecond);

/// Busy plain cgroups for as long as it lives.
class Load {
 public:
  explicit Load(const char* count) : pid_(fork()) {
    if (pid_ == 0) {
      execl(LOAD_PROGRAM, "load", HostPaths().cgroupfs.c_str(), "bnmicro", count, nullptr);
      _exit(127);
    }
  }
  ~Load() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

/// What the sampler's thread does for one interval, at the pace of one a second: hot loops flatter.
void steady_pass(benchmark::State& state) {
  const Load load("50");
  std::this_thread::sleep_for(std::chrono::seconds(2));
  ValidConfig config;
  config.storage.path.clear();
  config.discovery.cgroups = "/bnmicro/c.*";
  auto discovery = Discovery::create(config, system_clock(), {});
  SnapshotHub hub(system_clock());
  Fleet fleet(config, (*discovery)->layout(), system_clock());
  fleet.read_host(true);
  (*discovery)->update(system_clock().monotonic_ns());
  fleet.sync((*discovery)->refs(), 1000);
  Judging judging(config, (*discovery)->layout(), system_clock(), (*discovery)->housekeeper());
  std::uint64_t pulse = 0;
  double judged_seconds = 0;
  double sampled_seconds = 0;
  const auto judge = [&] {
    const std::int64_t now_ns = system_clock().monotonic_ns();
    const double begin = thread_cpu_seconds();
    judging.begin(now_ns, fleet.sampler(), *(*discovery)->host_info());
    (*discovery)->for_each(fleet, [&](const ContainerParts& parts) { judging.judge(parts, now_ns); });
    judged_seconds += thread_cpu_seconds() - begin;
  };
  const auto pass = [&] {
    const double begin = thread_cpu_seconds();
    fleet.read_host(pulse % 10 == 0);
    fleet.read_slice(pulse++, 0, 1, /*scrape_near=*/false);
    sampled_seconds += thread_cpu_seconds() - begin;
    fleet.freshen([] {});
    (*discovery)->update(system_clock().monotonic_ns());
    judge();
    std::shared_ptr<Snapshot> snapshot = hub.reusable();
    snapshot->container_count = 0;
    (*discovery)->for_each(fleet, [&](const ContainerParts& parts) {
      append_container(parts, judging.find(parts.identity->name), config.metrics,
                       system_clock().monotonic_ns(), *snapshot);
    });
    hub.publish(std::move(snapshot));
  };
  for (int i = 0; i < 14; ++i) {  // past the young pulses and one whole round of details
    pass();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  std::uint64_t allocations = 0;
  judged_seconds = sampled_seconds = 0;
  for (auto _ : state) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::uint64_t before = g_allocations;
    const double begin = thread_cpu_seconds();
    pass();
    state.SetIterationTime(thread_cpu_seconds() - begin);
    allocations += g_allocations - before;
  }
  state.counters["judged_ns"] = judged_seconds * 1e9 / static_cast<double>(state.iterations());
  state.counters["judged_ratio"] = judged_seconds / sampled_seconds;
  state.counters["allocations"] = static_cast<double>(allocations);
  state.counters["containers"] = static_cast<double>(fleet.containers().size());
}
BENCHMARK(steady_pass)->UseManualTime()->Iterations(20)->Unit(benchmark::kNanosecond);

}  // namespace
}  // namespace bottleneck

BENCHMARK_MAIN();
