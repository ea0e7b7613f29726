// Small readable series of containers on a host, run through windows and judge, with what is expected of
// them.
//
//   # why this series is here
//   host cpus=4 memory=8Gi [v1]               the host; default: 4 CPUs, 8 GiB, cgroup v2
//   config recommendation.enter_seconds=60    any key of the configuration
//   container web image=app:1 label:bottleneck.ignore=CPU_HOT runtime=podman
//   set cpu_limit=0.5 cpu_usage=+0.5          numbers from now on; catalogue ids; of the last container named
//   set @other cpu_usage=+2                   of another one
//   set device.sda.io_read_bytes=+5Mi net.eth0.network_receive_packets=+1000
//   set host_cpu_busy=+3 hostdev.sda.host_device_busy=+0.9 extras.busiest_thread=0.99
//   set hostdev.sda.moved_bytes=+90Mi         what everybody moves on it, the host's own work included
//   run 6m [by 10s]                           time goes on, a tick a second or as told
//   restart | stop | gone 1h                  a new cgroup; no cgroup; nothing is read for an hour
//   expect CPU_LIMIT_RAISE high               given, with this severity (or "any")
//   silent CPU_LIMIT_RAISE                    not given
//   unchanging MEM_OOM_KILLED                 given, and offers no change
//   cleared CPU_LIMIT_RAISE                   was given, is over
//   never CPU_LIMIT_RAISE                     not given at any tick from here to the end
//   expect category=cpu_quota cpu>=0.5 memory<0.25 overall>=.. confidence>=..
//
// Values: 64Mi, 1.5Gi, 300k, -; "+x" grows by x a second; wave(low,high,seconds), saw(low,high,seconds) and
// noise(mean,deviation) change by themselves, after a "+" as rates.
#pragma once

#include <string>
#include <vector>

namespace bottleneck {

/// Runs a timeline. Returns what was not as expected, one line each with file and line; empty: all was.
std::vector<std::string> run_timeline(const std::string& path);

}  // namespace bottleneck
