"""One line per row of the catalogue: which subject drives it off zero, how it is read apart from the exporter, what the
load is known to do, and how far the two may be apart. What is not here stands in EXCEPTIONS with its reason; a contract
test sees to it that nothing is in neither."""

from dataclasses import dataclass
from typing import Callable, Optional

from harness import readers as r
from harness.expect import at_least, between, exactly, present
from subjects import KERNEL_ONLY, SUBJECT

MB = 1024 * 1024


@dataclass(frozen=True)
class Row:
    id: str
    subject: str
    read: Optional[Callable]  # of a Target; None: only what the load is known to do is checked
    expect: Callable  # of the exporter's value
    rel: float = 0.02  # tolerance, of the reference
    abs: float = 0.0
    how: str = "bracket"  # or "delta": only increases are comparable; "peak": see readers
    only: str = ""  # "v1", "v2" or "swap"
    swings: bool = False  # moves by much within seconds: is read more often than the others


TABLE = [
    # --- cpu
    Row("cpu_usage", "spin", r.flat("cpu.stat", "usage_usec", 1e-6, v1="cpuacct:cpuacct.usage", v1_scale=1e-9), at_least(2)),
    Row("cpu_user", "spin", r.flat("cpu.stat", "user_usec", 1e-6, v1="cpuacct:cpuacct.stat:user", v1_scale=r.TICK), at_least(1)),
    Row("cpu_system", "sys", r.flat("cpu.stat", "system_usec", 1e-6, v1="cpuacct:cpuacct.stat:system", v1_scale=r.TICK),
        at_least(0.3)),
    Row("cpu_periods", "spin", r.flat("cpu.stat", "nr_periods", v1="cpu:cpu.stat:nr_periods"), at_least(50)),
    Row("cpu_throttled_periods", "spin", r.flat("cpu.stat", "nr_throttled", v1="cpu:cpu.stat:nr_throttled"), at_least(40)),
    Row("cpu_throttled", "spin", r.flat("cpu.stat", "throttled_usec", 1e-6, v1="cpu:cpu.stat:throttled_time", v1_scale=1e-9),
        at_least(3)),
    Row("cpu_bursts", "burst", r.flat("cpu.stat", "nr_bursts", v1="cpu:cpu.stat:nr_bursts"), at_least(1)),
    Row("cpu_burst", "burst", r.flat("cpu.stat", "burst_usec", 1e-6, v1="cpu:cpu.stat:burst_time", v1_scale=1e-9),
        at_least(0.01)),
    Row("cpu_run_delay", "spin", r.run_delay, at_least(0.5), rel=0.25, abs=1, how="delta"),
    Row("cpu_limit", "spin", r.quota, exactly(0.3)),
    Row("cpu_effective_limit", "nested", r.effective_cpus, exactly(0.25)),
    Row("cpuset_cpus", "anon", r.cpuset, exactly(1)),
    Row("cpu_weight", "spin", r.weight, between(19, 60), abs=1),
    Row("cpu_usage_peak", "spin", r.peak_rate("cpu_usage"), between(0.15, 0.6), rel=0.4, how="peak"),
    Row("cpu_throttled_peak", "spin", None, between(0.3, 1)),
    Row("sample_age", "idle", None, between(0, 6)),
    # --- memory
    Row("memory_usage", "anon", r.flat("memory.current", v1="memory:memory.usage_in_bytes"), between(40 * MB, 60 * MB)),
    Row("memory_working_set", "anon", r.working_set, between(39 * MB, 60 * MB)),
    Row("memory_unreclaimable", "anon", r.unreclaimable, between(39 * MB, 60 * MB), abs=MB),
    Row("memory_anon", "anon", r.flat("memory.stat", "anon", v1="memory:memory.stat:total_rss"), between(39 * MB, 45 * MB)),
    Row("memory_file", "cache", r.flat("memory.stat", "file", v1="memory:memory.stat:total_cache"), between(20 * MB, 48 * MB),
        abs=2 * MB),
    # Not of "cache": where memory is short the kernel moves tens of MB from one list to the other within milliseconds.
    Row("memory_active_file", "resting", r.flat("memory.stat", "active_file", v1="memory:memory.stat:total_active_file"),
        between(15 * MB, 18 * MB), abs=MB),
    Row("memory_inactive_file", "resting", r.flat("memory.stat", "inactive_file", v1="memory:memory.stat:total_inactive_file"),
        between(15 * MB, 18 * MB), abs=MB),
    Row("memory_shmem", "shm", r.flat("memory.stat", "shmem", v1="memory:memory.stat:total_shmem"), between(16 * MB, 17 * MB)),
    Row("memory_kernel", "pids", r.flat("memory.stat", "kernel", v1="memory:memory.kmem.usage_in_bytes"), at_least(10e3),
        abs=400e3),
    Row("memory_slab_reclaimable", "inodes", r.flat("memory.stat", "slab_reclaimable"), at_least(500e3), only="v2", abs=50e3),
    Row("memory_sock", "sink", r.flat("memory.stat", "sock", v1="memory:memory.kmem.tcp.usage_in_bytes"), at_least(100e3),
        rel=0.2, abs=400e3),
    Row("memory_swap", "swap", r.flat("memory.swap.current", v1="memory:memory.stat:total_swap"), at_least(4 * MB), abs=2 * MB,
        only="swap"),
    Row("memory_dirty", "dirty", r.flat("memory.stat", "file_dirty", v1="memory:memory.stat:total_dirty"), at_least(1),
        abs=8 * MB),
    Row("memory_peak", "cache", r.flat("memory.peak", v1="memory:memory.max_usage_in_bytes"), between(40 * MB, 49 * MB)),
    Row("memory_limit", "anon", r.flat("memory.max", v1="memory:memory.limit_in_bytes"), exactly(128 * MB)),
    Row("memory_effective_limit", "nested", r.effective_memory, exactly(64 * MB)),
    Row("memory_reservation", "anon", r.flat("memory.low", v1="memory:memory.soft_limit_in_bytes"), exactly(64 * MB)),
    Row("memory_high", "high", r.flat("memory.high"), exactly(32 * MB), only="v2"),
    Row("memory_swap_limit", "anon", r.swap_limit, exactly(64 * MB)),
    Row("memory_limit_hits", "cache", r.flat("memory.events", "max", v1="memory:memory.failcnt"), at_least(10)),
    Row("memory_high_hits", "high", r.flat("memory.events", "high"), at_least(5), only="v2"),
    Row("memory_limit_ooms", "oomchild", r.flat("memory.events", "oom"), at_least(2), only="v2"),
    Row("memory_oom_kills", "oomchild", r.flat("memory.events", "oom_kill", v1="memory:memory.oom_control:oom_kill"), at_least(2)),
    Row("memory_major_faults", "cache", r.flat("memory.stat", "pgmajfault", v1="memory:memory.stat:total_pgmajfault"),
        at_least(50)),
    Row("memory_refaults", "cache", r.flat("memory.stat", r.REFAULT_V2, v1="memory:memory.stat:" + r.REFAULT_V1), at_least(50)),
    Row("memory_swap_in", "swap", r.flat("memory.stat", "workingset_refault_anon", r.PAGE,
                                         v1="memory:memory.stat:total_workingset_refault_anon", v1_scale=r.PAGE),
        at_least(MB), only="swap"),
    Row("memory_workingset_activations", "cache",
        r.flat("memory.stat", "workingset_activate_file|workingset_activate",
               v1="memory:memory.stat:total_workingset_activate_file"), at_least(5), only="v2"),
    Row("memory_reclaim_scanned", "cache", r.flat("memory.stat", "pgscan"), at_least(100), only="v2"),
    Row("memory_reclaim_reclaimed", "cache", r.flat("memory.stat", "pgsteal"), at_least(100), only="v2"),
    Row("memory_usage_peak", "anon", r.peak("memory_usage"), between(40 * MB, 60 * MB), rel=0.1, how="peak"),
    # --- network of the namespace, and of eth0
    Row("network_shared", "hostnet", r.known(1), exactly(1)),
    Row("network_tcp_retransmits", "sender", r.snmp("Tcp", "RetransSegs"), at_least(5)),
    Row("network_tcp_segments_sent", "sender", r.snmp("Tcp", "OutSegs"), at_least(100)),
    Row("network_listen_overflows", "listen", r.netstat("TcpExt", "ListenOverflows"), at_least(5)),
    Row("network_listen_drops", "listen", r.netstat("TcpExt", "ListenDrops"), at_least(5)),
    Row("network_receive_bytes", "sink", r.interface(0), at_least(500e3)),
    Row("network_receive_packets", "sink", r.interface(1), at_least(100)),
    Row("network_receive_drops", "idle", r.interface(3), at_least(5)),
    Row("network_transmit_bytes", "sender", r.interface(8), at_least(500e3)),
    Row("network_transmit_packets", "sender", r.interface(9), at_least(100)),
    Row("network_transmit_drops", "datagrams", r.interface(11), at_least(5)),
    # --- pids
    Row("pids", "pids", r.flat("pids.current", v1="pids:pids.current"), exactly(20)),
    Row("pids_limit", "pids", r.flat("pids.max", v1="pids:pids.max"), exactly(20)),
    Row("pids_limit_hits", "pids", r.flat("pids.events", "max", v1="pids:pids.events:max"), at_least(3)),
    Row("threads", "threads", r.most_threads, exactly(21)),
    Row("open_files", "files", r.open_files, between(100, 110)),
    Row("open_files_limit", "files", r.known(256), exactly(256)),
    # --- pressure
    Row("pressure_cpu_some", "spin", r.pressure("cpu", "some"), at_least(2)),
    Row("pressure_cpu_full", "spin", r.pressure("cpu", "full"), at_least(1)),
    Row("pressure_memory_some", "cache", r.pressure("memory", "some"), at_least(0.01)),
    Row("pressure_memory_full", "cache", r.pressure("memory", "full"), at_least(0.01)),
    Row("pressure_io_some", "disk", r.pressure("io", "some"), at_least(2)),
    Row("pressure_io_full", "disk", r.pressure("io", "full"), at_least(2)),
    # Up to 1, by the clock that the kernel takes pressure by; that of an emulated machine goes a little faster than the other.
    Row("pressure_cpu_peak", "spin", r.peak_rate("pressure_cpu_some"), between(0.3, 1.1), rel=0.3, abs=0.1, how="peak"),
    Row("pressure_memory_peak", "cache", r.peak_rate("pressure_memory_some"), between(0.0005, 1.1), rel=0.6, abs=0.1, how="peak"),
    Row("pressure_io_peak", "disk", r.peak_rate("pressure_io_some"), between(0.3, 1.1), rel=0.3, abs=0.1, how="peak"),
    # --- life
    Row("state_created", "created", r.state("created"), exactly(1)),
    Row("state_running", "idle", r.state("running"), exactly(1)),
    Row("state_paused", "paused", r.state("paused"), exactly(1)),
    Row("state_restarting", "restarting", r.state("restarting"), exactly(1)),
    Row("state_exited", "exited", r.state("exited"), exactly(1)),
    Row("start_time", "idle", r.started, at_least(1.5e9), rel=0, abs=1.5),
    Row("created_time", "created", r.created, at_least(1.5e9), rel=0, abs=1.5),
    Row("startup", "healthy", r.startup, between(0.5, 60), abs=2),
    Row("restarts", "restarting", r.inspected(lambda i: i["RestartCount"]), at_least(2)),
    Row("exit_code", "failed", r.ended(lambda i: i["State"]["ExitCode"]), exactly(7)),
    Row("oom_killed", "oomtold", r.ended(lambda i: i["State"]["OOMKilled"]), exactly(1)),
    Row("health_healthy", "healthy", r.health("healthy"), exactly(1)),
    Row("health_unhealthy", "unhealthy", r.health("unhealthy"), exactly(1)),
    Row("health_starting", "starting", r.health("starting"), exactly(1)),
    Row("stop_expected", "stopped", r.known(1), exactly(1)),
    # --- events and changes: what the scenario did is the reference
    Row("oom_events", "oomed", r.known(1), exactly(1)),
    Row("starts", "changed", r.known(2), exactly(2)),
    Row("exits_completed", "exited", r.known(1), exactly(1)),
    Row("exits_error", "failed", r.known(1), exactly(1)),
    Row("exits_oom", "oomed", r.known(1), exactly(1)),
    Row("exits_killed", "killed", r.known(1), exactly(1)),
    Row("exits_stopped", "stopped", r.known(1), exactly(1)),
    Row("exits_unknown", "vanishing", r.known(1), exactly(1)),
    Row("image_changed", "changed", r.mark("image_changed"), present(), rel=0, abs=15),
    Row("limits_changed", "changed", r.mark("limits_changed"), present(), rel=0, abs=20),
    # --- io of the disk below the engine's data
    Row("io_read_bytes", "disk", r.io("rbytes"), at_least(4 * MB)),
    Row("io_written_bytes", "disk", r.io("wbytes"), at_least(4 * MB)),
    Row("io_reads", "disk", r.io("rios"), at_least(50)),
    Row("io_writes", "disk", r.io("wios"), at_least(50)),
    Row("io_read_bytes_limit", "disk", r.io_limit("rbps"), exactly(4 * MB)),
    Row("io_written_bytes_limit", "disk", r.io_limit("wbps"), exactly(4 * MB)),
    Row("io_reads_limit", "disk", r.io_limit("riops"), exactly(200)),
    Row("io_writes_limit", "disk", r.io_limit("wiops"), exactly(200)),
    # --- host
    Row("host_cpus", "host", lambda _: r.host.online_cpus(), at_least(1)),
    Row("host_cpu_busy", "host", r.cpu_busy, at_least(1), abs=0.5),
    Row("host_cpu_steal", "host", r.cpu_steal, at_least(0), abs=0.5),
    Row("host_memory_total", "host", lambda _: r.host.meminfo("MemTotal"), at_least(100 * MB)),
    Row("host_memory_available", "host", lambda _: r.host.meminfo("MemAvailable"), at_least(10 * MB), abs=200 * MB),
    Row("host_swap_total", "host", lambda _: r.host.meminfo("SwapTotal"), at_least(1), only="swap"),
    Row("host_pressure_cpu_some", "host", r.host_pressure("cpu", "some"), at_least(0.1)),
    Row("host_pressure_memory_some", "host", r.host_pressure("memory", "some"), at_least(0.001)),
    Row("host_pressure_io_some", "host", r.host_pressure("io", "some"), at_least(0.1)),
    Row("host_pressure_memory_full", "host", r.host_pressure("memory", "full"), at_least(0.001)),
    Row("host_pressure_io_full", "host", r.host_pressure("io", "full"), at_least(0.1)),
    Row("host_conntrack_entries", "host", r.proc_number("sys/net/netfilter/nf_conntrack_count"), at_least(1), abs=100, swings=True),
    Row("host_conntrack_limit", "host", r.proc_number("sys/net/netfilter/nf_conntrack_max"), at_least(1)),
    Row("host_device_busy", "host", r.device_busy, at_least(0.1), abs=0.3),
]
ROWS = {row.id: row for row in TABLE}

