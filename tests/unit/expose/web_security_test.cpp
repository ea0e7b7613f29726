#include "exporter/expose/web_security.h"

#include "exporter/expose/basic_auth.h"
#include "tests/unit/expose/web_fixture.h"
#include "tests/unit/set_clock.h"

namespace bottleneck {
namespace {

// --- the file

TEST_F(WebTest, BadFilesGiveExactlyTheseMessages) {
  const fs::path folder = fs::path(TEST_SOURCE_DIR) / "fixtures/web";
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".bad.yml")) continue;
    ++seen;
    const WebFileOutcome outcome = load_web_file(entry.path());
    EXPECT_FALSE(outcome.config) << name;
    std::string lines;
    for (const std::string& error : outcome.errors) {
      const std::string prefix = folder.string() + "/";
      lines += (error.starts_with(prefix) ? error.substr(prefix.size()) : error) + "\n";
    }
    const fs::path expected = folder / (name.substr(0, name.size() - 8) + ".txt");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << lines;
    EXPECT_EQ(lines, *read_file(expected)) << name;
    EXPECT_EQ(lines.find("hunter2"), std::string::npos) << "a password is shown";
  }
  EXPECT_GE(seen, 5);
}

// The examples are what promtool accepts; where it is installed it is asked.
TEST_F(TlsTest, ExamplesLoadAndPromtoolAcceptsThem) {
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(TEST_SOURCE_DIR) / "fixtures/web")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".good.yml")) continue;
    ++seen;
    const WebFileOutcome outcome = load_web_file(entry.path());
    EXPECT_TRUE(outcome.config) << name << outcome.errors.front();
    if (!has_tool("promtool")) continue;
    make_certificates();
    fs::copy_file(entry.path(), folder_ / name, fs::copy_options::overwrite_existing);
    const Ran ran = run("promtool check web-config " + in_folder(name));
    EXPECT_EQ(ran.status, 0) << ran.output;
  }
  EXPECT_GE(seen, 2);
}

TEST_F(WebTest, PathsAreRelativeToTheFile) {
  const std::string file =
      write_file("web.yml", "tls_server_config: {cert_file: a/b.pem, key_file: /c.key}\n");
  const WebFileOutcome outcome = load_web_file(file);
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->tls->cert_file, folder_ / "a/b.pem");
  EXPECT_EQ(outcome.config->tls->key_file, "/c.key");
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  make_certificates();
  make_certificates("other");
  const std::string folder = folder_.string() + "/";
  const auto error = [&](const std::string& tls) {
    const std::string file = write_file("web.yml", "tls_server_config: {" + tls + "}\n");
    const WebSecurity::Outcome outcome = WebSecurity::create(file);
    return outcome.errors.size() == 1 ? outcome.errors.front().substr(file.size()) : "no error";
  };
  EXPECT_EQ(error("cert_file: none.pem, key_file: server.key"),
            ": tls_server_config.cert_file: open " + folder + "none.pem: No such file or directory");
  EXPECT_EQ(error("cert_file: server.pem, key_file: none.key"),
            ": tls_server_config.key_file: open " + folder + "none.key: No such file or directory");
  EXPECT_EQ(error("cert_file: server.pem, key_file: other.key"),
            ": tls_server_config.key_file: " + folder + "other.key: key values mismatch");
  write_file("garbage.pem", "no certificate");
  EXPECT_EQ(error("cert_file: garbage.pem, key_file: server.key"),
            ": tls_server_config.cert_file: " + folder + "garbage.pem: no start line");
  EXPECT_EQ(error("cert_file: server.pem, key_file: server.key, client_ca_file: garbage.pem, "
                  "client_auth_type: RequireAndVerifyClientCert")
                .find(": tls_server_config.client_ca_file: " + folder + "garbage.pem"),
            0U);
  fs::permissions(folder_ / "server.key", fs::perms::none);
  if (geteuid() != 0) {
    EXPECT_EQ(error("cert_file: server.pem, key_file: server.key"),
              ": tls_server_config.key_file: open " + folder + "server.key: Permission denied");
  }
  EXPECT_EQ(WebSecurity::create(folder + "none.yml").errors,
            std::vector<std::string>{"open " + folder + "none.yml: No such file or directory"});
  // An encrypted key is refused, not asked for on the terminal.
  run("openssl ec -in " + in_folder("other.key") + " -aes128 -passout pass:x -out " +
      in_folder("locked.key"));
  EXPECT_EQ(error("cert_file: other.pem, key_file: locked.key").find(": tls_server_config.key_file: "), 0U);
}

