#include "exporter/expose/web_config.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "exporter/base/file.h"
#include "exporter/base/text.h"
#include "exporter/config/suggest.h"
#include "exporter/config/yaml.h"

namespace bottleneck {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

constexpr std::array<Name, 3> kCiphersTls13 = {
    {{"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"},
     {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"},
     {"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}}};
constexpr std::array<Name, 14> kCiphers = {{
    {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
}};
constexpr std::array<Name, 4> kCurves = {
    {{"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}}};
constexpr std::array<std::pair<std::string_view, int>, 4> kVersions = {
    {{"TLS10", 10}, {"TLS11", 11}, {"TLS12", 12}, {"TLS13", 13}}};
constexpr std::array<std::pair<std::string_view, ClientAuth>, 6> kClientAuth = {{
    {"NoClientCert", ClientAuth::kNone},
    {"RequestClientCert", ClientAuth::kRequest},
    {"RequireAnyClientCert", ClientAuth::kRequireAny},
    {"RequireClientCert", ClientAuth::kRequireAny},
    {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
    {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify},
}};
/// Headers that may be set, and the values that they may have; none: any.
constexpr std::array<std::pair<std::string_view, std::array<std::string_view, 2>>, 5> kHeaders = {{
    {"Content-Security-Policy", {}},
    {"Strict-Transport-Security", {}},
    {"X-Content-Type-Options", {"nosniff", "nosniff"}},
    {"X-Frame-Options", {"deny", "sameorigin"}},
    {"X-XSS-Protection", {}},
}};
/// Keys of the format that are known and not supported, by section.
constexpr std::array<std::string_view, 4> kUnsupportedTls = {"cert", "key", "client_ca",
                                                             "client_allowed_sans"};

template <class Table>
const auto* find_name(const Table& table, std::string_view name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == name; });
  return found == table.end() ? nullptr : &found->second;
}

template <class Table>
std::string choices(const Table& table) {
  std::string text;
  for (const auto& row : table) text += (text.empty() ? "" : ", ") + std::string(row.first);
  return text;
}

/// "$2y$10$" and 53 characters. A cost above 16 takes seconds for each log-in.
std::string check_bcrypt(std::string_view hash) {
  const bool prefix = hash.size() == 60 && hash.substr(0, 2) == "$2" &&
                      std::string_view("abxy").find(hash[2]) < 4 && hash[3] == '$' && hash[6] == '$';
  constexpr std::string_view kDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (!prefix || hash.substr(7).find_first_not_of(kDigits) != std::string_view::npos) {
    return "expected a bcrypt hash like $2y$10$... (htpasswd -nBC 10 \"\")";
  }
  const auto cost = parse_u64(hash.substr(4, 2));
  return cost && *cost >= 4 && *cost <= 16 ? "" : "expected a bcrypt cost from 04 to 16";
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  WebFileOutcome run() {
    const Result<YamlNode> root = read_yaml(file_);
    WebFileOutcome outcome;
    if (!root) {
      outcome.errors.push_back(root.error().message);
      return outcome;
    }
    each_key(*root, "", [&](const std::string& key, const YamlNode& value) {
      if (key == "tls_server_config") return take_tls(value);
      if (key == "http_server_config") return take_http(value);
      if (key == "basic_auth_users") return take_users(value);
      unknown(key, value, {"tls_server_config", "http_server_config", "basic_auth_users"});
    });
    outcome.errors = std::move(errors_);
    if (outcome.errors.empty()) outcome.config = std::move(config_);
    return outcome;
  }

 private:
  void fail(const YamlNode& node, const std::string& key, const std::string& message) {
    errors_.push_back(yaml_position(file_, node) + ": " + key + ": " + message);
  }

  void unknown(const std::string& key, const YamlNode& node, const std::vector<std::string_view>& known) {
    const std::string name = key.substr(key.rfind('.') + 1);
    fail(node, name == key ? key : key.substr(0, key.rfind('.')),
         "unknown key " + shown(name) + did_you_mean(name, known));
  }

  template <class Visit>
  void each_key(const YamlNode& node, const std::string& section, const Visit& visit) {
    if (node.kind == YamlNode::Kind::kNull) return;
    if (node.kind != YamlNode::Kind::kMap)
      return fail(node, section.empty() ? "web file" : section, "expected keys");
    for (const auto& [name, value] : node.entries)
      visit(section.empty() ? name.text : section + "." + name.text, value);
  }

  std::string text(const std::string& key, const YamlNode& value) {
    if (value.kind == YamlNode::Kind::kScalar || value.kind == YamlNode::Kind::kNull) return value.text;
    fail(value, key, "expected a text");
    return {};
  }

  /// Empty stays empty: the default.
  template <class Table, class Value>
  void choice(const std::string& key, const YamlNode& value, const Table& table, Value& out) {
    const std::string name = text(key, value);
    const auto* const found = find_name(table, name);
    if (found != nullptr) {
      out = *found;
    } else if (!name.empty()) {
      fail(value, key, "expected one of " + choices(table) + ", not " + shown(name));
    }
  }

  void flag(const std::string& key, const YamlNode& value, bool& out) {
    const std::string word = text(key, value);
    if (word == "true" || word == "false") {
      out = word == "true";
    } else {
      fail(value, key, "expected true or false, not " + shown(word));
    }
  }

  /// Paths are relative to the folder of the web file.
  void path(const std::string& key, const YamlNode& value, std::string& out) {
    out = text(key, value);
    const std::size_t slash = file_.rfind('/');
    if (!out.empty() && out.front() != '/' && slash != std::string::npos)
      out = file_.substr(0, slash + 1) + out;
  }

  void append(std::string& list, std::string_view name) {
    if (!list.empty()) list += ':';
    list += name;
  }

  void take_ciphers(const std::string& key, const YamlNode& value, TlsConfig& tls) {
    for (const YamlNode& item : value.items) {
      if (const auto* name = find_name(kCiphers, item.text)) {
        append(tls.ciphers, *name);
      } else if (const auto* name13 = find_name(kCiphersTls13, item.text)) {
        append(tls.ciphers_tls13, *name13);
      } else {
        fail(item, key, "unknown cipher suite " + shown(item.text));
      }
    }
  }

  void take_curves(const std::string& key, const YamlNode& value, TlsConfig& tls) {
    for (const YamlNode& item : value.items) {
      if (const auto* name = find_name(kCurves, item.text)) {
        append(tls.curves, *name);
      } else {
        fail(item, key, "unknown curve " + shown(item.text) + ", expected one of " + choices(kCurves));
      }
    }
  }

  void take_tls(const YamlNode& node) {
    TlsConfig tls;
    each_key(node, "tls_server_config", [&](const std::string& key, const YamlNode& value) {
      const std::string name = key.substr(key.find('.') + 1);
      if (name == "cert_file") return path(key, value, tls.cert_file);
      if (name == "key_file") return path(key, value, tls.key_file);
      if (name == "client_ca_file") return path(key, value, tls.client_ca_file);
      if (name == "client_auth_type") return choice(key, value, kClientAuth, tls.client_auth);
      if (name == "min_version") return choice(key, value, kVersions, tls.min_version);
      if (name == "max_version") return choice(key, value, kVersions, tls.max_version);
      if (name == "prefer_server_cipher_suites") return flag(key, value, tls.prefer_server_ciphers);
      if (name == "cipher_suites") return take_ciphers(key, value, tls);
      if (name == "curve_preferences") return take_curves(key, value, tls);
      if (std::find(kUnsupportedTls.begin(), kUnsupportedTls.end(), name) != kUnsupportedTls.end()) {
        return fail(value, key, "is not supported here; use the key with a file instead, or leave it out");
      }
      unknown(key, value,
              {"cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version", "max_version",
               "prefer_server_cipher_suites", "cipher_suites", "curve_preferences"});
    });
    check_tls(node, tls);
    if (!node.entries.empty()) config_.tls = std::move(tls);
  }

  void check_tls(const YamlNode& node, const TlsConfig& tls) {
    if (node.entries.empty()) return;
    if (tls.cert_file.empty()) fail(node, "tls_server_config.cert_file", "is missing");
    if (tls.key_file.empty()) fail(node, "tls_server_config.key_file", "is missing");
    if (tls.min_version > tls.max_version)
      fail(node, "tls_server_config.min_version", "is above max_version");
    const bool verifies =
        tls.client_auth == ClientAuth::kVerifyIfGiven || tls.client_auth == ClientAuth::kRequireAndVerify;
    if (verifies && tls.client_ca_file.empty()) {
      fail(node, "tls_server_config.client_ca_file",
           "is missing: client_auth_type has certificates verified");
    }
    if (!tls.client_ca_file.empty() && tls.client_auth == ClientAuth::kNone) {
      fail(node, "tls_server_config.client_ca_file", "has no effect without a client_auth_type");
    }
  }

  void take_http(const YamlNode& node) {
    each_key(node, "http_server_config", [&](const std::string& key, const YamlNode& value) {
      if (key == "http_server_config.headers") return take_headers(value);
      if (key == "http_server_config.http2") {
        bool wanted = false;
        flag(key, value, wanted);
        if (wanted) fail(value, key, "HTTP/2 is not supported here; set it to false or leave it out");
        return;
      }
      unknown(key, value, {"headers", "http2"});
    });
  }

  void take_headers(const YamlNode& node) {
    each_key(node, "http_server_config.headers", [&](const std::string& key, const YamlNode& value) {
      const std::string name = key.substr(key.rfind('.') + 1);
      const auto* const allowed = find_name(kHeaders, name);
      const std::string content = text(key, value);
      if (allowed == nullptr) return fail(value, key, "this header cannot be set, only " + choices(kHeaders));
      if (content.find_first_of("\r\n") != std::string::npos) return fail(value, key, "expected one line");
      const bool any = allowed->front().empty();
      if (!any && std::find(allowed->begin(), allowed->end(), content) == allowed->end()) {
        return fail(value, key,
                    "expected " + std::string((*allowed)[0]) + " or " + std::string((*allowed)[1]) +
                        ", not " + shown(content));
      }
      config_.headers.emplace_back(name, content);
    });
  }

  void take_users(const YamlNode& node) {
    each_key(node, "basic_auth_users", [&](const std::string& key, const YamlNode& value) {
      const std::string name = key.substr(key.find('.') + 1);
      const std::string hash = text("basic_auth_users", value);
      // The value is never shown: somebody may have written the password itself.
      const std::string wrong = check_bcrypt(hash);
      if (!wrong.empty())
        return fail(value, "basic_auth_users." + (name.size() > 100 ? shown(name) : name), wrong);
      if (name.find(':') != std::string::npos)
        return fail(value, "basic_auth_users", "a user's name has no ':' in it");
      config_.users.emplace(name, hash);
    });
  }

  const std::string& file_;
  WebFile config_;
  std::vector<std::string> errors_;
};

}  // namespace

WebFileOutcome load_web_file(const std::string& file) { return Reader(file).run(); }

}  // namespace bottleneck
