#include "exporter/base/pattern.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(Pattern, HasToFitTheWholeText) {
  const auto pattern = Pattern::compile("/batch/[a-z]+|/x");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->fits("/batch/night"));
  EXPECT_TRUE(pattern->fits("/x"));
  EXPECT_FALSE(pattern->fits("/batch/night/1"));
  EXPECT_FALSE(pattern->fits("a/x"));
}

TEST(Pattern, EmptyFitsNothing) {
  const auto pattern = Pattern::compile("");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->empty());
  EXPECT_FALSE(pattern->fits(""));
}

TEST(Pattern, AWrongExpressionIsAnErrorThatShowsIt) {
  const auto pattern = Pattern::compile("a(b");
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, ErrorCode::kInvalid);
  EXPECT_NE(pattern.error().message.find("a(b"), std::string::npos);
}

TEST(Pattern, AVeryLongTextIsNoMatchAndNoCrash) {
  const auto pattern = Pattern::compile("(a|b)*");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->fits(std::string(1 << 20, 'a')));
}

}  // namespace
}  // namespace bottleneck
