// Every group of raw numbers of one container, each beside its limit.
import { fixed, LIMIT_LINE, PEAK_LINE, RESOURCE_COLORS, RIGHT_LINE } from './style.js';
import { of, rate } from './promql.js';
import { series, stat } from './panels.js';

const LIMIT = '(effective )?limit.*';
const most = (/** @type {string} */ expr) => `max(${expr})`;
const gauge = (/** @type {string} */ metric, /** @type {string} */ legend) => ({ expr: most(of(metric)), legend });
const perSecond = (/** @type {string} */ metric, /** @type {string} */ legend) => ({ expr: most(rate(of(metric))), legend });
const negative = [{ id: 'custom.transform', value: 'negative-Y' }];

const cpu = series({
  title: 'CPU use beside its limit', unit: 'none', decimals: 2,
  description: 'Cores. The limit is the effective one: the least of quota, cpuset and host over all ancestors. The peak is the largest second of each minute: a mean hides it. Right size: what is recommended.',
  queries: [
    perSecond('bottleneck_container_cpu_usage_seconds_total', 'use'),
    gauge('bottleneck_container_cpu_usage_peak_cores', 'peak of 1 s'),
    gauge('bottleneck_container_cpu_effective_limit_cores', 'limit'),
    gauge('bottleneck_recommended_cpu_cores', 'right size'),
  ],
  overrides: [[LIMIT, LIMIT_LINE], ['right size', RIGHT_LINE], ['peak.*', PEAK_LINE], ['use', fixed(RESOURCE_COLORS.cpu)]],
});

const throttling = series({
  title: 'Held by the CPU limit', unit: 'percentunit', max: 1,
  description: 'Share of the quota\'s periods in which it was throttled, and the share of wanted CPU time that the quota took in the worst second of each minute.',
  queries: [
    { expr: `${most(rate(of('bottleneck_container_cpu_throttled_periods_total')))} / ${most(`${rate(of('bottleneck_container_cpu_periods_total'))} > 0`)}`, legend: 'throttled periods' },
    gauge('bottleneck_container_cpu_throttled_peak_ratio', 'peak of 1 s'),
  ],
  overrides: [['peak.*', PEAK_LINE]], noValue: 'No quota.',
});

// That all tasks wait for a CPU says no more than that one does; only the profile `full` has it.
const ALL_WAIT = /** @type {Record<string, boolean>} */ ({ cpu: false, memory: true, io: true });

const pressure = (/** @type {string} */ resource, /** @type {string} */ title) => series({
  title, unit: 'percentunit', max: 1,
  description: `Share of time in which a task waited for ${resource} (some)${ALL_WAIT[resource] ? ', in which all tasks did (all)' : ''}, and the worst second of each minute.`,
  queries: [
    { expr: most(rate(of('bottleneck_container_pressure_waiting_seconds_total', `resource="${resource}"`))), legend: 'some task waits' },
    ...(ALL_WAIT[resource] ? [{ expr: most(rate(of('bottleneck_container_pressure_stalled_seconds_total', `resource="${resource}"`))), legend: 'all tasks wait' }] : []),
    { expr: most(of('bottleneck_container_pressure_waiting_peak_ratio', `resource="${resource}"`)), legend: 'peak of 1 s' },
  ],
  overrides: [['peak.*', PEAK_LINE], ['all.*', fixed('red')], ['some.*', fixed(RESOURCE_COLORS[/** @type {'cpu'} */ (resource)])]],
  noValue: 'The kernel gives no pressure.',
});

const memory = series({
  title: 'Memory beside its limit', unit: 'bytes',
  description: 'Unreclaimable memory is what counts against the limit for good; usage includes page cache, which always fills to the limit and harms nobody.',
  queries: [
    gauge('bottleneck_container_memory_unreclaimable_bytes', 'unreclaimable'),
    gauge('bottleneck_container_memory_usage_bytes', 'with page cache'),
    gauge('bottleneck_container_memory_effective_limit_bytes', 'limit'),
    gauge('bottleneck_recommended_memory_bytes', 'right size'),
    gauge('bottleneck_container_memory_swap_bytes', 'swap'),
  ],
  overrides: [[LIMIT, LIMIT_LINE], ['right size', RIGHT_LINE], ['unreclaimable', fixed(RESOURCE_COLORS.memory)], ['with.*', fixed('super-light-purple')]],
});

const memoryEvents = series({
  title: 'Memory that is short', unit: 'cps',
  description: 'Pages read back that were just dropped (refaults) and faults that wait for the disk: both say that memory is too small. Limit hits alone say nothing: page cache causes them.',
  queries: [
    perSecond('bottleneck_container_memory_refaults_total', 'refaults'),
    perSecond('bottleneck_container_memory_major_faults_total', 'major faults'),
    perSecond('bottleneck_container_memory_limit_hits_total', 'limit hits'),
  ],
});

