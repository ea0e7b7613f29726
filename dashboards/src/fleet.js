// Which container on which host is held back most, by what, is it getting worse, and what to do first.
import { COLOR, CAUSES, RESOURCE_COLORS, SEVERITIES, atLeast, bands, fixed, fromOn } from './style.js';
import { ID, firstOf, heldAndObserved, onHosts, perName, shareLost, withService, withTitle } from './promql.js';
import { heat, series, stat } from './panels.js';
import { BANDED, SCORE, SEVERITY_WORDS, WRAP, link, table, words } from './tables.js';
import { compose, to, toRow, toSeries } from './layout.js';

const SCORE_NOW = perName(onHosts('bottleneck_overall_score'));
const WORST = `topk(30, ${SCORE_NOW})`;
const [HELD, JUDGED] = heldAndObserved(onHosts);
/** 0 where something is known; recorded, as what the numbers on top show: raw scores of a large fleet over hours are 10 million samples. */
const NONE = `0 * sum(${onHosts('instance:bottleneck_containers:count')})`;
/** Nothing held back is 0, nothing known is nothing. */
const lostBy = (past = '') => `(sum(${HELD}${past}) or 0 * sum(${JUDGED}${past})) / sum(${JUDGED}${past})`;
const ofWorst = (/** @type {string} */ expr) => `(${expr}) and on (${ID}) ${WORST}`;

const numbers = [
  stat({ title: 'Containers', description: 'Running containers on the chosen hosts.', unit: 'short', decimals: 0,
    queries: [{ expr: `sum(${onHosts('instance:bottleneck_containers:count')})` }] }),
  stat({ title: 'Held back', description: 'Containers whose score is medium or above (0.5): they lose time now. The table below says which.',
    unit: 'short', decimals: 0, steps: fromOn(1, COLOR.medium), graph: true,
    queries: [{ expr: `sum(${onHosts('instance:bottleneck_containers_held_back:count')}) or ${NONE}` }] }),
  stat({ title: 'Worst', description: 'The highest score of any container: 0 nothing is lost, 1 all time is lost.', unit: 'none', decimals: 2,
    steps: bands(), min: 0, max: 1, graph: true, queries: [{ expr: `max(${onHosts('instance:bottleneck_overall_score:max')})` }] }),
  stat({ title: 'Time lost', description: 'Share of all observed container time that some resource takes now, over five minutes; a container held back by two resources counts twice.',
    unit: 'percentunit', decimals: 1, steps: fromOn(0.25, COLOR.medium), graph: true,
    queries: [{ expr: lostBy() }] }),
  stat({ title: 'Urgent', description: 'Open recommendations of severity high or critical.', unit: 'short', decimals: 0, steps: fromOn(1, COLOR.high),
    queries: [{ expr: `sum(${onHosts('instance_severity:bottleneck_recommendations_open:count', 'severity=~"3|4"')}) or ${NONE}` }] }),
  stat({ title: 'Exporters', description: 'Share of the known exporters that answer. A silent host has no scores: nothing is known of it.',
    unit: 'percentunit', decimals: 0, steps: atLeast(1), queries: [{ expr: `avg(${onHosts('instance:bottleneck_exporter_up:max')})` }] }),
  stat({ title: 'CPU spare', description: 'Cores that limits promise and nobody needs, by the recommendations to lower CPU limits.', unit: 'none', decimals: 1,
    queries: [{ expr: `sum(${onHosts('instance:bottleneck_saving_cpu_cores:sum')})` }], noValue: 'none' }),
  stat({ title: 'RAM spare', description: 'Memory that limits promise and nobody needs, by the recommendations to lower memory limits.', unit: 'bytes', decimals: 1,
    queries: [{ expr: `sum(${onHosts('instance:bottleneck_saving_memory_bytes:sum')})` }], noValue: 'none' }),
];

