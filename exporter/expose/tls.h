// TLS of the server: contexts made from the web file, and which of them a new connection gets.
#pragma once

#include <functional>
#include <memory>

#include "exporter/expose/tls_library.h"
#include "exporter/expose/web_config.h"

namespace bottleneck {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// Reads certificate, key and client CA. Errors are one line with the key and the file.
Result<TlsContext> make_tls_context(const TlsConfig& config);

/// What happens in handshakes. Both are called by the thread that shakes hands.
struct TlsHooks {
  /// A handshake begins.
  std::function<void()> handshake;
  /// The context that a new connection gets: renewed certificates need no restart.
  std::function<TlsContext()> current;
};

/// Installs the hooks in the context that the server is started with; they must live as long as it serves.
/// Contexts given by `current` need none.
void install_tls_hooks(const TlsContext& context, TlsHooks* hooks);

}  // namespace bottleneck
