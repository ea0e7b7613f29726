#include "exporter/discover/json_text.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(ParseJson, GarbageIsMalformedAndNeverThrown) {
  for (const char* text : {"", " ", "{", "{\"a\":", "[1,2", "nul", "{\"a\":1}x", "\xff\xfe",
                           "{\"a\":\"\xc3\"}", "\"\\ud800\"", "1e999999999x"}) {
    const auto json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, ErrorCode::kMalformed);
  }
}

TEST(ParseJson, DepthIsBounded) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(kDeepestJson)));
  EXPECT_FALSE(parse_json(nested(kDeepestJson + 1)));
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
  // Brackets in a string are text.
  EXPECT_TRUE(parse_json("\"" + std::string(1000, '[') + "\""));
  EXPECT_TRUE(parse_json("\"\\\"" + std::string(1000, '[') + "\""));
}

TEST(JsonAccess, WrongTypesAreAbsent) {
  const auto json =
      parse_json(R"({"s":"x","n":3,"f":1.5,"b":true,"o":{"k":"v"},"z":null,"big":18446744073709551615})");
  ASSERT_TRUE(json);
  EXPECT_EQ(text_at(&*json, "s"), "x");
  EXPECT_EQ(text_at(&*json, "n"), "");
  EXPECT_EQ(text_at(&*json, "missing"), "");
  EXPECT_EQ(integer_at(&*json, "n"), 3);
  EXPECT_EQ(integer_at(&*json, "f"), std::nullopt);
  EXPECT_EQ(integer_at(&*json, "big"), std::nullopt);
  EXPECT_EQ(number_at(&*json, "f"), 1.5);
  EXPECT_EQ(bool_at(&*json, "b"), true);
  EXPECT_EQ(bool_at(&*json, "z"), std::nullopt);
  EXPECT_EQ(text_at(member(&*json, "o"), "k"), "v");
  EXPECT_EQ(text_at(member(&*json, "s"), "k"), "");
  EXPECT_EQ(member(static_cast<const Json*>(nullptr), "k"), nullptr);
}

TEST(Rfc3339, EnginesTimes) {
  EXPECT_DOUBLE_EQ(*parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_DOUBLE_EQ(*parse_rfc3339("2000-02-29T12:00:00Z"), 951825600);
  EXPECT_NEAR(*parse_rfc3339("2026-11-20T23:00:42.018037439Z"), 1795215642.018037439, 1e-6);
  EXPECT_DOUBLE_EQ(*parse_rfc3339("2026-11-21T01:00:42+02:00"), 1795215642);
  EXPECT_DOUBLE_EQ(*parse_rfc3339("2026-11-20T18:00:42.5-05:00"), 1795215642.5);
}

TEST(Rfc3339, NeverAndGarbageAreAbsent) {
  for (const char* text : {"0001-01-01T00:00:00Z", "", "2026", "2026-11-20", "2026-13-20T23:00:42Z",
                           "2026-11-20T25:00:42Z", "2026-11-20T23:00:42", "2026-11-20T23:00:42.Z",
                           "2026-11-20T23:00:42+0200", "not a time at all....."}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace bottleneck