const ranking = table({
  title: 'Held back most', unit: 'short',
  description: 'The 30 worst containers. Score: 0 to 1, the share of its time that its worst resource takes. Change: the score now less that of an hour ago. Do first: the open recommendation of the highest severity. A click on a name opens the evidence.',
  queries: [
    { expr: WORST },
    { expr: ofWorst(perName(onHosts('bottleneck_category'), ', category')) },
    { expr: ofWorst(perName(onHosts('bottleneck_category_confidence'))) },
    { expr: ofWorst(`${SCORE_NOW} - ${perName(`${onHosts('bottleneck_overall_score')} offset 1h`)}`) },
    { expr: ofWorst(shareLost([HELD, JUDGED], '24h')) },
    { expr: ofWorst(withTitle(firstOf(onHosts('bottleneck_recommendation')))) },
    { expr: ofWorst(withService(SCORE_NOW)) },
  ],
  columns: [
    { field: 'name', title: 'Container', width: 165, more: link('Evidence', toRow('container')) },
    { field: 'instance', title: 'Host', width: 130 },
    { field: 'workload', title: 'Service', width: 125 },
    { field: 'A', title: 'Score', width: 120, decimals: 2, unit: 'none', more: SCORE },
    { field: 'category', title: 'Held back by', width: 155, more: words(CAUSES) },
    { field: 'C', title: 'Sure', width: 65, unit: 'percentunit', decimals: 0 },
    { field: 'D', title: 'Change 1 h', width: 95, decimals: 2, unit: 'none', more: changeOf() },
    { field: 'E', title: 'Lost 24 h', width: 85, unit: 'percentunit', decimals: 0, more: BANDED },
    { field: 'title', title: 'Do first', more: [...WRAP, ...link('The change to paste', toRow('recommendations'))] },
  ],
  sort: 'Score',
});

function changeOf() {
  return [{ id: 'custom.cellOptions', value: { type: 'color-text' } }, { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: { mode: 'absolute', steps: [
      { value: null, color: COLOR.good }, { value: -0.1, color: COLOR.neutral }, { value: 0.1, color: COLOR.high }] } }];
}

// Held-back time of the whole range chooses the rows, so that a row does not come and go.
const LOST_MOST = `topk(20, sum by (${ID}) (sum_over_time(${HELD}[$__range] @ end())))`;

const overTime = heat({
  title: 'Scores over time, the 20 that lost most', unit: 'none', decimals: 2, steps: bands(), min: 0, max: 1,
  description: 'Each row is a container, each cell its worst score in that time: green below 0.25, yellow low, orange medium, red high, dark red critical. Chosen by the time lost within the whole range.',
  queries: [{ expr: `max by (${ID}) (max_over_time(${onHosts('bottleneck_overall_score')}[$__interval])) and on (${ID}) ${LOST_MOST}`, legend: '{{name}} @ {{instance}}' }],
  interval: '5m', noValue: 'No container was held back.',
  overrides: [['.*', [{ id: 'links', value: [{ title: 'Evidence', url: toSeries('container') }] }]]],
});

const causes = series({
  title: 'Containers held back, by resource', unit: 'short', decimals: 0, stacked: true, colors: RESOURCE_COLORS,
  description: 'Containers with a score of medium and above, by the resource that takes their time. A container may count for two resources.',
  queries: [{ expr: `sum by (resource) (${onHosts('instance_resource:bottleneck_containers_held_back:count')})`, legend: '{{resource}}' }],
  noValue: 'No container was held back.',
});

const trend = series({
  title: 'Time lost, now and a week ago', unit: 'percentunit', fill: 12,
  description: 'Share of observed container time that was held back. The dotted line is the same time a week ago: above it, the fleet gets worse.',
  queries: [
    { expr: lostBy(), legend: 'now' },
    { expr: lostBy(' offset 1w'), legend: 'a week ago' },
  ],
  overrides: [['a week ago', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }, { id: 'custom.fillOpacity', value: 0 }, ...fixed(COLOR.past)]],
    ['now', fixed('blue')]],
});

const by = (/** @type {string} */ name, /** @type {string} */ more = '') => `max by (cluster, job, instance) (${onHosts(name, more)})`;

