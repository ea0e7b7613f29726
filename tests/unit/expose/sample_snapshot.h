// A handmade snapshot: two containers with everything that can go wrong in a name, one host.
#pragma once

#include "exporter/model/snapshot.h"

namespace bottleneck {

inline ContainerSnapshot make_container(const std::string& name, const std::string& id) {
  auto identity = std::make_shared<Identity>();
  identity->name = name;
  identity->id = id;
  identity->runtime = Runtime::kDocker;
  identity->info = {{"image", "registry.example/app:1.25"}, {"workload", name}};
  ContainerSnapshot container;
  container.identity = identity;
  container.sample.values.set(Field::cpu_usage, 12.5);
  container.sample.values.set(Field::memory_usage, 1073741824);
  return container;
}

inline Snapshot make_snapshot() {
  Snapshot snapshot;
  snapshot.unix_seconds = 1.7e9;
  ContainerSnapshot web = make_container("web", "0123456789abcdef");
  web.sample.values.set(Field::cpu_periods, 0);
  web.sample.values.set(Field::cpu_throttled, 1e-7);
  web.sample.values.set(Field::pressure_cpu_some, 3.25);
  web.sample.values.set(Field::pressure_io_some, 0.000001);
  web.sample.values.set(Field::pressure_cpu_full, 4);  // in `full` only
  web.sample.values.set(Field::state_running, 1);
  web.sample.values.set(Field::memory_limit, 9007199254740992.0);
  web.sample.devices.push_back({"sda", {}});
  web.sample.devices.back().values.set(Field::io_read_bytes, 4096);
  web.sample.interfaces.push_back({"eth0", {}});
  web.sample.interfaces.back().values.set(Field::network_receive_bytes, 123456789012.0);

  ContainerSnapshot hostile = make_container("quo\"te\\back\nline\xff\xc3(\xe2\x82\xac)", "fedcba9876543210");
  auto identity = std::make_shared<Identity>(*hostile.identity);
  identity->info.emplace_back("com.example/team-name",
                              "a\x01"
                              "b\xed\xa0\x80");
  identity->info.emplace_back("9lives", "\xf4\x90\x80\x80");
  identity->info.emplace_back("__name__", "evil");
  identity->info.emplace_back("name", "again");
  identity->info.emplace_back("", "no name");
  hostile.identity = identity;
  hostile.sample.io_source = IoSource::kProcesses;
  hostile.sample.devices.push_back({"", {}});
  hostile.sample.devices.back().values.set(Field::io_read_bytes, 1);

  snapshot.containers = {web, hostile, make_container("kept capacity", "never shown")};
  snapshot.container_count = 2;
  auto host = std::make_shared<HostInfo>();
  host->hostname = "node\"1\"";
  host->kernel = "6.1.0";
  host->cgroup_version = CgroupVersion::kV2;
  snapshot.host_info = host;
  snapshot.host.set(Field::host_cpus, 8);
  snapshot.host.set(Field::host_cpu_busy, 123.456);
  snapshot.host.set(Field::host_pressure_cpu_some, 5);
  snapshot.host_devices.push_back({"sda", {}});
  snapshot.host_devices.back().values.set(Field::host_device_busy, 7.5);
  return snapshot;
}

}  // namespace bottleneck
