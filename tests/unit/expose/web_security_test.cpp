#include "exporter/expose/web_security.h"

#include <crypt.h>

#include <chrono>
#include <cstdio>

#include "exporter/expose/basic_auth.h"
#include "tests/unit/expose/server_fixture.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int status = -1;
  std::string output;
};

/// Runs a shell command; standard error is part of the output.
Ran run(const std::string& command) {
  Ran ran;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  char chunk[4096];
  while (pipe != nullptr && std::fgets(chunk, sizeof chunk, pipe) != nullptr) ran.output += chunk;
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

bool has_tool(const std::string& name) { return run("command -v " + name).status == 0; }

class WebTest : public ServerTest {
 protected:
  /// A user "prom" with the password "secret", bcrypt cost 5.
  static std::string users() { return "basic_auth_users:\n  prom: " + hash_of("secret") + "\n"; }
  static std::string hash_of(const std::string& password, unsigned long cost = 5) {
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    crypt_gensalt_rn("$2b$", cost, nullptr, 0, salt, sizeof salt);
    crypt_data data{};
    return crypt_r(password.c_str(), salt, &data);
  }
  /// A CA, a server certificate for 127.0.0.1 and a client certificate, all in the test's folder.
  void make_certificates(const std::string& name = "server") const {
    const std::string at = "cd '" + folder_.string() + "' && ";
    if (!fs::exists(folder_ / "ca.pem")) {
      run(at +
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem "
          "-days 2 -subj /CN=ca");
    }
    run(at + "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " +
        name + ".csr -subj /CN=" + name +
        " && printf 'subjectAltName=IP:127.0.0.1' > ext && openssl x509 -req -in " + name +
        ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out " + name + ".pem");
  }
  [[nodiscard]] Ran curl(const std::string& arguments, const std::string& path = "/metrics") const {
    return run("curl -sS -m 10 --cacert '" + (folder_ / "ca.pem").string() + "' " + arguments + " https://" +
               address_ + path);
  }
  [[nodiscard]] std::string in_folder(const std::string& name) const {
    return "'" + (folder_ / name).string() + "'";
  }
};

/// Tests that make certificates, and clients that speak TLS, need these.
class TlsTest : public WebTest {
 protected:
  void SetUp() override {
    if (!has_tool("openssl") || !has_tool("curl")) GTEST_SKIP() << "openssl and curl are not installed";
  }
};

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

// --- TLS

TEST_F(TlsTest, ServesOverTls) {
  make_certificates();
  ASSERT_EQ(
      start(write_file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}\n")), "");
  const Ran text = curl("");
  EXPECT_EQ(text.status, 0) << text.output;
  EXPECT_NE(text.output.find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  EXPECT_NE(curl("--tls-max 1.2").output.find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  EXPECT_NE(curl("--tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0").status, 0);
  EXPECT_NE(curl("--compressed").output.find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  // Two requests over one connection.
  const Ran twice = run("curl -sS -v --cacert " + in_folder("ca.pem") + " https://" + address_ +
                        "/-/healthy https://" + address_ + "/-/healthy");
  EXPECT_NE(twice.output.find("Re-using existing connection"), std::string::npos) << twice.output;
  // Plain text to a TLS port does no harm.
  EXPECT_EQ(status_of(get("/metrics")), "none");
  EXPECT_EQ(curl("").status, 0);
}

TEST_F(TlsTest, TlsVersionsAndCiphersAreObeyed) {
  make_certificates();
  ASSERT_EQ(
      start(write_file("web.yml",
                       "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
                       "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n"
                       "  curve_preferences: [CurveP384]\n")),
      "");
  const Ran ran = curl("-v");
  EXPECT_NE(ran.output.find("TLSv1.2 / ECDHE-ECDSA-AES256-GCM-SHA384"), std::string::npos) << ran.output;
  EXPECT_NE(curl("--tlsv1.3").status, 0);
  EXPECT_NE(curl("--curves X25519").status, 0);
}

TEST_F(TlsTest, ClientCertificatesAreVerified) {
  make_certificates();
  make_certificates("client");
  run("cd " + in_folder("") +
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -out "
      "stranger.pem -days 2 -subj /CN=stranger");
  const std::string tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
  ASSERT_EQ(
      start(write_file("web.yml",
                       tls + "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n")),
      "");
  const std::string client = "--cert " + in_folder("client.pem") + " --key " + in_folder("client.key");
  const std::string stranger = "--cert " + in_folder("stranger.pem") + " --key " + in_folder("stranger.key");
  EXPECT_EQ(curl(client).status, 0);
  EXPECT_NE(curl("").status, 0);
  EXPECT_NE(curl(stranger).status, 0);

  server_.reset();
  ASSERT_EQ(start(write_file(
                "web.yml", tls + "  client_ca_file: ca.pem\n  client_auth_type: VerifyClientCertIfGiven\n")),
            "");
  EXPECT_EQ(curl("").status, 0);
  EXPECT_NE(curl(stranger).status, 0);

  server_.reset();
  ASSERT_EQ(start(write_file("web.yml", tls + "  client_auth_type: RequireAnyClientCert\n")), "");
  EXPECT_NE(curl("").status, 0);
  EXPECT_EQ(curl(stranger).status, 0);
}

TEST_F(TlsTest, HalfMadeHandshakesDoNotKeepOthersWaiting) {
  make_certificates();
  ASSERT_EQ(
      start(write_file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}\n")), "");
  std::vector<std::unique_ptr<Client>> half;
  for (int i = 0; i < 5 * config_->web.workers; ++i) {
    half.push_back(std::make_unique<Client>(address_));
    half.back()->send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(curl("").status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_GT(server_->evicted_connections(), 0U);
}

// --- changes while it runs

TEST_F(TlsTest, RenewedCertificatesAndUsersNeedNoRestart) {
  make_certificates();
  const std::string tls = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
  const std::string file = write_file("web.yml", tls);
  ASSERT_EQ(start(file), "");
  EXPECT_NE(curl("-v").output.find("subject: CN=server"), std::string::npos);
  make_certificates("renewed");
  fs::rename(folder_ / "renewed.pem", folder_ / "server.pem");
  fs::rename(folder_ / "renewed.key", folder_ / "server.key");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (curl("-v").output.find("subject: CN=renewed") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  write_file("web.yml", tls + users());
  while (curl("").output.find("user and password") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  EXPECT_EQ(curl("-u prom:secret -f").status, 0);
}

class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now; }
  [[nodiscard]] double unix_seconds() const override { return 0; }
  std::int64_t now = kSecondNs;
};

TEST_F(WebTest, ABrokenFileLeavesTheLastGoodOneInForce) {
  FakeClock clock;
  const std::string file = write_file("web.yml", users());
  const WebSecurity::Outcome outcome = WebSecurity::create(file, clock);
  ASSERT_TRUE(outcome.security);
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  write_file("web.yml", "basic_auth_users: nonsense\n");
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  clock.now += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  fs::remove(file);
  clock.now += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
  write_file("web.yml", users() + "  second: " + hash_of("x") + "\n");
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);  // not looked at again within a second
  clock.now += 2 * kSecondNs;
  EXPECT_EQ(outcome.security->current()->config.users.size(), 2U);
}

TEST_F(TlsTest, SwitchingTlsOnNeedsARestart) {
  FakeClock clock;
  make_certificates();
  const std::string file = write_file("web.yml", users());
  const WebSecurity::Outcome outcome = WebSecurity::create(file, clock);
  write_file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}\n");
  clock.now += 2 * kSecondNs;
  EXPECT_FALSE(outcome.security->current()->tls);
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
}

}  // namespace
}  // namespace bottleneck
