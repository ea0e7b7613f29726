// Network numbers of a container's network namespace. A namespace that several containers share is counted
// once.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "exporter/sample/flat_reader.h"

namespace bottleneck {

/// Which container answers for each network namespace.
class NetworkOwners {
 public:
  /// The host's own namespace is nobody's: containers on it are marked shared.
  void set_host(std::uint64_t network_namespace) { host_ = network_namespace; }
  [[nodiscard]] bool is_host(std::uint64_t network_namespace) const { return network_namespace == host_; }
  /// True when `reader` is, or now becomes, the owner of its namespace: the container whose process started
  /// first, which is the one that the others joined. An owner that loses it to an older one is marked shared
  /// at once.
  bool claim(ContainerReader& reader);
  void release(const ContainerReader& reader);

 private:
  std::uint64_t host_ = 0;
  std::unordered_map<std::uint64_t, ContainerReader*> owners_;
};

/// An id of the network namespace of a process directory below procfs: the inode of its `ns/net`, and where
/// that may not be read (it needs CAP_SYS_PTRACE) the inode of its `net/dev`, which each namespace has its
/// own of.
Result<std::uint64_t> network_namespace_of(int process_directory);

/// Finds a process of the container and the owner of its namespace.
void find_network(ReadContext& context, ContainerReader& reader, NetworkOwners& owners);
/// Reads net/dev into the interface samples of an owner.
void read_interfaces(ReadContext& context, ContainerReader& reader);
/// Reads the TCP counters of net/snmp and net/netstat for an owner: the two dearest files of a container.
/// They are left alone while no interface, the loopback included, moved a packet since they were last read;
/// what was dropped before any interface shows with the next limits (Sampler::limits forgets `tcp_hash`).
void read_tcp(ReadContext& context, ContainerReader& reader);

}  // namespace bottleneck
