#include "exporter/base/memory.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "exporter/base/file.h"
#include "exporter/base/text.h"

namespace bottleneck {
namespace {

/// Bytes of files that are mapped and resident: the third number of statm.
double file_bytes() {
  const Result<std::string> statm = read_file("/proc/self/statm");
  std::string_view rest = statm ? std::string_view(*statm) : std::string_view();
  next_word(rest);
  next_word(rest);
  return static_cast<double>(parse_u64(next_word(rest)).value_or(0)) *
         static_cast<double>(sysconf(_SC_PAGESIZE));
}

TEST(Memory, PagesOfTheStartAreUnmapped) {
  const double before = file_bytes();
  give_back_memory();
  EXPECT_LT(file_bytes(), before);
}

// Constants, tables of virtual functions and what was relocated must be what they were; other threads go on.
TEST(Memory, TheProgramGoesOn) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 200; ++round) {
        std::string text = std::to_string(round) + " and some more, so that it is on the heap";
        EXPECT_EQ(text.substr(text.find(' ')), " and some more, so that it is on the heap");
        EXPECT_THROW(static_cast<void>(text.at(1000)), std::out_of_range);
      }
    });
  }
  for (int round = 0; round < 100; ++round) give_back_memory();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace bottleneck
