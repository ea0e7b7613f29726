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

TEST(Pattern, AWrongExpressionIsAnErrorThatSaysWhy) {
  const auto pattern = Pattern::compile("a(b");
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, ErrorCode::kInvalid);
  // Which expression it is the configuration says, with its position.
  EXPECT_NE(pattern.error().message.find("Unmatched ("), std::string::npos) << pattern.error().message;
}

TEST(Pattern, AVeryLongTextIsNoMatchAndNoCrash) {
  const auto pattern = Pattern::compile("(a|b)*");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->fits(std::string(1 << 20, 'a')));
}

}  // namespace
}  // namespace bottleneck
