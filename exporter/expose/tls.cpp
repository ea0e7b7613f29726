#include "exporter/expose/tls.h"

#include <array>

#include "exporter/base/file.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{4} << 20U;

/// An encrypted key would otherwise be asked for on the terminal.
int no_password(char*, int, int, void*) { return -1; }

int accept_any_certificate(int, X509_STORE_CTX*) { return 1; }

int protocol(int version) {
  constexpr std::array<int, 4> kProtocols = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return kProtocols[static_cast<std::size_t>(version - 10)];
}

Error tls_error(const std::string& key, const std::string& message) {
  return Error{ErrorCode::kInvalid, "tls_server_config." + key + ": " + message};
}

/// OpenSSL says "system lib" for a file that cannot be read: ask the system first.
Status readable(const std::string& key, const std::string& file) {
  const Result<std::string> text = read_file(file, kMaxPemBytes);
  return text ? ok() : Status(tls_error(key, text.error().message));
}

Status use_certificate(const TlsLibrary& tls, SSL_CTX* context, const TlsConfig& config) {
  if (Status status = readable("cert_file", config.cert_file); !status) return status;
  if (Status status = readable("key_file", config.key_file); !status) return status;
  if (tls.SSL_CTX_use_certificate_chain_file(context, config.cert_file.c_str()) != 1) {
    return tls_error("cert_file", config.cert_file + ": " + tls.error());
  }
  if (tls.SSL_CTX_use_PrivateKey_file(context, config.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return tls_error("key_file", config.key_file + ": " + tls.error());
  }
  if (tls.SSL_CTX_check_private_key(context) != 1) {
    return tls_error("key_file", config.key_file + " does not belong to the certificate");
  }
  return ok();
}

Status use_client_auth(const TlsLibrary& tls, SSL_CTX* context, const TlsConfig& config) {
  if (!config.client_ca_file.empty()) {
    if (Status status = readable("client_ca_file", config.client_ca_file); !status) return status;
    auto* const names = tls.SSL_load_client_CA_file(config.client_ca_file.c_str());
    if (names == nullptr || tls.SSL_CTX_load_verify_file(context, config.client_ca_file.c_str()) != 1) {
      return tls_error("client_ca_file", config.client_ca_file + ": " + tls.error());
    }
    tls.SSL_CTX_set_client_CA_list(context, names);
  }
  switch (config.client_auth) {
    case ClientAuth::kNone:
      tls.SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
      break;
    case ClientAuth::kRequest:
      tls.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any_certificate);
      break;
    case ClientAuth::kRequireAny:
      tls.SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                             accept_any_certificate);
      break;
    case ClientAuth::kVerifyIfGiven:
      tls.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
      break;
    case ClientAuth::kRequireAndVerify:
      tls.SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      break;
  }
  return ok();
}

Status use_protocols(const TlsLibrary& tls, SSL_CTX* context, const TlsConfig& config) {
  tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, protocol(config.min_version), nullptr);
  tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, protocol(config.max_version), nullptr);
  // No resumption: a client certificate that was withdrawn must not live on in a ticket, and scrapers keep
  // connections.
  tls.SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                       (config.prefer_server_ciphers ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0));
  tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
  tls.SSL_CTX_set_num_tickets(context, 0);
  if (!config.ciphers.empty() && tls.SSL_CTX_set_cipher_list(context, config.ciphers.c_str()) != 1) {
    return tls_error("cipher_suites", tls.error());
  }
  if (!config.ciphers_tls13.empty() &&
      tls.SSL_CTX_set_ciphersuites(context, config.ciphers_tls13.c_str()) != 1) {
    return tls_error("cipher_suites", tls.error());
  }
  std::string curves = config.curves;  // the interface takes a pointer to non-const
  if (!curves.empty() && tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, curves.data()) != 1) {
    return tls_error("curve_preferences", tls.error());
  }
  return ok();
}

const TlsLibrary& loaded() { return *tls_library().value(); }

void on_info(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  const TlsLibrary& tls = loaded();
  const auto* const hooks = static_cast<TlsHooks*>(tls.SSL_CTX_get_ex_data(tls.SSL_get_SSL_CTX(ssl), 0));
  if (hooks != nullptr) hooks->handshake();
}

/// Before anything is negotiated: a connection takes certificate, client CA and versions from the newest
/// context.
int on_client_hello(SSL* ssl, int*, void* argument) {
  const TlsLibrary& tls = loaded();
  const TlsContext newest = static_cast<TlsHooks*>(argument)->current();
  if (!newest || newest.get() == tls.SSL_get_SSL_CTX(ssl)) return SSL_CLIENT_HELLO_SUCCESS;
  if (tls.SSL_set_SSL_CTX(ssl, newest.get()) == nullptr) return SSL_CLIENT_HELLO_ERROR;
  tls.SSL_set_verify(ssl, tls.SSL_CTX_get_verify_mode(newest.get()),
                     tls.SSL_CTX_get_verify_callback(newest.get()));
  const long least = tls.SSL_CTX_ctrl(newest.get(), SSL_CTRL_GET_MIN_PROTO_VERSION, 0, nullptr);
  const long most = tls.SSL_CTX_ctrl(newest.get(), SSL_CTRL_GET_MAX_PROTO_VERSION, 0, nullptr);
  tls.SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, least, nullptr);
  tls.SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, most, nullptr);
  return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

Result<TlsContext> make_tls_context(const TlsConfig& config) {
  const Result<const TlsLibrary*> library = tls_library();
  if (!library) return library.error();
  const TlsLibrary& tls = **library;
  tls.ERR_clear_error();
  TlsContext context(tls.SSL_CTX_new(tls.TLS_server_method()), tls.SSL_CTX_free);
  if (!context) return Error{ErrorCode::kUnavailable, "TLS: " + tls.error()};
  tls.SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  if (Status status = use_protocols(tls, context.get(), config); !status) return status.error();
  if (Status status = use_certificate(tls, context.get(), config); !status) return status.error();
  if (Status status = use_client_auth(tls, context.get(), config); !status) return status.error();
  return context;
}

void install_tls_hooks(const TlsContext& context, TlsHooks* hooks) {
  const TlsLibrary& tls = loaded();
  tls.SSL_CTX_set_ex_data(context.get(), 0, hooks);
  tls.SSL_CTX_set_info_callback(context.get(), on_info);
  tls.SSL_CTX_set_client_hello_cb(context.get(), on_client_hello, hooks);
}

}  // namespace bottleneck
