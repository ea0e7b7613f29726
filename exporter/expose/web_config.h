// The web configuration file in the format of the Prometheus exporter-toolkit:
// https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
// A key of that format that is not supported here is refused by name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bottleneck {

/// client_auth_type, with Go's meaning.
enum class ClientAuth : unsigned char { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

struct TlsConfig {
  std::string
      cert_file;  ///< PEM, the chain included; paths are absolute or relative to the working directory
  std::string key_file;
  std::string client_ca_file;
  ClientAuth client_auth = ClientAuth::kNone;
  int min_version = 12;  ///< 10 to 13: TLS 1.0 to 1.3
  int max_version = 13;
  std::string ciphers;        ///< up to TLS 1.2, OpenSSL's names with ':'; empty: its defaults
  std::string ciphers_tls13;  ///< of TLS 1.3; empty: its defaults
  std::string curves;         ///< OpenSSL's names with ':'; empty: its defaults
  bool prefer_server_ciphers = true;
};

struct WebFile {
  std::optional<TlsConfig> tls;
  std::vector<std::pair<std::string, std::string>> headers;  ///< added to every response
  std::map<std::string, std::string, std::less<>>
      users;  ///< name -> bcrypt hash; empty: nobody has to log in
};

struct WebFileOutcome {
  std::optional<WebFile> config;
  std::vector<std::string> errors;  ///< each "file:line:col: key: message"; passwords are never in it
};

/// Reads and checks the file; certificates are looked at by make_tls_context().
WebFileOutcome load_web_file(const std::string& file);

}  // namespace bottleneck