# Rows that nothing here drives, or only sometimes. The tests print them.
EXCEPTIONS = {
    "state_dead": "the engine shows it only after a removal that failed",
    "network_receive_errors": "a virtual Ethernet pair has no receive errors",
    "network_transmit_errors": "a virtual Ethernet pair has no transmit errors",
    "pressure_irq_full": "needs a kernel that accounts interrupt time; where it does, the value hangs on the hardware",
    "host_pressure_irq_full": "needs a kernel that accounts interrupt time; where it does, the value hangs on the hardware",
    "storage_writable_layer": "needs an engine on XFS with project quotas; the walk has a test of its own",
    "storage_writable_layer_limit": "needs an engine on XFS with project quotas",
}


def not_here(row, v2, swap):
    """Why a row of the table cannot be driven on this host; None when it can."""
    if row.only == "v2" and not v2:
        return "cgroup v1 has no such number"
    if row.only == "v1" and v2:
        return "only on cgroup v1"
    if row.only == "swap" and not swap:
        return "no swap on this host; driven in the guest"
    # Network files are those of a namespace, whatever the cgroups are.
    if KERNEL_ONLY and (row.id.startswith("network_") or (row.subject in SUBJECT and SUBJECT[row.subject].any_host)):
        return "the same on every kernel: driven on the host"
    return None
