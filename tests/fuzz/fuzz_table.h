// A fuzz target that visits a table of parsers: the first byte of an input picks the row, so that one short
// run visits all of them. A row must neither crash nor trip a sanitizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace bottleneck {

struct FuzzRow {
  const char* name;  ///< the parser's; the contract test looks for it
  void (*run)(std::string_view);
};

/// For results that are of no interest here.
template <class T>
void ignore(const T& /*result*/) {}

template <std::size_t kRows>
int run_fuzz_row(const FuzzRow (&rows)[kRows], const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  rows[data[0] % kRows].run({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}

}  // namespace bottleneck
