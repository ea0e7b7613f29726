#include "exporter/base/log.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

// Who measures from a container's start to its first sample needs more than seconds, and the point where
// parsers of RFC 3339 expect it.
TEST(LogTest, TimesHaveMilliseconds) {
  EXPECT_EQ(format_log_time(1706702400.1239), "2024-01-31T12:00:00.123Z");
  EXPECT_EQ(format_log_time(1706702400), "2024-01-31T12:00:00.000Z");
  EXPECT_EQ(format_log_time(1706702399.9996), "2024-01-31T11:59:59.999Z");
}

// Text from outside cannot end a line or a value.
TEST(LogTest, HostileTextStaysInItsValue) {
  EXPECT_EQ(format_log_line(LogFormat::kLogfmt, "T", LogLevel::kWarn, "no name", {{"id", "a b\n\"c\" d=1"}}),
            R"(ts=T level=warn msg="no name" id="a b\n\"c\" d=1")");
  EXPECT_EQ(format_log_line(LogFormat::kJson, "T", LogLevel::kDebug, "m", {{"id", std::string("\x01\\", 2)}}),
            R"({"ts":"T","level":"debug","msg":"m","id":"\u0001\\"})");
}

}  // namespace
}  // namespace bottleneck