// --- passwords

TEST(BasicAuthTest, SipHashHasTheReferenceValues) {
  // The first and the last vector of the authors' vectors.h, key 00..0f.
  EXPECT_EQ(siphash(0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL, ""), 0x726fdb47dd0e0e31ULL);
  EXPECT_EQ(siphash(0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL,
                    std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 15)),
            0xa129ca6149be45e5ULL);
}

TEST_F(WebTest, UsersAreLetInByPasswordAndOthersAreNot) {
  ASSERT_EQ(start(write_file("web.yml", users())), "");
  const std::string right = "Authorization: Basic cHJvbTpzZWNyZXQ=\r\n";  // prom:secret
  EXPECT_EQ(status_of(get("/metrics", right)), "200");
  EXPECT_EQ(status_of(get("/metrics", "Authorization: basic   cHJvbTpzZWNyZXQ=\r\n")), "200");
  const std::string refused = get("/metrics");
  EXPECT_EQ(status_of(refused), "401");
  EXPECT_NE(header_of(refused, "WWW-Authenticate"), "");
  for (const char* wrong :
       {"Basic cHJvbTpzZWNyZXR4", "Basic eHJvbTpzZWNyZXQ=", "Basic", "Basic !!!!",
        "Bearer cHJvbTpzZWNyZXQ=", "Basic cHJvbQ==", "Basic Og==", "Basic cHJvbTpzZWNyZXQA"}) {
    EXPECT_EQ(status_of(get("/metrics", std::string("Authorization: ") + wrong + "\r\n")), "401") << wrong;
  }
  for (const char* path : {"/", "/-/healthy", "/-/ready", "/nothing"})
    EXPECT_EQ(status_of(get(path)), "401") << path;
  EXPECT_EQ(status_of(request("POST", "/metrics")), "401");
}

TEST_F(WebTest, BcryptIsPaidOnce) {
  const BasicAuth::Users users = {{"prom", hash_of("secret", 9)}};
  BasicAuth auth;
  // CPU time of this thread: what else the machine does is left out.
  const auto cost = [&](const char* credentials, LogIn expected) {
    const double before = thread_cpu_seconds();
    EXPECT_EQ(auth.check(users, credentials), expected) << credentials;
    return thread_cpu_seconds() - before;
  };
  const double first = cost("Basic cHJvbTpzZWNyZXQ=", LogIn::kGranted);
  EXPECT_LT(cost("Basic cHJvbTpzZWNyZXQ=", LogIn::kGranted) * 20, first);
  // Neither a wrong password nor an unknown user is quicker than the hash.
  EXPECT_GT(cost("Basic cHJvbTp3cm9uZw==", LogIn::kRefused) * 3, first);
  EXPECT_GT(cost("Basic bm9ib2R5OnNlY3JldA==", LogIn::kRefused) * 3, first);
}

TEST_F(WebTest, ConfiguredHeadersTakeThePlaceOfOurs) {
  ASSERT_EQ(start(write_file("web.yml",
                             "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n"
                             "    Strict-Transport-Security: max-age=1\n")),
            "");
  const std::string page = get("/");
  EXPECT_EQ(header_of(page, "X-Frame-Options"), "sameorigin");
  EXPECT_EQ(page.find("X-Frame-Options: deny"), std::string::npos);
  EXPECT_EQ(header_of(get("/metrics"), "Strict-Transport-Security"), "max-age=1");
}

// --- changes while it runs

TEST_F(WebTest, ABrokenFileLeavesTheLastGoodOneInForce) {
  SetClock clock;
  const std::string file = write_file("web.yml", users());
  const WebSecurity::Outcome outcome = WebSecurity::create(file, clock);
  ASSERT_TRUE(outcome.security);
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  write_file("web.yml", "basic_auth_users: nonsense\n");
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  clock.now_ns += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  fs::remove(file);
  clock.now_ns += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  write_file("web.yml", users() + "  second: " + hash_of("x") + "\n");
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);  // not looked at again within a second
  clock.now_ns += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 2U);
}

}  // namespace
}  // namespace bottleneck
