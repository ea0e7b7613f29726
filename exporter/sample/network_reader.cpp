#include "exporter/sample/network_reader.h"

#include <functional>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/sample/parsers/process_files.h"
#include "exporter/sample/process_reader.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMaxInterfaces = 64;  // of one container that are kept apart

constexpr Field kInterfaceFields[] = {
    Field::network_receive_bytes,   Field::network_receive_packets, Field::network_receive_errors,
    Field::network_receive_drops,   Field::network_transmit_bytes,  Field::network_transmit_packets,
    Field::network_transmit_errors, Field::network_transmit_drops,
};

Result<std::string_view> read_process_file(ReadContext& context, ContainerReader& reader, const char* name) {
  auto text = context.buffer.read_at(reader.process.get(), name);
  if (!text && text.error().code != ErrorCode::kGone) {
    context.cells.note(Collector::kNetwork, text.error().code, reader.ref.id, name);
  }
  return text;
}

void forget_network(ContainerReader& reader) {
  reader.interfaces_hash = reader.tcp_hash = 0;
  reader.sample.interfaces.clear();
  for (const Field field : {Field::network_tcp_retransmits, Field::network_tcp_segments_sent,
                            Field::network_listen_overflows, Field::network_listen_drops}) {
    reader.sample.values.unset(field);
  }
}

}  // namespace

bool NetworkOwners::claim(ContainerReader& reader) {
  if (reader.network_namespace == host_) return false;
  const auto owned = owners_.find(reader.network_namespace);
  if (owned == owners_.end()) {
    owners_.emplace(reader.network_namespace, &reader);
    return true;
  }
  ContainerReader& owner = *owned->second;
  if (&owner == &reader) return true;
  if (!(reader.started < owner.started)) return false;
  owner.network_owner = false;
  owner.sample.values.set(Field::network_shared, 1);
  forget_network(owner);
  owned->second = &reader;
  return true;
}

void NetworkOwners::release(const ContainerReader& reader) {
  const auto owned = owners_.find(reader.network_namespace);
  if (owned != owners_.end() && owned->second == &reader) owners_.erase(owned);
}

Result<std::uint64_t> network_namespace_of(int process_directory) {
  const auto link = read_link_at(process_directory, "ns/net");
  if (link) {
    const std::string_view text = *link;
    const size_t open = text.find('[');
    const size_t close = text.find(']');
    if (open != std::string_view::npos && close != std::string_view::npos && close > open) {
      const auto inode = parse_u64(text.substr(open + 1, close - open - 1));
      if (inode) return *inode;
    }
  }
  const auto info = stat_at(process_directory, "net/dev");
  if (!info) return info.error();
  return info->inode;
}

void read_interfaces(ReadContext& context, ContainerReader& reader) {
  if (!reader.network_owner || !reader.process.valid()) return;
  const auto text = read_process_file(context, reader, "net/dev");
  if (!text) return;
  context.cells.seen(Collector::kNetwork);
  const std::size_t hash = std::hash<std::string_view>()(*text);
  if (std::exchange(reader.interfaces_hash, hash) == hash) return;  // nothing came or went
  std::string_view rest = *text;
  NetDevLine line;
  bool malformed = false;
  std::size_t count = 0;
  std::vector<InterfaceSample>& interfaces = reader.sample.interfaces;
  while (count < kMaxInterfaces && next_net_dev_line(rest, line, malformed)) {
    if (line.interface == "lo") continue;
    if (count == interfaces.size()) interfaces.emplace_back();
    InterfaceSample& sample = interfaces[count++];
    if (sample.interface != line.interface) sample.interface = line.interface;
    for (std::size_t i = 0; i < std::size(kInterfaceFields); ++i)
      sample.values.set(kInterfaceFields[i], line.numbers[i]);
  }
  interfaces.resize(count);
  if (malformed) context.cells.note(Collector::kNetwork, ErrorCode::kMalformed, reader.ref.id, "net/dev");
}

void find_network(ReadContext& context, ContainerReader& reader, NetworkOwners& owners) {
  if (!find_process(context, reader)) {
    forget_network(reader);
    reader.sample.values.unset(Field::network_shared);
    return;
  }
  if (reader.network_process != reader.process_id) {
    // A process that moves to another namespace while it runs is not followed: container engines do not do
    // it.
    const auto id = network_namespace_of(reader.process.get());
    if (!id) {
      context.cells.note(Collector::kNetwork, id.error().code, reader.ref.id, "ns/net");
      return;
    }
    // While a container is made, processes of its runtime are in it that have not left the host's namespace.
    if (reader.young_pulses > 0 && owners.is_host(*id)) return;
    reader.network_process = reader.process_id;
    if (*id != reader.network_namespace) owners.release(reader);
    reader.network_namespace = *id;
  }
  reader.network_owner = owners.claim(reader);
  reader.sample.values.set(Field::network_shared, reader.network_owner ? 0 : 1);
  if (!reader.network_owner) {
    forget_network(reader);
    return;
  }
}

void read_tcp(ReadContext& context, ContainerReader& reader) {
  if (!reader.network_owner || !reader.process.valid()) return;
  if (reader.interfaces_hash != 0 && reader.tcp_hash == reader.interfaces_hash) return;
  reader.tcp_hash = reader.interfaces_hash;
  ContainerValues& values = reader.sample.values;
  const auto snmp = read_process_file(context, reader, "net/snmp");
  if (snmp) {
    values.set(Field::network_tcp_retransmits, parse_net_snmp(*snmp, "Tcp", "RetransSegs"));
    values.set(Field::network_tcp_segments_sent, parse_net_snmp(*snmp, "Tcp", "OutSegs"));
  }
  const auto netstat = read_process_file(context, reader, "net/netstat");
  if (netstat) {
    values.set(Field::network_listen_overflows, parse_net_snmp(*netstat, "TcpExt", "ListenOverflows"));
    values.set(Field::network_listen_drops, parse_net_snmp(*netstat, "TcpExt", "ListenDrops"));
  }
}

}  // namespace bottleneck
