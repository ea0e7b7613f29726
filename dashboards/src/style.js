// The house style: colours, bands, units and words, written once. A score means the same on every dashboard.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

/** Where the bands of a score begin; the exporter's judgement has the same defaults. */
export const BANDS = { low: 0.25, medium: 0.5, high: 0.75, critical: 0.9 };

// Grafana's own palette: these names have a shade of their own in the dark and in the light theme.
export const COLOR = {
  good: 'green', low: 'yellow', medium: 'orange', high: 'red', critical: 'dark-red',
  neutral: 'text', quiet: 'semi-dark-blue', limit: 'red', past: 'semi-dark-purple', right: 'green',
};

export const RESOURCE_COLORS = {
  cpu: 'blue', memory: 'purple', io: 'orange', network: 'green', pids: 'yellow', lifecycle: 'red',
};

/** Words for the cause, as the exporter says them, and a colour by resource. */
export const CAUSES = {
  none: ['nothing', 'green'],
  cpu_quota: ['its CPU limit', 'blue'],
  cpu_contention: ['CPU taken by others', 'dark-blue'],
  cpu_demand: ['all the CPU there is', 'light-blue'],
  memory_limit: ['its memory limit', 'purple'],
  memory_leak: ['memory that only grows', 'dark-purple'],
  memory_host: ['host short of memory', 'light-purple'],
  io: ['the disk', 'orange'],
  io_limit: ['its I/O limit', 'dark-orange'],
  network: ['network loss', 'semi-dark-green'],
  pids: ['tasks or open files', 'yellow'],
  lifecycle: ['restarts or health', 'red'],
};

export const SEVERITIES = { 1: ['low', COLOR.low], 2: ['medium', COLOR.medium], 3: ['high', COLOR.high], 4: ['critical', COLOR.critical] };

export const VERDICTS = { '-1': ['less', 'green'], 0: ['within noise', COLOR.neutral], 1: ['more', 'orange'] };

/** @param {[number | null, string][]} steps */
function thresholds(steps) {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

/** The bands of a score. */
export const bands = () => thresholds([
  [null, COLOR.good], [BANDS.low, COLOR.low], [BANDS.medium, COLOR.medium], [BANDS.high, COLOR.high], [BANDS.critical, COLOR.critical],
]);

/** No judgement in the colour: a count, a size, a rate. */
export const plain = () => thresholds([[null, COLOR.neutral]]);

/** Nothing is good; from `from` on it is wrong. */
export const fromOn = (/** @type {number} */ from, color = COLOR.high) => thresholds([[null, COLOR.good], [from, color]]);

/** Something is good; below `least` it is wrong. */
export const atLeast = (/** @type {number} */ least, color = COLOR.high) => thresholds([[null, color], [least, COLOR.good]]);

/** Steps by severity: 1 low to 4 critical. */
export const severities = () => thresholds([[null, COLOR.good], [1, COLOR.low], [2, COLOR.medium], [3, COLOR.high], [4, COLOR.critical]]);

/**
 * @param {Record<string, string[]>} words value -> [text, colour]
 * @returns {any[]} value mappings
 */
export function mapping(words) {
  const options = Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
  return [{ type: 'value', options }];
}

/** A fixed colour as field properties. @param {string} color */
export const fixed = (color) => [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }];

/** A limit: a dashed line without a fill, red, so that use can be seen beside it. */
export const LIMIT_LINE = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'custom.lineWidth', value: 1 },
  ...fixed(COLOR.limit),
];

/** What is recommended: dotted and green. */
export const RIGHT_LINE = [
  { id: 'custom.lineStyle', value: { fill: 'dot', dash: [2, 4] } },
  { id: 'custom.fillOpacity', value: 0 },
  { id: 'custom.lineWidth', value: 2 },
  ...fixed(COLOR.right),
];

/** The largest moment: a thin line without a fill. */
export const PEAK_LINE = [
  { id: 'custom.lineWidth', value: 1 },
  { id: 'custom.fillOpacity', value: 0 },
  ...fixed('semi-dark-orange'),
];
