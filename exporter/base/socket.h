// Small things about TCP sockets that no library of ours tells.
#pragma once

#include <cstdint>
#include <string>

#include "exporter/base/result.h"

namespace bottleneck {

struct Ipv4Endpoint {
  std::string address;  ///< dotted: "127.0.0.1"
  std::uint16_t port = 0;

  bool operator==(const Ipv4Endpoint&) const = default;
};

/// The IPv4 address of a host name or of an address; an empty one is 0.0.0.0. May ask the resolver: for
/// start-up only.
Result<std::string> resolve_ipv4(const std::string& host);

/// Why nobody can listen there, or success.
Status try_listen(const Ipv4Endpoint& endpoint);

/// Connects and closes at once: wakes a thread that waits to accept. An address of 0.0.0.0 means this host.
void knock(const Ipv4Endpoint& endpoint);

/// An established IPv4 connection of this process.
struct TcpConnection {
  Ipv4Endpoint peer;
  std::uint16_t local_port = 0;

  bool operator==(const TcpConnection&) const = default;
};

/// The connection of a socket; an empty one for any other descriptor.
TcpConnection tcp_connection(int fd);

/// Ends a connection whoever owns its descriptor: reads and writes on it fail from now on. The caller sees to
/// it that the owner does not close it meanwhile. False when there is none. Looks at every descriptor: not
/// for hot paths.
bool shut_down_connection(const TcpConnection& connection);

}  // namespace bottleneck
