// What is recommended: how severe, since when, what it saves, and the change to paste.
import { COLOR, SEVERITIES, fixed, fromOn, severities } from './style.js';
import { ID, of, onHosts, perName, sumOfChosen, withService, withTitle } from './promql.js';
import { series, stat } from './panels.js';
import { PASTE, SEVERITY_WORDS, WRAP, link, table } from './tables.js';
import { compose, toRow } from './layout.js';

const ALL = perName(of('bottleneck_recommendation'), ', recommendation');
const OPEN = `(${ALL} > 0)`;
const onOpen = (/** @type {string} */ expr) => `(${expr}) and on (${ID}, recommendation) ${OPEN}`;
/** The same, recorded, for what is asked over a day: of the containers where some are chosen, of the hosts where all are. */
const RECORDED = of('name_recommendation:bottleneck_recommendation:last5m', 'instance!~"$name"');
const OF_HOSTS = onHosts('instance_severity:bottleneck_recommendations_open:count', 'instance=~"$name"');
const known = `0 * sum(${onHosts('instance:bottleneck_containers:count')})`;

const count = (/** @type {1 | 2 | 3 | 4} */ severity) => stat({
  title: `Open, ${SEVERITIES[severity][0]}`, unit: 'short', decimals: 0, steps: fromOn(1, SEVERITIES[severity][1]), graph: true,
  description: `Open recommendations of severity ${SEVERITIES[severity][0]}.`, queries: [{ expr: `count(${RECORDED} == ${severity}) or sum(${OF_HOSTS.replace('}', `, severity="${severity}"}`)}) or ${known}` }],
});

const numbers = [
  count(4), count(3), count(2), count(1),
  stat({ title: 'CPU to save', unit: 'none', decimals: 1, noValue: 'none', description: 'Cores promised by limits and needed by nobody.',
    queries: [{ expr: sumOfChosen('bottleneck_saving_cpu_cores', 'instance:bottleneck_saving_cpu_cores:sum', perName) }] }),
  stat({ title: 'Memory to save', unit: 'bytes', decimals: 1, noValue: 'none', description: 'Memory promised by limits and needed by nobody.',
    queries: [{ expr: sumOfChosen('bottleneck_saving_memory_bytes', 'instance:bottleneck_saving_memory_bytes:sum', perName) }] }),
];

const list = table({
  title: 'Open recommendations', unit: 'short', steps: severities(),
  description: 'The most severe first. Click a change to see it whole and copy it. A container is silenced for one of them by its label bottleneck.ignore. In the fleet profile the change is not exported: the exporter\'s own page has it.',
  queries: [
    { expr: OPEN },
    { expr: withTitle(OPEN) },
    { expr: `time() - (${onOpen(perName(of('bottleneck_recommendation_active_since_timestamp_seconds'), ', recommendation'))})` },
    { expr: onOpen(perName(of('bottleneck_recommendation_change_info'), ', recommendation, change')) },
    { expr: onOpen(`${perName(of('bottleneck_saving_cpu_cores'))} * on (${ID}) group_left (recommendation) (${ALL.replace('bottleneck_recommendation{', 'bottleneck_recommendation{recommendation="CPU_RIGHTSIZE_DOWN", ')} > bool 0)`) },
    { expr: onOpen(`${perName(of('bottleneck_saving_memory_bytes'))} * on (${ID}) group_left (recommendation) (${ALL.replace('bottleneck_recommendation{', 'bottleneck_recommendation{recommendation="MEM_RIGHTSIZE_DOWN", ')} > bool 0)`) },
    { expr: `${withService(OPEN)}` },
  ],
  columns: [
    { field: 'A', title: 'Severity', width: 80, more: SEVERITY_WORDS },
    { field: 'name', title: 'Container', width: 150, more: link('Evidence', toRow('container')) },
    { field: 'instance', title: 'Host', width: 110 },
    { field: 'workload', title: 'Service', width: 120 },
    { field: 'title', title: 'Recommendation', more: WRAP },
    { field: 'C', title: 'Open for', width: 90, unit: 's', decimals: 0 },
    { field: 'E', title: 'CPU saved', width: 95, decimals: 1, unit: 'none' },
    { field: 'F', title: 'RAM saved', width: 95, unit: 'bytes', decimals: 1 },
    { field: 'change', title: 'Change to paste', more: PASTE },
  ],
  sort: 'Severity', noValue: 'Nothing is recommended.',
});

