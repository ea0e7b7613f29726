// Weeks, not hours: the trend, the worst hours, regressions, budgets and how fast they burn. Made to be printed.
import { COLOR, RESOURCE_COLORS, atLeast, bands, fromOn } from './style.js';
import { ID, of, onHosts, perName, sumOfChosen } from './promql.js';
import { heat, series, stat } from './panels.js';
import { BANDED, link, signed, table } from './tables.js';
import { compose, toRow, toSeries } from './layout.js';

const HOURLY = of('name_resource:bottleneck_held_back:ratio_rate1h');
/** @param {string} what @param {string} level @param {string} range @param {string} past @param {string} [by] */
const blocks = (what, level, range, past, by) =>
  sumOfChosen(`name${level}:${what}:sum15m_rate5m`, `instance${level}:${what}:sum15m_rate5m`, (series) => `sum_over_time(${series}[${range}]${past})`, by);
const lost = (/** @type {string} */ range, /** @type {string} */ by = '', past = '') =>
  `${blocks('bottleneck_held_back_seconds', '_resource', range, past, by)} / ${by ? 'on () group_left () ' : ''}(${blocks('bottleneck_observed_seconds', '', range, past)} > 0)`;
// Budgets may be anybody's own series: only the cluster is asked for, and the container where there is one.
const budget = (/** @type {string} */ metric) => `${metric}{cluster=~"$cluster", name=~"$name"}`;
// Without the name of the metric, so that the columns of one budget make one row.
const latest = (/** @type {string} */ metric) => `max by (${ID}, budget, workload, team) (last_over_time(${budget(metric)}[2h]))`;
const REMAINING = 'name_budget:bottleneck_budget_remaining:ratio_sum28d';

/** Coloured text by thresholds of its own. @param {any} steps */
const textBy = (steps) => [{ id: 'custom.cellOptions', value: { type: 'color-text' } }, { id: 'color', value: { mode: 'thresholds' } }, { id: 'thresholds', value: steps.build() }];

const numbers = [
  stat({ title: 'Time lost', unit: 'percentunit', decimals: 1, steps: bands(), description: 'Share of the observed container time of the whole range that was held back; a container held back by two resources counts twice.',
    noValue: '0 %', queries: [{ expr: lost('$__range'), instant: true }] }),
  stat({ title: 'Change', unit: 'percentunit', decimals: 1, steps: fromOn(0.01, COLOR.medium), description: 'Time lost in this range less time lost in the range before it, in points of a hundred. Absent without that much history.',
    noValue: 'no history', queries: [{ expr: `(${lost('$__range')}) - (${lost('$__range', '', ' offset $__range')})`, instant: true }] }),
  stat({ title: 'Worst hour', unit: 'percentunit', decimals: 0, steps: bands(), calc: 'max', interval: '1h', description: 'The hour in which the most container time was lost.',
    queries: [{ expr: lost('1h'), interval: '1h' }] }),
  stat({ title: 'OOM kills', unit: 'short', decimals: 0, steps: fromOn(1), description: 'Kills for lack of memory in the range.',
    noValue: 'none', queries: [{ expr: `round(sum(sum_over_time(${of('name:bottleneck_container_oom_events:increase15m')}[$__range])))`, instant: true }] }),
  stat({ title: 'Regressions', unit: 'short', decimals: 0, steps: fromOn(1, COLOR.medium), description: 'Containers whose new image needs at least 25 % more than the one before, seen within the range.',
    noValue: 'none', queries: [{ expr: `count(max by (${ID}) (max_over_time(${of('bottleneck_regression_ratio')}[$__range])) >= 0.25)`, instant: true }] }),
  stat({ title: 'Budgets spent', unit: 'short', decimals: 0, steps: fromOn(1), description: 'Budgets of 28 days of which nothing is left.',
    noValue: 'none', queries: [{ expr: `count(last_over_time(${budget(REMAINING)}[2h]) <= 0)`, instant: true }] }),
];

const trend = series({
  title: 'Time lost a day, by resource', unit: 'percentunit', bars: true, stacked: true, colors: RESOURCE_COLORS, interval: '1d',
  description: 'One bar a day: the share of the observed time that was held back, by resource. Vertical lines are alerts, new images and changed limits.',
  queries: [{ expr: lost('1d', ' by (resource)'), legend: '{{resource}}', interval: '1d' }],
});

