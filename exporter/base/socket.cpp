#include "exporter/base/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "exporter/base/error_table.h"
#include "exporter/base/file.h"
#include "exporter/base/text.h"

namespace bottleneck {
namespace {

/// The socket calls take the generic address type.
sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

Result<sockaddr_in> to_sockaddr(const Ipv4Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1) {
    return Error{ErrorCode::kInvalid, endpoint.address + " is no IPv4 address"};
  }
  return address;
}

Ipv4Endpoint to_endpoint(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  if (address.sin_family != AF_INET) return {};
  if (inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) == nullptr) return {};
  return {text.data(), ntohs(address.sin_port)};
}

}  // namespace

Result<std::string> resolve_ipv4(const std::string& host) {
  if (host.empty()) return std::string("0.0.0.0");
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return Error{ErrorCode::kInvalid, "cannot resolve " + host + ": " + gai_strerror(error)};
  std::array<char, NI_MAXHOST> text{};
  const int unnamed =
      getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  if (unnamed != 0)
    return Error{ErrorCode::kInvalid, "cannot resolve " + host + ": " + gai_strerror(unnamed)};
  return std::string(text.data());
}

Status try_listen(const Ipv4Endpoint& endpoint) {
  Result<sockaddr_in> address = to_sockaddr(endpoint);
  if (!address) return address.error();
  const FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  const bool listens = fd.valid() && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                       bind(fd.get(), generic(*address), sizeof(sockaddr_in)) == 0 &&
                       listen(fd.get(), 1) == 0;
  if (listens) return ok();
  return Error{error_from_errno(errno), std::strerror(errno)};
}

void knock(const Ipv4Endpoint& endpoint) {
  Result<sockaddr_in> address = to_sockaddr(endpoint);
  const FileDescriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!address || !fd.valid()) return;
  if (address->sin_addr.s_addr == INADDR_ANY) address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Whether it succeeds does not matter: the caller tries again until its thread has gone.
  (void)connect(fd.get(), generic(*address), sizeof(sockaddr_in));
}

TcpConnection tcp_connection(int fd) {
  sockaddr_in peer{};
  sockaddr_in local{};
  socklen_t peer_size = sizeof peer;
  socklen_t local_size = sizeof local;
  if (getpeername(fd, generic(peer), &peer_size) != 0 || getsockname(fd, generic(local), &local_size) != 0)
    return {};
  return {to_endpoint(peer), to_endpoint(local).port};
}

bool shut_down_connection(const TcpConnection& connection) {
  const Result<std::vector<DirectoryEntry>> entries = list_directory("/proc/self/fd");
  if (!entries || connection == TcpConnection{}) return false;
  for (const DirectoryEntry& entry : *entries) {
    const auto fd = parse_u64(entry.name);
    if (!fd || tcp_connection(static_cast<int>(*fd)) != connection) continue;
    return shutdown(static_cast<int>(*fd), SHUT_RDWR) == 0;
  }
  return false;
}

}  // namespace bottleneck
