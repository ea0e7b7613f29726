// The exporter itself: cost, latency, errors, caps.
import { COLOR, LIMIT_LINE, atLeast, fromOn } from './style.js';
import { onHosts, rate } from './promql.js';
import { series, stat } from './panels.js';
import { WRAP, table, words } from './tables.js';
import { compose } from './layout.js';

const EACH = 'cluster, job, instance';
const ours = onHosts('bottleneck_exporter_build_info');
// process_* and scrape_* exist for every job: only those of our exporters are meant.
const own = (/** @type {string} */ metric) => `(${onHosts(metric)} and on (${EACH}) ${ours})`;
const ownRate = (/** @type {string} */ metric) => `(${rate(onHosts(metric))} and on (${EACH}) ${ours})`;
const HOST = '{{instance}}';

const numbers = [
  stat({ title: 'Up', description: 'Exporters that answer, of all that are known.', unit: 'percentunit', decimals: 0, steps: atLeast(1),
    queries: [{ expr: `avg(${onHosts('instance:bottleneck_exporter_up:max')})` }] }),
  stat({ title: 'CPU, most', description: 'CPU of the costliest exporter, in cores.', unit: 'none', decimals: 3, graph: true,
    queries: [{ expr: `max(${ownRate('process_cpu_seconds_total')})` }] }),
  stat({ title: 'RAM, most', description: 'Resident memory of the largest exporter.', unit: 'bytes', decimals: 1, graph: true,
    queries: [{ expr: `max(${own('process_resident_memory_bytes')})` }] }),
  stat({ title: 'Budget', description: 'CPU use over the exporter\'s own budget. Above 1 it samples less often until it fits.', unit: 'percentunit', decimals: 0, steps: fromOn(1),
    queries: [{ expr: `max(${onHosts('bottleneck_exporter_cpu_budget_ratio')})` }] }),
  stat({ title: 'Scrape', description: 'The slowest scrape as Prometheus measured it.', unit: 's', decimals: 3, steps: fromOn(1), graph: true,
    queries: [{ expr: `max(${own('scrape_duration_seconds')})` }] }),
  stat({ title: 'Series', description: 'Series of all chosen exporters.', unit: 'short', decimals: 1, queries: [{ expr: `sum(${onHosts('bottleneck_exporter_series')})` }] }),
  stat({ title: 'Left out', description: 'Containers left out by a cap. Raise the cap, or leave out what is not wanted.', unit: 'short', decimals: 0, steps: fromOn(1, COLOR.medium),
    queries: [{ expr: `sum(${onHosts('bottleneck_exporter_containers_dropped')})` }], noValue: '0' }),
  stat({ title: 'Errors', description: 'Reads that failed within the chosen range.', unit: 'short', decimals: 0, steps: fromOn(100, COLOR.medium),
    queries: [{ expr: `sum(increase(${onHosts('bottleneck_exporter_read_errors_total')}[$__range]))`, instant: true }] }),
];

const cpu = series({ title: 'CPU', unit: 'none', decimals: 3, description: 'Cores that each exporter uses.',
  queries: [{ expr: `max by (instance) (${ownRate('process_cpu_seconds_total')})`, legend: HOST }] });
const memory = series({ title: 'Memory', unit: 'bytes', description: 'Resident memory of each exporter.',
  queries: [{ expr: `max by (instance) (${own('process_resident_memory_bytes')})`, legend: HOST }] });
const budget = series({ title: 'CPU budget', unit: 'percentunit', description: 'Use over the budget; at the dashed line it is spent.',
  queries: [{ expr: `max by (instance) (${onHosts('bottleneck_exporter_cpu_budget_ratio')})`, legend: HOST }, { expr: `count(${ours}) > bool 0`, legend: 'limit' }],
  overrides: [['limit', LIMIT_LINE]] });

const scrape = series({ title: 'Scrape duration', unit: 's', description: 'As measured by Prometheus, the network included.',
  queries: [{ expr: `max by (instance) (${own('scrape_duration_seconds')})`, legend: HOST }] });
const passes = series({ title: 'Slowest collectors', unit: 's', description: 'Duration of the last full pass, the slowest host, by collector.',
  queries: [{ expr: `max by (collector) (${onHosts('bottleneck_exporter_collector_duration_seconds')})`, legend: '{{collector}}' }] });
const engine = series({ title: 'Container engine', unit: 's', description: 'The 95th percentile of requests to the engine, by endpoint: never on the way of a scrape.',
  queries: [{ expr: `histogram_quantile(0.95, sum by (le, endpoint) (${rate(onHosts('bottleneck_exporter_docker_api_request_duration_seconds_bucket'))}))`, legend: '{{endpoint}}' }],
  noValue: 'No engine is asked.' });
const workers = series({ title: 'Busy threads', unit: 'percentunit', description: 'Share of its time that each kind of thread works, the busiest host.',
  queries: [{ expr: `max by (worker) (${rate(onHosts('bottleneck_exporter_worker_busy_seconds_total'))})`, legend: '{{worker}}' }] });

