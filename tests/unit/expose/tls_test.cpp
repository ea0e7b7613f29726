#include <chrono>

#include "tests/unit/expose/web_fixture.h"
#include "tests/unit/set_clock.h"

namespace bottleneck {
namespace {

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

TEST_F(TlsTest, SwitchingTlsOnNeedsARestart) {
  SetClock clock;
  make_certificates();
  const std::string file = write_file("web.yml", users());
  const WebSecurity::Outcome outcome = WebSecurity::create(file, clock);
  write_file("web.yml", "tls_server_config: {cert_file: server.pem, key_file: server.key}\n");
  clock.now_ns += 2 * kSecondNs;
  EXPECT_FALSE(outcome.security->current()->tls);
  EXPECT_EQ(outcome.security->current()->config.users.size(), 1U);
}

}  // namespace
}  // namespace bottleneck
