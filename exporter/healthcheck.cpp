#include "exporter/healthcheck.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <memory>

#include "exporter/base/file.h"

namespace bottleneck {
namespace {

Error unavailable(const std::string& address, std::string_view why) {
  return Error{ErrorCode::kUnavailable, address + ": " + std::string(why)};
}

/// A wildcard is reached over the loopback.
std::string reachable_host(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host;
}

Result<FileDescriptor> connect_to(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
    return unavailable(host, "no such address");
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    FileDescriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{3, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
  }
  return unavailable(host + ":" + port, "nobody listens");
}

}  // namespace

Status ask_health(const std::string& listen_address) {
  const std::size_t colon = listen_address.rfind(':');
  const std::string host = reachable_host(colon == std::string::npos ? "" : listen_address.substr(0, colon));
  const std::string port = listen_address.substr(colon == std::string::npos ? 0 : colon + 1);
  const auto socket = connect_to(host, port);
  if (!socket) return socket.error();
  static constexpr std::string_view kRequest =
      "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(socket->get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kRequest.size())) {
    return unavailable(listen_address, "the connection broke");
  }
  std::array<char, 256> answer{};
  const ssize_t size = recv(socket->get(), answer.data(), answer.size(), 0);
  if (size <= 0) return unavailable(listen_address, "no answer");
  const std::string_view text(answer.data(), static_cast<std::size_t>(size));
  // A failure of ours says 5xx; a TLS alert or a 401 comes from a server that lives.
  if (text.starts_with("HTTP/1.1 5")) return unavailable(listen_address, text.substr(9, 3));
  return ok();
}

}  // namespace bottleneck
