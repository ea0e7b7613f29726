// explain and advise against a server that asks for users, and for TLS.
#include "exporter/ask.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/unit/expose/server_fixture.h"

namespace bottleneck {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// "test", as bcrypt with the least cost.
constexpr std::string_view kUsers =
    "basic_auth_users:\n  alice: $2y$04$abcdefghijklmnopqrstuuoD8yw7MmybLKVooaTGGZAt3HXugv2.a\n";

class GuardedExporter : public ServerTest {
 protected:
  ExporterAddress address(const std::string& scheme, const std::string& password = "test") {
    ExporterAddress to;
    to.url = scheme + "://" + address_;
    to.user = "alice";
    to.password_file = write_file("password", password + "\n");
    return to;
  }
};

TEST_F(GuardedExporter, LetsItselfInWithAPassword) {
  ASSERT_EQ(start(write_file("web.yml", std::string(kUsers))), "");
  const auto health = ask_exporter(address("http"), "/-/healthy");
  EXPECT_TRUE(health) << health.error().message;
  const auto nobody = ask_exporter({"http://" + address_, "", "", ""}, "/-/healthy");
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("asks for a user and a password"));
  const auto wrong = ask_exporter(address("http", "sesame"), "/-/healthy");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("does not let 'alice' in"));
  EXPECT_THAT(wrong.error().message, Not(HasSubstr("sesame")));
}

TEST_F(GuardedExporter, TrustsTheAuthorityThatItIsGiven) {
  const std::string key = folder_ / "key.pem";
  const std::string certificate = folder_ / "cert.pem";
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=here "
      "-addext subjectAltName=IP:127.0.0.1 -keyout " +
      key + " -out " + certificate + " 2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "openssl is not installed";
  ASSERT_EQ(start(write_file("web.yml", std::string(kUsers) + "tls_server_config:\n  cert_file: " +
                                            certificate + "\n  key_file: " + key + "\n")),
            "");
  ExporterAddress to = address("https");
  const auto stranger = ask_exporter(to, "/-/healthy");
  ASSERT_FALSE(stranger);
  EXPECT_THAT(stranger.error().message, HasSubstr("is not trusted"));
  to.ca_file = certificate;
  const auto health = ask_exporter(to, "/-/healthy");
  EXPECT_TRUE(health) << health.error().message;
}

TEST_F(GuardedExporter, KeepsSecrets) {
  const auto message = [&](ExporterAddress to) {
    const auto answer = ask_exporter(to, "/-/healthy");
    return answer ? std::string() : answer.error().message;
  };
  address_ = "203.0.113.7:10110";  // nobody's
  EXPECT_THAT(message(address("http")), HasSubstr("only sent over https"));
  address_ = "127.0.0.1.example:10110";
  EXPECT_THAT(message(address("http")), HasSubstr("only sent over https"));
  address_ = "127.0.0.1:1";
  EXPECT_THAT(message(address("http", "")), HasSubstr("no password"));
  ExporterAddress to;
  to.url = "http://alice:sesame@127.0.0.1:1";
  EXPECT_THAT(message(to), Not(HasSubstr("sesame")));
  to = address("http");
  to.password_file = folder_ / "nothing";
  EXPECT_THAT(message(to), HasSubstr("--password-file"));
  to = address("https");
  to.ca_file = folder_ / "nothing";
  EXPECT_THAT(message(to), HasSubstr("there is no such file"));
}

}  // namespace
}  // namespace bottleneck
