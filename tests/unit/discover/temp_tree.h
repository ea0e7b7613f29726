// A directory tree for one test, removed with it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bottleneck::testing {

class TempTree {
 public:
  TempTree() {
    // Thousands of directories are a matter of milliseconds in memory, and of seconds on a busy disk.
    const bool in_memory = access("/dev/shm", W_OK) == 0;
    const std::filesystem::path base = in_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string pattern = (base / "discover_test.XXXXXX").string();
    const char* made = mkdtemp(pattern.data());
    EXPECT_NE(made, nullptr);
    root_ = pattern;
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string at(std::string_view path) const { return root_ + "/" + std::string(path); }
  std::string directory(std::string_view path) const {
    std::filesystem::create_directories(at(path));
    return at(path);
  }
  std::string file(std::string_view path, std::string_view text = {}) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << text;
    return at(path);
  }
  void link(const std::string& target, std::string_view path) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::filesystem::create_symlink(target, at(path));
  }
  void remove(std::string_view path) const { std::filesystem::remove_all(at(path)); }

 private:
  std::string root_;
};

}  // namespace bottleneck::testing