const usage = series({
  title: 'CPU, and what is usual at this hour', unit: 'none', decimals: 1,
  description: 'Cores used, hourly means, and the median of the same hour of the past four weeks; absent before three weeks of history.',
  queries: [
    { expr: sumOfChosen('name:bottleneck_container_cpu_usage_seconds:avg1h_rate5m', 'instance:bottleneck_container_cpu_usage_seconds:sum_avg1h_rate5m'), legend: 'used' },
    { expr: sumOfChosen('name:bottleneck_container_cpu_usage_seconds:median4w', 'instance:bottleneck_container_cpu_usage_seconds:sum_median4w'), legend: 'usual' },
  ],
  overrides: [['usual', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }, { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.past } }]]],
});

const memory = series({
  title: 'Memory, and what is usual', unit: 'bytes',
  description: 'Unreclaimable memory, hourly means, and the median of the same hour of the past four weeks.',
  queries: [
    { expr: sumOfChosen('name:bottleneck_container_memory_unreclaimable_bytes:avg1h', 'instance:bottleneck_container_memory_unreclaimable_bytes:sum_avg1h'), legend: 'used' },
    { expr: sumOfChosen('name:bottleneck_container_memory_unreclaimable_bytes:median4w', 'instance:bottleneck_container_memory_unreclaimable_bytes:sum_median4w'), legend: 'usual' },
  ],
  overrides: [['usual', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } }, { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.past } }]]],
});

const perHour = `max by (${ID}) (${HOURLY})`;
/** The last 24 hours less those before; what was not held back lost nothing. */
const [day, dayBefore] = ['', ' offset 24h'].map((past) => perName(`last_over_time(${of('name:bottleneck_held_back:ratio_sum24h')}[30m]${past})`));
const moved = `((${day}) or 0 * (${dayBefore})) - ((${dayBefore}) or 0 * (${day}))`;

const worst = table({
  title: 'Worst hours', unit: 'percentunit',
  description: 'The hours in which a container lost the largest share of its time, the worst first: one container an hour.',
  queries: [{ expr: `topk(1, ${perHour})`, instant: false, interval: '1h' }],
  columns: [
    { field: 'Time', title: 'Hour until', width: 160 }, { field: 'name', title: 'Container', more: link('Evidence', toRow('container')) },
    { field: 'instance', title: 'Host' }, { field: 'A', title: 'Time lost', width: 110, decimals: 0, more: BANDED },
  ],
  sort: 'Time lost', limit: 24, interval: '1h', noValue: 'No container was held back.',
});

const days = heat({
  title: 'Time lost, the 15 that lost most', unit: 'percentunit', decimals: 0, steps: bands(), min: 0, max: 1, interval: '1h',
  description: 'Share of its time that each container lost to its worst resource, colours as for scores. Empty: nothing was lost. Columns that repeat are a time of day.',
  queries: [{ expr: `(${perHour}) and on (${ID}) topk(15, sum by (${ID}) (sum_over_time(${HOURLY}[$__range] @ end())))`, legend: '{{name}} @ {{instance}}', interval: '1h' }],
  overrides: [['.*', [{ id: 'links', value: [{ title: 'Evidence', url: toSeries('container') }] }]]],
  noValue: 'No container was held back.',
});

const regressions = table({
  title: 'New image against old', unit: 'percentunit', decimals: 0,
  description: 'How much more the new image needs than the one before; the largest within the range. 0 is within the noise.',
  queries: [{ expr: `${perName(`max_over_time(${of('bottleneck_regression_ratio')}[$__range])`, ', metric')}` }],
  columns: [
    { field: 'name', title: 'Container', more: link('Compare', toRow('compare')) }, { field: 'instance', title: 'Host' },
    { field: 'metric', title: 'Of', width: 75 }, { field: 'A', title: 'More', width: 80, decimals: 0, more: ratio() },
  ],
  sort: 'More', noValue: 'No regression was seen.',
});

