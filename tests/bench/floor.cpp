// The floor: what reading costs with nothing around it. Reads container files over kept descriptors and sums
// up their digits. Its CPU time is the denominator of rows 1 and 2 of the benchmark.
//
//   floor CGROUPFS PARENT PROCFS [paced]    e.g. floor /sys/fs/cgroup docker /proc    (until it is killed)
//
// Without `paced` it reads twelve or thirteen files of each container each second: CPU, memory, I/O and pids
// with their limits, and net/dev of its first process. That is the floor of the performance goals. `paced` is
// a lower one, for comparison: six pulse files each second, eleven others each 10 s, no limits and no
// network.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct File {
  const char* controller;
  const char* name;
};
constexpr File kEachSecondV1[] = {{"cpu", "cpu.stat"},
                                  {"cpuacct", "cpuacct.usage"},
                                  {"cpuacct", "cpuacct.stat"},
                                  {"memory", "memory.stat"},
                                  {"memory", "memory.usage_in_bytes"},
                                  {"memory", "memory.limit_in_bytes"},
                                  {"memory", "memory.failcnt"},
                                  {"memory", "memory.oom_control"},
                                  {"blkio", "blkio.throttle.io_service_bytes_recursive"},
                                  {"blkio", "blkio.throttle.io_serviced_recursive"},
                                  {"pids", "pids.current"},
                                  {"pids", "pids.max"}};
constexpr File kEachSecondV2[] = {{"", "cpu.stat"},       {"", "cpu.max"},         {"", "cpu.pressure"},
                                  {"", "memory.stat"},    {"", "memory.max"},      {"", "memory.events"},
                                  {"", "memory.current"}, {"", "memory.pressure"}, {"", "pids.current"},
                                  {"", "io.stat"},        {"", "io.pressure"},     {"", "pids.max"}};
constexpr File kPacedPulseV1[] = {{"cpuacct", "cpuacct.usage"},        {"cpu", "cpu.stat"},
                                  {"memory", "memory.usage_in_bytes"}, {"unified", "cpu.pressure"},
                                  {"unified", "memory.pressure"},      {"unified", "io.pressure"}};
constexpr File kPacedDetailV1[] = {{"cpuacct", "cpuacct.stat"},
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
constexpr File kPacedPulseV2[] = {{"", "cpu.stat"},
                                  {"", "memory.current"},
                                  {"", "cpu.pressure"},
                                  {"", "memory.pressure"},
                                  {"", "io.pressure"}};
constexpr File kPacedDetailV2[] = {{"", "memory.stat"},   {"", "memory.swap.current"}, {"", "memory.peak"},
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

/// net/dev of the first process of a cgroup, into `descriptors`.
void open_network(const std::string& root, const char* controller, const std::string& cgroup,
                  const std::string& procfs, std::vector<int>& descriptors) {
  std::ifstream processes(root + "/" + controller + "/" + cgroup + "/cgroup.procs");
  std::string first;
  if (!std::getline(processes, first)) return;
  const int fd = open((procfs + "/" + first + "/net/dev").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) descriptors.push_back(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: floor CGROUPFS PARENT PROCFS [paced]\n");
    return 2;
  }
  const std::string root = argv[1];
  const std::string parent = argv[2];
  const bool paced = argc > 4 && std::string(argv[4]) == "paced";
  const bool v2 = std::filesystem::exists(root + "/cgroup.controllers");
  rlimit limit{1U << 20U, 1U << 20U};
  setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<std::vector<int>> pulse;
  std::vector<std::vector<int>> detail;
  const auto open_list = [&](const std::string& name, const auto& files, std::vector<int>& descriptors) {
    open_all(root, parent, name, files, std::size(files), descriptors);
  };
  for (const auto& entry : std::filesystem::directory_iterator(root + (v2 ? "/" : "/cpu/") + parent)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    pulse.emplace_back();
    detail.emplace_back();
    if (paced && v2) {
      open_list(name, kPacedPulseV2, pulse.back());
      open_list(name, kPacedDetailV2, detail.back());
    } else if (paced) {
      open_list(name, kPacedPulseV1, pulse.back());
      open_list(name, kPacedDetailV1, detail.back());
    } else {
      if (v2) open_list(name, kEachSecondV2, pulse.back());
      if (!v2) open_list(name, kEachSecondV1, pulse.back());
      open_network(root, v2 ? "" : "cpu", parent + "/" + name, argv[3], pulse.back());
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
