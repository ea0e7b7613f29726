// Two containers, two versions of an image, now against then: difference in per cent, and whether it is more than noise.
import { COLOR, VERDICTS, fixed } from './style.js';
import { blocks, labelled, onHosts, of } from './promql.js';
import { series } from './panels.js';
import { signed, table, words } from './tables.js';
import { compose } from './layout.js';
import { choice, fixedChoice } from './variables.js';

/** @typedef {(metric: string, more?: string) => string} Select */

/** @type {Select} */
const first = of;
/** @type {Select} */
const second = (metric, more) => `${metric}{cluster=~"$cluster", job=~"$job", instance=~"$other_instance", name=~"$other"${more ? `, ${more}` : ''}}`;

/** What is compared: a name with its unit, and the expression of one 10-minute block. @type {[string, (of: Select) => string][]} */
const WHAT = [
  ['Score', (s) => `max(avg_over_time(${s('bottleneck_overall_score')}[10m]))`],
  ['Time lost, share', (s) => `max(rate(${s('bottleneck_held_back_seconds_total')}[10m])) / max(rate(${s('bottleneck_observed_seconds_total')}[10m]) > 0)`],
  ['CPU, cores', (s) => `max(rate(${s('bottleneck_container_cpu_usage_seconds_total')}[10m]))`],
  ['Throttled, share', (s) => `max(rate(${s('bottleneck_container_cpu_throttled_periods_total')}[10m])) / max(rate(${s('bottleneck_container_cpu_periods_total')}[10m]) > 0)`],
  ['CPU wait, share', (s) => `max(rate(${s('bottleneck_container_pressure_waiting_seconds_total', 'resource="cpu"')}[10m]))`],
  ['Memory, bytes', (s) => `max(avg_over_time(${s('bottleneck_container_memory_unreclaimable_bytes')}[10m]))`],
  ['Memory wait, share', (s) => `max(rate(${s('bottleneck_container_pressure_waiting_seconds_total', 'resource="memory"')}[10m]))`],
  ['Disk, bytes/s', (s) => `sum(rate(${s('bottleneck_container_io_read_bytes_total')}[10m])) + sum(rate(${s('bottleneck_container_io_written_bytes_total')}[10m]))`],
  ['Disk wait, share', (s) => `max(rate(${s('bottleneck_container_pressure_waiting_seconds_total', 'resource="io"')}[10m]))`],
  ['Network, bytes/s', (s) => `sum(rate(${s('bottleneck_container_network_receive_bytes_total')}[10m])) + sum(rate(${s('bottleneck_container_network_transmit_bytes_total')}[10m]))`],
];

/** The same per container of an image, from recorded series. @type {(version: string) => [string, string][]} */
const OF_IMAGE = (version) => {
  const s = (/** @type {string} */ metric, more = '') => `${metric}{cluster=~"$cluster", image="$image", version="$${version}"${more}}`;
  return [
    ['Score, median', `max(${s('image:bottleneck_overall_score:median')})`],
    ['Time lost, share', `sum(${s('image_resource:bottleneck_held_back_seconds:sum_rate5m')}) / sum(${s('image:bottleneck_observed_seconds:sum_rate5m')} > 0)`],
    ['CPU each, cores', `sum(${s('image:bottleneck_container_cpu_usage_seconds:sum_rate5m')}) / sum(${s('image:bottleneck_containers:count')})`],
    ['Memory each, bytes', `sum(${s('image:bottleneck_container_memory_unreclaimable_bytes:sum')}) / sum(${s('image:bottleneck_containers:count')})`],
    ['Containers', `sum(${s('image:bottleneck_containers:count')})`],
  ];
};

const either = (/** @type {string[]} */ list) => list.join(' or ');
/** @typedef {{ what: string, a: (q: number) => string, b: (q: number) => string }} Pair */

/** @param {Pair[]} pairs */
function columnsOf(pairs) {
  const each = (/** @type {(pair: Pair) => string} */ say) => either(pairs.map((pair) => labelled(say(pair), 'what', pair.what)));
  return [
    { expr: each((pair) => pair.a(0.5)) },
    { expr: each((pair) => pair.b(0.5)) },
    { expr: each((pair) => `${pair.b(0.5)} / (${pair.a(0.5)} > 0) - 1`) },
    // Half the width of the wider band, relative to the median: what chance alone makes. Ten times a median near 0 says nothing.
    { expr: each((pair) => `((${pair.a(0.95)} - ${pair.a(0.05)}) >= (${pair.b(0.95)} - ${pair.b(0.05)}) or (${pair.b(0.95)} - ${pair.b(0.05)})) / 2 / (${pair.a(0.5)} > 0) < 10`) },
    { expr: each((pair) => `(${pair.b(0.05)} > bool ${pair.a(0.95)}) - (${pair.b(0.95)} < bool ${pair.a(0.05)})`) },
  ];
}

