// What a command prints arrives, or its exit code says that it did not.
#include "exporter/app.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace bottleneck {
namespace {

/// Exits as the program would after printing to `file`.
[[noreturn]] void print_to(const char* file) {
  if (std::freopen(file, "w", stdout) == nullptr) std::exit(99);
  CommandLine line;
  line.command = Command::kConfigExample;
  std::exit(finish_output(run_command(line)));
}

TEST(FinishOutput, TellsThatTheOutputIsIncomplete) {
  EXPECT_EXIT(print_to("/dev/full"), testing::ExitedWithCode(1), "standard output cannot be written");
  EXPECT_EXIT(print_to("/dev/null"), testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace bottleneck
