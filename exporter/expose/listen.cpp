#include "exporter/expose/listen.h"

#include "exporter/base/text.h"

namespace bottleneck {

Result<std::vector<ListenAddress>> resolve_addresses(const std::vector<std::string>& addresses) {
  std::vector<ListenAddress> all;
  for (const std::string& address : addresses) {
    const std::size_t colon = address.rfind(':');
    const auto port = parse_u64(address.substr(colon + 1));
    if (colon == std::string::npos || !port || *port > 65535) {
      return Error{ErrorCode::kInvalid, "web.listen_addresses: " + address + " is no host:port"};
    }
    const Result<std::string> host = resolve_ipv4(address.substr(0, colon));
    if (!host)
      return Error{ErrorCode::kInvalid, "web.listen_addresses: " + address + ": " + host.error().message};
    all.push_back({address, {*host, static_cast<std::uint16_t>(*port)}});
  }
  return all;
}

Error why_not_listening(const std::vector<ListenAddress>& addresses, const std::string& reason) {
  for (const ListenAddress& address : addresses) {
    const Status possible = try_listen(address.endpoint);
    if (possible) continue;
    return Error{ErrorCode::kInvalid, "web.listen_addresses: cannot listen on " + address.configured + ": " +
                                          possible.error().message};
  }
  return Error{ErrorCode::kInvalid, "web.listen_addresses: the HTTP server does not start: " + reason};
}

}  // namespace bottleneck
