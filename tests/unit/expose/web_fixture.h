// A server under a web configuration file, with certificates and clients made by openssl and curl.
#pragma once

#include <crypt.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "exporter/expose/web_security.h"
#include "tests/unit/expose/server_fixture.h"

namespace bottleneck {

namespace fs = std::filesystem;

struct Ran {
  int status = -1;
  std::string output;
};

/// Runs a shell command; standard error is part of the output.
inline Ran run(const std::string& command) {
  Ran ran;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  char chunk[4096];
  while (pipe != nullptr && std::fgets(chunk, sizeof chunk, pipe) != nullptr) ran.output += chunk;
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

inline bool has_tool(const std::string& name) { return run("command -v " + name).status == 0; }

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
    // Whoever builds without them still has the rest; tests/run.sh prints what was skipped, and CI installs
    // both.
    if (!has_tool("openssl") || !has_tool("curl")) GTEST_SKIP() << "openssl and curl are not installed";
  }
};

}  // namespace bottleneck