/** @param {string} title @param {string} description @param {string} a @param {string} b @param {Pair[]} pairs @param {string} noValue */
const comparison = (title, description, a, b, pairs, noValue) => table({
  title, unit: 'short', noValue,
  description: `${description} Medians of 10-minute blocks. Noise: half the distance from the 5 % to the 95 % block, of the wider side. The verdict is "within noise" where these bands overlap; the command compare gives verdicts with significance.`,
  queries: columnsOf(pairs),
  columns: [
    { field: 'what', title: 'What' },
    { field: 'A', title: a, width: 88, decimals: 2, unit: 'short' }, { field: 'B', title: b, width: 88, decimals: 2, unit: 'short' },
    { field: 'C', title: 'Difference', width: 85, unit: 'percentunit', decimals: 0, more: signed(0.05) },
    { field: 'D', title: 'Noise ±', width: 70, unit: 'percentunit', decimals: 0 },
    { field: 'E', title: 'Verdict', width: 98, more: words(VERDICTS) },
  ],
});

const two = comparison('Two containers', 'The second against the first.', 'First', 'Second',
  WHAT.map(([what, say]) => ({ what, a: (q) => blocks(q, say(first)), b: (q) => blocks(q, say(second)) })), 'Choose two containers.');

const then = comparison('Now against then', 'The first container in the chosen range, against the same range $past earlier.', 'Then', 'Now',
  WHAT.map(([what, say]) => ({ what, a: (q) => blocks(q, say(first), '$past'), b: (q) => blocks(q, say(first)) })), 'Nothing is known of that time.');

const images = comparison('Two versions of an image', 'All containers of the image, the new version against the old.', 'Old', 'New',
  OF_IMAGE('old').map(([what, old], index) => ({
    what, a: (q) => blocks(q, old), b: (q) => blocks(q, OF_IMAGE('new')[index][1]) })), 'Choose two versions that ran within the range.');

/** @param {string} title @param {string} unit @param {(of: Select, past: string) => string} say @param {string} description */
const overlay = (title, unit, say, description) => series({
  title, unit, description, min: 0,
  queries: [
    { expr: say(first, ''), legend: 'first' },
    { expr: say(second, ''), legend: 'second' },
    { expr: say(first, ' offset $past'), legend: 'first, $past earlier' },
  ],
  overrides: [['first', fixed('blue')], ['second', fixed('orange')],
    ['first, .*', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }, { id: 'custom.fillOpacity', value: 0 }, ...fixed(COLOR.past)]]],
});

const graphs = [
  overlay('Score', 'none', (s, past) => `max(${s('bottleneck_overall_score')}${past})`, 'The worst of the resources of each.'),
  overlay('CPU, cores', 'none', (s, past) => `max(rate(${s('bottleneck_container_cpu_usage_seconds_total')}[$__rate_interval]${past}))`, 'CPU use of each.'),
  overlay('Memory', 'bytes', (s, past) => `max(${s('bottleneck_container_memory_unreclaimable_bytes')}${past})`, 'Unreclaimable memory of each.'),
];

const perVersion = (/** @type {string} */ title, /** @type {string} */ unit, /** @type {string} */ metric, /** @type {string} */ description) => series({
  title, unit, description,
  queries: [{ expr: `sum by (version) (${metric}{cluster=~"$cluster", image="$image"}) / sum by (version) (image:bottleneck_containers:count{cluster=~"$cluster", image="$image"})`, legend: '{{version}}' }],
  noValue: 'Choose an image.',
});

const ofImage = (/** @type {string} */ label) => `label_values(image:bottleneck_containers:count{cluster=~"$cluster", image="$image"}, ${label})`;
const NAMES = 'label_values(bottleneck_observed_seconds_total{cluster=~"$cluster", job=~"$job", instance=~"$other_instance"}, name)';

export const compare = () => compose({
  key: 'compare', title: 'Compare', from: 'now-6h', names: 'one',
  description: 'Two containers, two versions of an image, or now against then: the difference in per cent, and whether it is more than noise.',
  variables: [
    choice('other_instance', 'Second instance', `label_values(${onHosts('bottleneck_exporter_build_info').replace(', instance=~"$instance"', '')}, instance)`, { many: true, all: '.+' }),
    choice('other', 'Second container', NAMES),
    fixedChoice('past', 'Earlier by', ['1d', '1h', '6h', '1w', '4w']),
    choice('image', 'Image', 'label_values(image:bottleneck_containers:count{cluster=~"$cluster"}, image)'),
    choice('old', 'Old version', ofImage('version')),
    choice('new', 'New version', ofImage('version')).sort(6),
  ],
  rows: [
    { title: 'Two containers, and now against then', height: 12, panels: [[12, two], [12, then]] },
    { height: 8, panels: graphs.map((panel) => /** @type {[number, any]} */ ([8, panel])) },
    { title: 'Two versions of an image', height: 9, panels: [[12, images],
      [6, perVersion('CPU a container, by version', 'none', 'image:bottleneck_container_cpu_usage_seconds:sum_rate5m', 'Cores a container, by version of the image.')],
      [6, perVersion('Memory, by version', 'bytes', 'image:bottleneck_container_memory_unreclaimable_bytes:sum', 'Unreclaimable memory a container, by version of the image.')]] },
  ],
});
