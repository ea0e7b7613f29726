// Compares with a file of tests/golden; UPDATE_GOLDEN=1 writes it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace bottleneck {

inline void expect_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(TEST_SOURCE_DIR) + "/golden/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, expected.str()) << name;
}

}  // namespace bottleneck