const recommended = (/** @type {string} */ resource, /** @type {string} */ unit) => [
  { expr: perName(of(`bottleneck_container_${resource}_limit_${unit}`)) },
  { expr: perName(of(`bottleneck_recommended_${resource}_${unit}`)) },
  { expr: perName(of(`bottleneck_recommended_${resource}_lower_${unit}`)) },
  { expr: perName(of(`bottleneck_recommended_${resource}_upper_${unit}`)) },
  { expr: perName(of('bottleneck_rightsizing_confidence', `resource="${resource}"`)) },
];

const sizes = (/** @type {string} */ title, /** @type {string} */ resource, /** @type {string} */ suffix, /** @type {string} */ unit) => table({
  title, unit, decimals: unit === 'bytes' ? 1 : 2,
  description: 'The limit now, what is recommended, the bounds within which the right size lies, and how sure that is. A container without a row has not enough data yet: that is an answer, too.',
  queries: recommended(resource, suffix),
  columns: [
    { field: 'name', title: 'Container', more: link('Evidence', toRow('container')) }, { field: 'instance', title: 'Host', width: 85 },
    { field: 'A', title: 'Limit', width: 80 }, { field: 'B', title: 'Right size', width: 84 }, { field: 'C', title: 'At least', width: 84 }, { field: 'D', title: 'At most', width: 84 },
    { field: 'E', title: 'Sure', width: 55, unit: 'percentunit', decimals: 0 },
  ],
  sort: 'Limit', noValue: 'Not enough data.',
});

const overTime = series({
  title: 'Open recommendations over time', unit: 'short', decimals: 0, stacked: true, interval: '5m',
  description: 'By severity. Vertical lines are alerts, new images and changed limits.',
  queries: [{ expr: `count_values("severity", ${RECORDED}) or sum by (severity) (${OF_HOSTS})`, interval: '5m', legend: '{{severity}}' }],
  overrides: Object.entries(SEVERITIES).map(([value, [text, color]]) => [value, [{ id: 'displayName', value: text }, ...fixed(color)]]),
});

const outcomes = table({
  title: 'Did it help?', unit: 'short',
  description: 'What became of recommendations after limits or image changed while they were open: the exporter\'s own precision, within the chosen range.',
  queries: ['helped', 'no_effect', 'worse'].map((outcome) => ({
    expr: `round(sum by (recommendation) (increase(${of('bottleneck_recommendations_outcome_total', `outcome="${outcome}"`).replace(', name=~"$name"', '')}[$__range])))` })),
  columns: [
    { field: 'recommendation', title: 'Recommendation' }, { field: 'A', title: 'Helped', width: 90, decimals: 0 },
    { field: 'B', title: 'No effect', width: 90, decimals: 0 }, { field: 'C', title: 'Worse', width: 90, decimals: 0, more: worse() },
  ],
  sort: 'Helped', noValue: 'None was followed yet.',
});

function worse() {
  return [{ id: 'custom.cellOptions', value: { type: 'color-text' } }, { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: { mode: 'absolute', steps: [{ value: null, color: COLOR.neutral }, { value: 1, color: COLOR.high }] } }];
}

export const recommendations = () => compose({
  key: 'recommendations', title: 'Recommendations', from: 'now-24h', names: 'many',
  description: 'What to change, the most severe first, with age, saving and the change to paste.',
  rows: [
    { height: 4, panels: numbers.map((panel) => /** @type {[number, any]} */ ([4, panel])) },
    { height: 13, panels: [[24, list]] },
    { title: 'Right sizes', height: 9, panels: [
      [12, sizes('CPU: limit and right size, cores', 'cpu', 'cores', 'none')],
      [12, sizes('Memory: limit and right size', 'memory', 'bytes', 'bytes')]] },
    { title: 'Over time', height: 8, panels: [[14, overTime], [10, outcomes]] },
  ],
});