const disk = series({
  title: 'Disk: bytes beside the limit', unit: 'Bps',
  description: 'Read above, written below zero, by device; dashed: a limit, where one is set.',
  queries: [
    { expr: `sum by (device) (${rate(of('bottleneck_container_io_read_bytes_total'))})`, legend: 'read {{device}}' },
    { expr: `sum by (device) (${rate(of('bottleneck_container_io_written_bytes_total'))})`, legend: 'written {{device}}' },
    { expr: `max by (device) (${of('bottleneck_container_io_read_bytes_limit')})`, legend: 'limit, read {{device}}' },
    { expr: `max by (device) (${of('bottleneck_container_io_written_bytes_limit')})`, legend: 'limit, written {{device}}' },
  ],
  overrides: [[LIMIT, LIMIT_LINE], ['.*written.*', negative]],
});

const requests = series({
  title: 'Disk: requests', unit: 'iops', description: 'Read requests above, write requests below zero, by device.',
  queries: [
    { expr: `sum by (device) (${rate(of('bottleneck_container_io_reads_total'))})`, legend: 'read {{device}}' },
    { expr: `sum by (device) (${rate(of('bottleneck_container_io_writes_total'))})`, legend: 'written {{device}}' },
  ],
  overrides: [['written.*', negative]],
});

const network = series({
  title: 'Network', unit: 'Bps', description: 'Received above, sent below zero, by interface. Containers that share a network are counted once, with the one that owns it.',
  queries: [
    { expr: `sum by (interface) (${rate(of('bottleneck_container_network_receive_bytes_total'))})`, legend: 'received {{interface}}' },
    { expr: `sum by (interface) (${rate(of('bottleneck_container_network_transmit_bytes_total'))})`, legend: 'sent {{interface}}' },
  ],
  overrides: [['sent.*', negative]], noValue: 'Shares another network.',
});

const losses = series({
  title: 'Network: what is lost', unit: 'cps', description: 'Dropped packets, TCP segments sent again, connections refused by a full accept queue.',
  queries: [
    { expr: `sum(${rate(of('bottleneck_container_network_receive_drops_total'))})`, legend: 'dropped in' },
    { expr: `sum(${rate(of('bottleneck_container_network_transmit_drops_total'))})`, legend: 'dropped out' },
    perSecond('bottleneck_container_network_tcp_retransmits_total', 'sent again'),
    perSecond('bottleneck_container_network_listen_overflows_total', 'refused'),
  ],
  noValue: 'Shares another network.',
});

const share = (/** @type {string} */ used, /** @type {string} */ limit, /** @type {string} */ legend) =>
  ({ expr: `${most(of(used))} / ${most(`${of(limit)} > 0`)}`, legend });

const tasks = series({
  title: 'Tasks, files and their limits', unit: 'percentunit', max: 1,
  description: 'Tasks of the pids limit and open files of the process nearest to its limit, each as share of the limit.',
  queries: [
    share('bottleneck_container_pids', 'bottleneck_container_pids_limit', 'tasks / limit'),
    share('bottleneck_container_open_files', 'bottleneck_container_open_files_limit', 'open files / limit'),
  ],
  noValue: 'No limits.',
});

const life = series({
  title: 'Starts and ends', unit: 'short', decimals: 0, bars: true, stacked: true,
  description: 'Starts, and ends by reason, counted by the exporter under this name: a new container with the same name continues the count.',
  queries: [
    { expr: `round(sum(increase(${of('bottleneck_container_starts_total')}[$__rate_interval])))`, legend: 'start' },
    { expr: `round(sum by (reason) (increase(${of('bottleneck_container_exits_total')}[$__rate_interval])))`, legend: 'end: {{reason}}' },
  ],
});

const forecast = [
  stat({ title: 'Memory growth', unit: 'Bps', decimals: 1, noValue: 'no growth', description: 'Steady growth of memory; absent while it does not grow steadily for ten minutes.',
    queries: [{ expr: most(of('bottleneck_memory_growth_bytes_per_second')) }] }),
  stat({ title: 'Limit reached', unit: 's', decimals: 1, noValue: 'not in sight', description: 'In what time memory reaches its limit if it goes on growing like this.',
    queries: [{ expr: `${most(of('bottleneck_memory_limit_forecast_timestamp_seconds'))} - time()` }] }),
];

const neighbours = series({
  title: 'Noisy neighbours', unit: 'percentunit', max: 1, description: 'How closely its waiting follows what a neighbour takes: the suspects, by resource.',
  queries: [{ expr: `max by (suspect, resource) (${of('bottleneck_noisy_neighbour')})`, legend: '{{suspect}} ({{resource}})' }],
  noValue: 'None is suspected.',
});

export const rawRows = () => [
  { title: 'CPU', height: 8, panels: /** @type {any} */ ([[10, cpu], [7, throttling], [7, pressure('cpu', 'Waiting for a CPU')]]) },
  { title: 'Memory', height: 8, panels: /** @type {any} */ ([[10, memory], [7, memoryEvents], [7, pressure('memory', 'Waiting for memory')]]) },
  { title: 'Disk', height: 8, panels: /** @type {any} */ ([[10, disk], [7, requests], [7, pressure('io', 'Waiting for the disk')]]) },
  { title: 'Network, tasks, life', height: 8, panels: /** @type {any} */ ([[8, network], [8, losses], [8, tasks]]) },
  { height: 7, panels: /** @type {any} */ ([[8, life], [8, neighbours], [4, forecast[0]], [4, forecast[1]]]) },
];
