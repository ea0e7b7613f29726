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

TEST(AskExporter, PassesOnOnlyWhatAnExporterWouldAnswer) {
  for (const char* text : {"", "null", "[]", "1", "{}", "<html></html>", "{\"a\": [1, oops"}) {
    for (const bool as_json : {false, true}) {
      EXPECT_FALSE(shown_explanation(text, as_json)) << text;
      EXPECT_FALSE(shown_advice(text, as_json)) << text;
    }
  }
  const std::string answer =
      "{\"recommendations\":[{\"name\":\"\x7f\xc2\x9b"
      "31m\xc2\xa0\"}]}\n";
  const auto shown = shown_advice(answer, true);
  ASSERT_TRUE(shown);
  EXPECT_EQ(*shown,
            "{\"recommendations\":[{\"name\":\"\\u007F\\u009B"
            "31m\xc2\xa0\"}]}\n");
}

/// A server that is no exporter.
class OtherServer : public ServerTest {
 protected:
  Result<std::string> ask(int code, const std::string& body) {
    const auto answer = [=](const HttpRequest&, HttpResponse& response) {
      response.code = code;
      response.body.append(body);
    };
    server_.reset();
    auto server = HttpServer::start(config_->web, std::move(WebSecurity::create("").security),
                                    {{"/api/v1/containers/", "any", answer}}, self_);
    if (!server) return server.error();
    server_ = std::move(*server);
    address_ = server_->addresses().front();
    return ask_explanation({"http://" + address_, "", "", ""}, "web");
  }
};

TEST_F(OtherServer, IsNotQuotedToTheTerminal) {
  const auto failed = ask(500, "boom \x1b[31mred\n");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("boom \xef\xbf\xbd[31mred)"));
}

TEST_F(OtherServer, IsNotBelievedAboutContainers) {
  const auto strange = ask(404, "{\"error\":\"x\"}");
  ASSERT_FALSE(strange);
  EXPECT_THAT(strange.error().message, Not(HasSubstr("no container is called")));
  const auto ours = ask(404, "{\"error\":\"no container is called 'web'\"}\n");
  ASSERT_FALSE(ours);
  EXPECT_THAT(ours.error().message, HasSubstr("no container is called 'web' there"));
}

}  // namespace
}  // namespace bottleneck
