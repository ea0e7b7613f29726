// A directory tree for one test, removed with it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bottleneck::testing {

class TempTree {
 public:
  TempTree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "discover_test.XXXXXX").string();
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
