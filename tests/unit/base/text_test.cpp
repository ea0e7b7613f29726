#include "exporter/base/text.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(ParseU64, TakesWholeNumbersOnly) {
  EXPECT_EQ(parse_u64("0"), 0U);
  EXPECT_EQ(parse_u64("18446744073709551615"), 18446744073709551615ULL);
  for (const char* bad : {"", "-1", " 1", "1 ", "1.5", "max", "18446744073709551616", "0x10"}) {
    EXPECT_EQ(parse_u64(bad), std::nullopt) << bad;
  }
}

TEST(NextLine, GivesEveryLineWithOrWithoutAFinalNewline) {
  for (std::string_view text : {"a 1\n\nb 2", "a 1\n\nb 2\n"}) {
    std::string_view line;
    ASSERT_TRUE(next_line(text, line));
    EXPECT_EQ(line, "a 1");
    ASSERT_TRUE(next_line(text, line));
    EXPECT_EQ(line, "");
    ASSERT_TRUE(next_line(text, line));
    EXPECT_EQ(line, "b 2");
    EXPECT_FALSE(next_line(text, line));
  }
}

TEST(NextWord, SkipsBlanksAndEndsEmpty) {
  std::string_view line = "  some avg10=0.00\ttotal=5 ";
  EXPECT_EQ(next_word(line), "some");
  EXPECT_EQ(next_word(line), "avg10=0.00");
  EXPECT_EQ(next_word(line), "total=5");
  EXPECT_EQ(next_word(line), "");
  EXPECT_EQ(next_word(line), "");
}

}  // namespace
}  // namespace bottleneck
