#include "exporter/expose/tls_library.h"

#include <civetweb.h>
#include <dlfcn.h>

#include <cstring>
#include <optional>
#include <string_view>

namespace {

constexpr const char* kSsl = "libssl.so.3";
constexpr const char* kCrypto = "libcrypto.so.3";

using Dlopen = void* (*)(const char*, int);

/// The dlopen() that ours stands before.
Dlopen next_dlopen() {
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next;
}

}  // namespace

// Both have the C names that the HTTP library binds to, so they cannot live in a namespace.
#undef SSL_get_peer_certificate  // a macro for the new name in OpenSSL's header

extern "C" {

/// As the C library's, except for the two names without a version. "libssl.so" is answered with the handle of
/// the whole program, in whose scope both SSL_get_peer_certificate() below and the library's own functions
/// are found.
__attribute__((visibility("default"))) void* dlopen(const char* file, int mode) noexcept {
  const Dlopen next = next_dlopen();
  if (file != nullptr && std::string_view(file) == "libcrypto.so") return next(kCrypto, mode | RTLD_GLOBAL);
  if (file != nullptr && std::string_view(file) == "libssl.so") {
    return next(kSsl, mode | RTLD_GLOBAL) == nullptr ? nullptr : next(nullptr, RTLD_LAZY);
  }
  return next(file, mode);
}

/// OpenSSL 3 has it as SSL_get1_peer_certificate(); both give a counted reference.
// NOLINTNEXTLINE(readability-identifier-naming): the library's name
__attribute__((visibility("default"))) X509* SSL_get_peer_certificate(const SSL* ssl) {
  static const auto renamed = reinterpret_cast<decltype(&SSL_get1_peer_certificate)>(
      dlsym(RTLD_DEFAULT, "SSL_get1_peer_certificate"));
  return renamed == nullptr ? nullptr : renamed(ssl);
}
}

namespace bottleneck {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Error missing(const char* what) {
  const char* reason = dlerror();
  return Error{ErrorCode::kUnavailable,
               std::string("TLS needs OpenSSL 3: ") + (reason != nullptr ? reason : what)};
}

Result<TlsLibrary> load() {
  void* const crypto = ::dlopen(kCrypto, RTLD_NOW | RTLD_GLOBAL);
  if (crypto == nullptr) return missing(kCrypto);
  void* const ssl = ::dlopen(kSsl, RTLD_NOW | RTLD_GLOBAL);
  if (ssl == nullptr) return missing(kSsl);
  TlsLibrary all{};
  const bool found =
      find(ssl, "TLS_server_method", all.TLS_server_method) && find(ssl, "SSL_CTX_new", all.SSL_CTX_new) &&
      find(ssl, "SSL_CTX_free", all.SSL_CTX_free) && find(ssl, "SSL_CTX_ctrl", all.SSL_CTX_ctrl) &&
      find(ssl, "SSL_CTX_set_options", all.SSL_CTX_set_options) &&
      find(ssl, "SSL_CTX_use_certificate_chain_file", all.SSL_CTX_use_certificate_chain_file) &&
      find(ssl, "SSL_CTX_use_PrivateKey_file", all.SSL_CTX_use_PrivateKey_file) &&
      find(ssl, "SSL_CTX_check_private_key", all.SSL_CTX_check_private_key) &&
      find(ssl, "SSL_CTX_set_default_passwd_cb", all.SSL_CTX_set_default_passwd_cb) &&
      find(ssl, "SSL_CTX_load_verify_file", all.SSL_CTX_load_verify_file) &&
      find(ssl, "SSL_load_client_CA_file", all.SSL_load_client_CA_file) &&
      find(ssl, "SSL_CTX_set_client_CA_list", all.SSL_CTX_set_client_CA_list) &&
      find(ssl, "SSL_CTX_set_verify", all.SSL_CTX_set_verify) &&
      find(ssl, "SSL_CTX_set_cipher_list", all.SSL_CTX_set_cipher_list) &&
      find(ssl, "SSL_CTX_set_ciphersuites", all.SSL_CTX_set_ciphersuites) &&
      find(ssl, "SSL_CTX_set_info_callback", all.SSL_CTX_set_info_callback) &&
      find(ssl, "SSL_CTX_set_client_hello_cb", all.SSL_CTX_set_client_hello_cb) &&
      find(ssl, "SSL_CTX_set_num_tickets", all.SSL_CTX_set_num_tickets) &&
      find(ssl, "SSL_CTX_get_verify_mode", all.SSL_CTX_get_verify_mode) &&
      find(ssl, "SSL_CTX_get_verify_callback", all.SSL_CTX_get_verify_callback) &&
      find(ssl, "SSL_CTX_set_ex_data", all.SSL_CTX_set_ex_data) &&
      find(ssl, "SSL_CTX_get_ex_data", all.SSL_CTX_get_ex_data) &&
      find(ssl, "SSL_get_SSL_CTX", all.SSL_get_SSL_CTX) &&
      find(ssl, "SSL_set_SSL_CTX", all.SSL_set_SSL_CTX) && find(ssl, "SSL_set_verify", all.SSL_set_verify) &&
      find(ssl, "SSL_ctrl", all.SSL_ctrl) && find(crypto, "ERR_get_error", all.ERR_get_error) &&
      find(crypto, "ERR_clear_error", all.ERR_clear_error) &&
      find(crypto, "ERR_reason_error_string", all.ERR_reason_error_string);
  if (!found) return missing("a function is missing");
  if ((mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) == 0) {
    return Error{ErrorCode::kUnsupported, "this build of the HTTP library (civetweb) has no TLS"};
  }
  return all;
}

}  // namespace

std::string TlsLibrary::error() const {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "unknown error";
}

Result<const TlsLibrary*> tls_library() {
  static const Result<TlsLibrary> loaded = load();
  if (!loaded) return loaded.error();
  return &*loaded;
}

}  // namespace bottleneck
