// Where the server listens: addresses of the configuration, and why one cannot be had.
#pragma once

#include <string>
#include <vector>

#include "exporter/base/socket.h"

namespace bottleneck {

struct ListenAddress {
  std::string configured;  ///< as the configuration spells it
  Ipv4Endpoint endpoint;
};

/// Host names become addresses. The error names the address.
Result<std::vector<ListenAddress>> resolve_addresses(const std::vector<std::string>& addresses);

/// After a server failed to start: the first address that cannot be listened on and why, else `reason`.
Error why_not_listening(const std::vector<ListenAddress>& addresses, const std::string& reason);

}  // namespace bottleneck