const errors = series({ title: 'Reads that failed', unit: 'cps', description: 'Reads that failed, by collector and reason. A denied read needs a mount or a right: self-test says which.',
  queries: [{ expr: `sum by (collector, reason) (${rate(onHosts('bottleneck_exporter_read_errors_total'))}) > 0`, legend: '{{collector}}: {{reason}}' }],
  noValue: 'No errors.' });
const requests = series({ title: 'Requests', unit: 'reqps', description: 'Requests answered, by code.',
  queries: [{ expr: `sum by (code) (${rate(onHosts('bottleneck_exporter_http_requests_total'))})`, legend: '{{code}}' }] });
const skipped = series({ title: 'Pulse', unit: 's', description: 'Interval of the pulse now in force: longer than configured when the CPU budget is spent.',
  queries: [{ expr: `max by (instance) (${onHosts('bottleneck_exporter_sampling_interval_seconds')})`, legend: HOST }] });
const ticks = series({ title: 'Pulses left out', unit: 'cps', description: 'Pulses that were left out because the last one was late: the host gives the exporter too little CPU.',
  queries: [{ expr: `max by (instance) (${rate(onHosts('bottleneck_exporter_ticks_skipped_total'))})`, legend: HOST }] });
const cut = series({ title: 'Left out by caps', unit: 'short', description: 'Containers left out, by reason, and series dropped from scrapes each second.',
  queries: [{ expr: `sum by (reason) (${onHosts('bottleneck_exporter_containers_dropped')})`, legend: 'containers: {{reason}}' },
    { expr: `sum(${rate(onHosts('bottleneck_exporter_series_dropped_total'))})`, legend: 'series a second' }] });

const failing = table({
  title: 'Collectors that fail or are not supported', unit: 'short',
  description: 'Fails: something was denied, malformed or late in the last pass. Not supported: kernel or mounts do not offer it, and its numbers are absent, never 0.',
  queries: [
    { expr: `max by (${EACH}, collector) (${onHosts('bottleneck_exporter_collector_success')}) and on (${EACH}, collector) (${onHosts('bottleneck_exporter_collector_success')} == 0 or ${onHosts('bottleneck_exporter_collector_supported')} == 0)` },
    { expr: `max by (${EACH}, collector) (${onHosts('bottleneck_exporter_collector_supported')}) and on (${EACH}, collector) (${onHosts('bottleneck_exporter_collector_success')} == 0 or ${onHosts('bottleneck_exporter_collector_supported')} == 0)` },
  ],
  columns: [
    { field: 'instance', title: 'Host' }, { field: 'collector', title: 'Collector' },
    { field: 'A', title: 'Last pass', width: 100, more: words({ 0: ['fails', 'red'], 1: ['fine', 'green'] }) },
    { field: 'B', title: 'Supported', width: 100, more: words({ 0: ['no', 'yellow'], 1: ['yes', 'green'] }) },
  ],
  sort: 'Host', ascending: true, noValue: 'All collectors work.',
});

const hosts = table({
  title: 'Exporters', unit: 'short',
  description: 'Version and host of each exporter, what it watches, and whether its configuration is in force.',
  queries: [
    { expr: `max by (${EACH}, version) (${ours})` },
    { expr: `max by (${EACH}, engine_version, kernel, cgroup_version) (${onHosts('bottleneck_host_info')})` },
    { expr: `max by (${EACH}) (${onHosts('bottleneck_exporter_containers')})` },
    { expr: `max by (${EACH}) (${onHosts('bottleneck_exporter_series')})` },
    { expr: `max by (${EACH}) (${onHosts('bottleneck_exporter_config_last_reload_successful')})` },
  ],
  columns: [
    { field: 'instance', title: 'Host' }, { field: 'version', title: 'Version', width: 90 }, { field: 'kernel', title: 'Kernel', more: WRAP },
    { field: 'cgroup_version', title: 'cgroup', width: 75 }, { field: 'engine_version', title: 'Engine', width: 90 },
    { field: 'C', title: 'Containers', width: 95, decimals: 0 }, { field: 'D', title: 'Series', width: 80, decimals: 0 },
    { field: 'E', title: 'Config', width: 80, more: words({ 0: ['refused', 'red'], 1: ['loaded', 'green'] }) },
  ],
  sort: 'Host', ascending: true,
});

export const exporter = () => compose({
  key: 'exporter', title: 'Exporter', from: 'now-6h', marks: false,
  description: 'What the exporter itself costs, how fast it answers, what it could not read, and what its caps left out.',
  rows: [
    { height: 4, panels: numbers.map((panel) => /** @type {[number, any]} */ ([3, panel])) },
    { title: 'Cost', height: 7, panels: [[8, cpu], [8, memory], [8, budget]] },
    { title: 'Latency', height: 7, panels: [[6, scrape], [6, passes], [6, engine], [6, workers]] },
    { title: 'Errors and caps', height: 7, panels: [[8, errors], [8, cut], [8, ticks]] },
    { height: 8, panels: [[14, hosts], [10, failing]] },
    { height: 6, panels: [[12, requests], [12, skipped]] },
  ],
});