const hosts = table({
  title: 'Hosts', unit: 'short',
  description: 'Load and pressure of each host beside what its containers suffer. Pressure is the share of time in which a task of the host waited for the resource. Victims: containers held back because others take what they need.',
  queries: [
    { expr: by('instance:bottleneck_containers:count') },
    { expr: by('instance:bottleneck_host_cpu_busy:ratio_rate5m') },
    { expr: `1 - ${by('instance:bottleneck_host_memory_available:ratio')}` },
    { expr: by('instance_resource:bottleneck_host_pressure_waiting_seconds:rate5m', 'resource="cpu"') },
    { expr: by('instance_resource:bottleneck_host_pressure_waiting_seconds:rate5m', 'resource="memory"') },
    { expr: by('instance_resource:bottleneck_host_pressure_waiting_seconds:rate5m', 'resource="io"') },
    { expr: `count by (cluster, job, instance) (${SCORE_NOW} >= 0.5)` },
    { expr: by('instance:bottleneck_contention_victims:count') },
  ],
  columns: [
    { field: 'instance', title: 'Host', more: link('Only this host', '/d/bottleneck-fleet?${datasource:queryparam}&${cluster:queryparam}&${job:queryparam}&var-instance=${__data.fields.Host}&${__url_time_range}') },
    { field: 'A', title: 'Containers', width: 90, decimals: 0 },
    { field: 'G', title: 'Held back', width: 85, decimals: 0 },
    { field: 'H', title: 'Victims', width: 70, decimals: 0 },
    { field: 'B', title: 'CPU busy', width: 85, unit: 'percentunit', decimals: 0, more: BANDED },
    { field: 'C', title: 'Memory', width: 75, unit: 'percentunit', decimals: 0, more: BANDED },
    { field: 'D', title: 'CPU wait', width: 85, unit: 'percentunit', decimals: 0, more: BANDED },
    { field: 'E', title: 'Mem. wait', width: 90, unit: 'percentunit', decimals: 0, more: BANDED },
    { field: 'F', title: 'Disk wait', width: 85, unit: 'percentunit', decimals: 0, more: BANDED },
  ],
  sort: 'Held back',
});

const recommendations = series({
  title: 'Open recommendations', unit: 'short', decimals: 0, stacked: true,
  description: 'Open recommendations by severity. The dashboard Recommendations lists them with the change to paste.',
  queries: [{ expr: `sum by (severity) (${onHosts('instance_severity:bottleneck_recommendations_open:count')})`, legend: '{{severity}}' }],
  overrides: Object.entries(SEVERITIES).map(([value, [text, color]]) => [`${value}`, [{ id: 'displayName', value: text }, ...fixed(color)]]),
  noValue: 'Nothing is recommended.', links: [['Recommendations', to('recommendations')]],
});

const common = table({
  title: 'Recommended most often', unit: 'short',
  description: 'How many containers each recommendation is open for, and the highest severity: one fix in a template may help many.',
  queries: [
    { expr: `count by (recommendation, title) (${withTitle(`(${perName(onHosts('bottleneck_recommendation'), ', recommendation')} > 0)`)})` },
    { expr: `max by (recommendation, title) (${withTitle(`(${perName(onHosts('bottleneck_recommendation'), ', recommendation')} > 0)`)})` },
  ],
  columns: [
    { field: 'title', title: 'Recommendation', more: WRAP },
    { field: 'A', title: 'Containers', width: 90, decimals: 0 },
    { field: 'B', title: 'Severity', width: 80, more: SEVERITY_WORDS },
  ],
  sort: 'Containers', noValue: 'Nothing is recommended.',
});

export const fleet = () => compose({
  key: 'fleet', title: 'Fleet', from: 'now-6h', marks: false,
  description: 'Which container on which host is held back most, by what, whether it gets worse, and what to do first.',
  rows: [
    { height: 4, panels: numbers.map((panel) => /** @type {[number, any]} */ ([3, panel])) },
    { height: 11, panels: [[24, ranking]] },
    { title: 'Is it getting worse?', height: 9, panels: [[12, overTime], [12, causes]] },
    { title: 'Hosts and what to do', height: 9, panels: [[15, hosts], [9, trend]] },
    { height: 8, panels: [[12, common], [12, recommendations]] },
  ],
});
