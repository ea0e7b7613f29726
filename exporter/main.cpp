// argv -> command -> exit code, nothing else.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "exporter/app.h"
#include "exporter/config/command_line.h"

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_ARENA_MAX, 1);  // an arena a thread costs 2 MB and wins nothing: the hot paths do not allocate
  // Fixed: by itself glibc would serve ever larger blocks from the heap, where tables that grow leave holes.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  bottleneck::CommandLine line = bottleneck::parse_command_line(argc, argv, bottleneck::version_text());
  if (line.command == bottleneck::Command::kExit) {
    std::fputs(line.text.c_str(), line.exit_code == 0 ? stdout : stderr);
    return bottleneck::finish_output(line.exit_code);
  }
  line.inputs.docker_host = environment("DOCKER_HOST");
  return bottleneck::finish_output(bottleneck::run_command(line));
}