function ratio() {
  return [{ id: 'custom.cellOptions', value: { type: 'color-text' } }, { id: 'color', value: { mode: 'thresholds' } },
    { id: 'thresholds', value: { mode: 'absolute', steps: [{ value: null, color: COLOR.good }, { value: 0.1, color: COLOR.neutral }, { value: 0.25, color: COLOR.high }] } }];
}

const movers = table({
  title: 'Got worse, got better', unit: 'percentunit',
  description: 'Share of time lost in the last 24 hours less that of the 24 hours before: red got worse.',
  queries: [
    { expr: `topk(8, ${moved}) or bottomk(4, ${moved})` },
  ],
  columns: [
    { field: 'name', title: 'Container', more: link('Evidence', toRow('container')) }, { field: 'instance', title: 'Host' },
    { field: 'A', title: 'Change', width: 110, decimals: 1, more: signed(0.02) },
  ],
  sort: 'Change',
});

const budgets = table({
  title: 'Budgets', unit: 'none',
  description: 'Objective, what is left of the budget of 28 days, and how fast it burns: at 1 it is spent exactly over its period, at 14.4 within two days.',
  queries: [
    { expr: latest('name_budget:bottleneck_budget_objective:ratio') },
    { expr: latest(REMAINING) },
    { expr: latest('name_budget:bottleneck_budget_burn:ratio_sum1h') },
    { expr: latest('name_budget:bottleneck_budget_burn:ratio_sum6h') },
    { expr: latest('name_budget:bottleneck_budget_burn:ratio_sum3d') },
  ],
  columns: [
    { field: 'name', title: 'Of' }, { field: 'instance', title: 'Host' }, { field: 'budget', title: 'Budget' },
    { field: 'A', title: 'Objective', width: 85, unit: 'percentunit', decimals: 1 },
    { field: 'B', title: 'Left', width: 80, unit: 'percentunit', decimals: 0, more: textBy(atLeast(0.01)) },
    { field: 'C', title: 'Burn 1 h', width: 80, decimals: 1, more: textBy(fromOn(1, COLOR.medium)) }, { field: 'D', title: 'Burn 6 h', width: 80, decimals: 1, more: textBy(fromOn(1, COLOR.medium)) },
    { field: 'E', title: 'Burn 3 d', width: 80, decimals: 1, more: textBy(fromOn(1, COLOR.medium)) },
  ],
  sort: 'Left', ascending: true, noValue: 'No budget has an objective.',
});

const burn = series({
  title: 'Budgets: how fast they burn', unit: 'none', decimals: 1, interval: '2h',
  description: 'Burn rate over six hours, of the 15 budgets of which the least is left. Alerts: 14.4 over one hour is critical, 6 over six hours a warning, 1 over three days is said.',
  queries: [{ expr: `last_over_time(${budget('name_budget:bottleneck_budget_burn:block15m_ratio_sum6h')}[30m]) and on (${ID}, budget) bottomk(15, last_over_time(${budget(REMAINING)}[2h] @ end()))`, legend: '{{name}} @ {{instance}}: {{budget}}', interval: '2h' }],
  noValue: 'No budget has an objective.',
});

const open = series({
  title: 'Open recommendations of the hosts', unit: 'short', decimals: 0, description: 'All containers of the chosen hosts.',
  queries: [{ expr: `sum(${onHosts('instance_severity:bottleneck_recommendations_open:count')})`, legend: 'open' }],
  noValue: 'Nothing is recommended.',
});

export const history = () => compose({
  key: 'history', title: 'History and report', from: 'now-28d', names: 'many',
  description: 'Trend over weeks, worst hours, regressions, budgets and their burn. To print: the menu Export, or the address with &kiosk&theme=light and the browser\'s print.',
  rows: [
    { height: 4, panels: numbers.map((panel) => /** @type {[number, any]} */ ([4, panel])) },
    { title: 'Trend', height: 8, panels: [[12, trend], [12, days]] },
    { height: 9, panels: [[10, worst], [7, regressions], [7, movers]] },
    { title: 'Budgets', height: 8, panels: [[14, budgets], [10, burn]] },
    { title: 'What is used', height: 7, panels: [[8, usage], [8, memory], [8, open]] },
  ],
});
