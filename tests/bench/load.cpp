// Busy plain cgroups for the benchmark: `load CGROUPFS PARENT COUNT` makes PARENT/cI in every hierarchy, puts
// one process into each that works a little four times a second, and removes all of it when it is told to
// end.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

volatile sig_atomic_t g_stop = 0;

std::vector<std::string> hierarchies(const std::string& root) {
  if (access((root + "/cgroup.controllers").c_str(), F_OK) == 0) return {root};
  std::vector<std::string> found;
  for (const char* name : {"cpu", "cpuacct", "memory", "blkio", "pids", "unified"}) {
    const std::string path = root + "/" + name;
    if (access((path + "/cgroup.procs").c_str(), F_OK) == 0) found.push_back(path);
  }
  return found;
}

void write_text(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, text.data(), text.size()) < 0)
    std::fprintf(stderr, "%s: %s\n", path.c_str(), std::strerror(errno));
  close(fd);
}

[[noreturn]] void work() {
  signal(SIGTERM, SIG_DFL);
  volatile unsigned sum = 0;
  for (;;) {
    for (unsigned i = 0; i < 2000; ++i) sum = sum + i;
    usleep(250'000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: load CGROUPFS PARENT COUNT\n");
    return 2;
  }
  const std::string parent = std::string("/") + argv[2];
  const int count = std::atoi(argv[3]);
  const std::vector<std::string> roots = hierarchies(argv[1]);
  signal(SIGTERM, [](int) { g_stop = 1; });
  signal(SIGINT, [](int) { g_stop = 1; });
  for (const std::string& root : roots) {
    mkdir((root + parent).c_str(), 0755);
    if (root == argv[1]) write_text(root + parent + "/cgroup.subtree_control", "+cpu +memory +io +pids");
  }
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) work();
    if (child < 0) break;
    children.push_back(child);
    for (const std::string& root : roots) {
      const std::string path = root + parent + "/c" + std::to_string(i);
      mkdir(path.c_str(), 0755);
      write_text(path + "/cgroup.procs", std::to_string(child));
    }
  }
  std::printf("ready %zu\n", children.size());
  std::fflush(stdout);
  while (g_stop == 0) pause();
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  for (const std::string& root : roots) {
    for (int i = 0; i < count; ++i) {
      const std::string path = root + parent + "/c" + std::to_string(i);
      for (int tries = 0; tries < 100 && rmdir(path.c_str()) != 0 && errno == EBUSY; ++tries) usleep(2000);
    }
    rmdir((root + parent).c_str());
  }
}
