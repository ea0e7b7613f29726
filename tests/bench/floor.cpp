// The floor: what reading costs with nothing around it. Reads the same files as the exporter, at the same
// pace, over kept descriptors, and sums up their digits. Its CPU time is the denominator of rows 1 and 2 of
// the benchmark.
//
//   floor CGROUPFS PARENT    e.g. floor /sys/fs/cgroup docker    (until it is killed)
//
// Each second the pulse files, each 10 s the detail files, spread over the containers as the exporter does.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

namespace {

struct File {
  const char* controller;
  const char* name;
};
constexpr File kPulseV1[] = {{"cpuacct", "cpuacct.usage"},        {"cpu", "cpu.stat"},
                             {"memory", "memory.usage_in_bytes"}, {"unified", "cpu.pressure"},
                             {"unified", "memory.pressure"},      {"unified", "io.pressure"}};
constexpr File kDetailV1[] = {{"cpuacct", "cpuacct.stat"},
                              {"memory", "memory.stat"},
                              {"memory", "memory.kmem.usage_in_bytes"},
                              {"memory", "memory.kmem.tcp.usage_in_bytes"},
                              {"memory", "memory.max_usage_in_bytes"},
                              {"memory", "memory.failcnt"},
                              {"memory", "memory.oom_control"},
                              {"pids", "pids.current"},
                              {"pids", "pids.events"},
                              {"pids", "cgroup.procs"},
                              {"blkio", "blkio.throttle.io_service_bytes_recursive"}};
constexpr File kPulseV2[] = {{"", "cpu.stat"},
                             {"", "memory.current"},
                             {"", "cpu.pressure"},
                             {"", "memory.pressure"},
                             {"", "io.pressure"}};
constexpr File kDetailV2[] = {{"", "memory.stat"},   {"", "memory.swap.current"}, {"", "memory.peak"},
                              {"", "memory.events"}, {"", "pids.current"},        {"", "pids.events"},
                              {"", "io.stat"},       {"", "cgroup.procs"}};

char g_buffer[65536];
volatile std::uint64_t g_sum = 0;

void sum_digits(ssize_t size) {
  std::uint64_t sum = 0;
  std::uint64_t value = 0;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = g_buffer[i];
    if (c >= '0' && c <= '9') {
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    } else {
      sum += value;
      value = 0;
    }
  }
  g_sum = g_sum + sum + value;
}

void open_all(const std::string& root, const std::string& parent, const std::string& name, const File* files,
              std::size_t count, std::vector<int>& descriptors) {
  for (std::size_t i = 0; i < count; ++i) {
    std::string path = root;
    if (*files[i].controller != '\0') path += std::string("/") + files[i].controller;
    path += "/" + parent + "/" + name + "/" + files[i].name;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) descriptors.push_back(fd);
  }
}

void read_all(const std::vector<int>& descriptors) {
  for (const int fd : descriptors) sum_digits(pread(fd, g_buffer, sizeof g_buffer, 0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: floor CGROUPFS PARENT\n");
    return 2;
  }
  const std::string root = argv[1];
  const std::string parent = argv[2];
  const bool v2 = std::filesystem::exists(root + "/cgroup.controllers");
  rlimit limit{1U << 20U, 1U << 20U};
  setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<std::vector<int>> pulse;
  std::vector<std::vector<int>> detail;
  for (const auto& entry : std::filesystem::directory_iterator(root + (v2 ? "/" : "/cpu/") + parent)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    pulse.emplace_back();
    detail.emplace_back();
    if (v2) {
      open_all(root, parent, name, kPulseV2, std::size(kPulseV2), pulse.back());
      open_all(root, parent, name, kDetailV2, std::size(kDetailV2), detail.back());
    } else {
      open_all(root, parent, name, kPulseV1, std::size(kPulseV1), pulse.back());
      open_all(root, parent, name, kDetailV1, std::size(kDetailV1), detail.back());
    }
  }
  std::fprintf(stderr, "floor: %zu containers\n", pulse.size());
  timespec next{};
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (std::size_t second = 0;; ++second) {
    for (std::size_t i = 0; i < pulse.size(); ++i) {
      read_all(pulse[i]);
      if (second % 10 == i % 10) read_all(detail[i]);
    }
    ++next.tv_sec;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
  }
}
