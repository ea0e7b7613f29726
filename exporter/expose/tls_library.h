// OpenSSL, loaded when TLS is configured and not before: plain hosts do not pay for its memory.
//
// The HTTP library looks for "libssl.so" and "libcrypto.so", names that only development packages install,
// and for SSL_get_peer_certificate, which OpenSSL 3 renamed. Both are mended in tls_library.cpp: its dlopen()
// answers for the versioned libraries, its SSL_get_peer_certificate() calls the new name. The executable must
// export both (the link option of bn_expose does it).
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "exporter/base/result.h"

namespace bottleneck {

/// The functions of OpenSSL 3 that TLS here needs. The macros of its headers are spelt out in tls.cpp.
struct TlsLibrary {
  decltype(&::TLS_server_method) TLS_server_method;
  decltype(&::SSL_CTX_new) SSL_CTX_new;
  decltype(&::SSL_CTX_free) SSL_CTX_free;
  decltype(&::SSL_CTX_ctrl) SSL_CTX_ctrl;
  decltype(&::SSL_CTX_set_options) SSL_CTX_set_options;
  decltype(&::SSL_CTX_use_certificate_chain_file) SSL_CTX_use_certificate_chain_file;
  decltype(&::SSL_CTX_use_PrivateKey_file) SSL_CTX_use_PrivateKey_file;
  decltype(&::SSL_CTX_check_private_key) SSL_CTX_check_private_key;
  decltype(&::SSL_CTX_set_default_passwd_cb) SSL_CTX_set_default_passwd_cb;
  decltype(&::SSL_CTX_load_verify_file) SSL_CTX_load_verify_file;
  decltype(&::SSL_load_client_CA_file) SSL_load_client_CA_file;
  decltype(&::SSL_CTX_set_client_CA_list) SSL_CTX_set_client_CA_list;
  decltype(&::SSL_CTX_set_verify) SSL_CTX_set_verify;
  decltype(&::SSL_CTX_set_cipher_list) SSL_CTX_set_cipher_list;
  decltype(&::SSL_CTX_set_ciphersuites) SSL_CTX_set_ciphersuites;
  decltype(&::SSL_CTX_set_info_callback) SSL_CTX_set_info_callback;
  decltype(&::SSL_CTX_set_client_hello_cb) SSL_CTX_set_client_hello_cb;
  decltype(&::SSL_CTX_set_num_tickets) SSL_CTX_set_num_tickets;
  decltype(&::SSL_CTX_get_verify_mode) SSL_CTX_get_verify_mode;
  decltype(&::SSL_CTX_get_verify_callback) SSL_CTX_get_verify_callback;
  decltype(&::SSL_CTX_set_ex_data) SSL_CTX_set_ex_data;
  decltype(&::SSL_CTX_get_ex_data) SSL_CTX_get_ex_data;
  decltype(&::SSL_get_SSL_CTX) SSL_get_SSL_CTX;
  decltype(&::SSL_set_SSL_CTX) SSL_set_SSL_CTX;
  decltype(&::SSL_set_verify) SSL_set_verify;
  decltype(&::SSL_ctrl) SSL_ctrl;
  decltype(&::ERR_get_error) ERR_get_error;
  decltype(&::ERR_clear_error) ERR_clear_error;
  decltype(&::ERR_reason_error_string) ERR_reason_error_string;

  /// The reason of the oldest error of this thread; clears the rest.
  [[nodiscard]] std::string error() const;
};

/// Loads libssl.so.3 and libcrypto.so.3 once; they stay. Also makes the HTTP library load them.
Result<const TlsLibrary*> tls_library();

}  // namespace bottleneck
