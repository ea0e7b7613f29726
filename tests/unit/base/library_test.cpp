#include "exporter/base/library.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(SharedLibraryTest, TheFirstThatIsThereIsTaken) {
  const auto library = SharedLibrary::open({"libno-such-thing.so.7", "libm.so.6"});
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ(library->name(), "libm.so.6");
  double (*square_root)(double) = nullptr;
  ASSERT_TRUE(library->load("sqrt", square_root));
  EXPECT_EQ(square_root(9.0), 3.0);
  EXPECT_FALSE(library->load("no_such_function", square_root));
}

TEST(SharedLibraryTest, NoneSaysWhy) {
  const auto library = SharedLibrary::open({"libno-such-thing.so.7"});
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(library.error().message.find("libno-such-thing.so.7"), std::string::npos);
}

}  // namespace
}  // namespace bottleneck
