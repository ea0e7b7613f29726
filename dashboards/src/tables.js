// Tables: several instant queries, one row for what has equal labels, columns in a given order.
import * as table_ from '@grafana/grafana-foundation-sdk/table';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { described } from './panels.js';
import { COLOR, SEVERITIES, bands, mapping, severities } from './style.js';

/**
 * @typedef {object} Column
 * @property {string} field a label, or 'A'..'Z' for the value of that query
 * @property {string} title
 * @property {number} [width] pixels; what has none shares the rest
 * @property {string} [unit]
 * @property {number} [decimals]
 * @property {any[]} [more] further field properties
 */

const field = (/** @type {string} */ name, /** @type {number} */ queries) =>
  (/^[A-Z]$/.test(name) ? (queries > 1 ? `Value #${name}` : 'Value') : name);

/**
 * @param {Omit<import('./panels.js').Description, 'queries'> & { queries: import('./panels.js').Query[], columns: Column[], sort?: string, ascending?: boolean, limit?: number, footer?: boolean }} d
 */
export function table(d) {
  const queries = d.queries.map((query) => ({ instant: true, ...query, table: true }));
  const named = d.columns.map((column) => [field(column.field, queries.length), column]);
  const transformations = [
    ...(queries.length > 1 ? [{ id: 'merge', options: {} }] : []),
    ...(d.transformations ?? []),
    {
      id: 'organize',
      options: {
        includeByName: Object.fromEntries(named.map(([name]) => [name, true])),
        indexByName: Object.fromEntries(named.map(([name], index) => [name, index])),
        renameByName: Object.fromEntries(named.map(([name, column]) => [name, /** @type {Column} */ (column).title])),
      },
    },
    ...(d.sort ? [{ id: 'sortBy', options: { fields: {}, sort: [{ field: d.sort, desc: !d.ascending }] } }] : []),
    ...(d.limit ? [{ id: 'limit', options: { limitField: String(d.limit) } }] : []),
  ];
  const panel = described(new table_.PanelBuilder(), { ...d, queries, transformations })
    .showHeader(true)
    .cellHeight(common.TableCellHeight.Sm)
    .minWidth(70)
    .filterable(false)
    // What to say of an empty table is no text for an empty cell.
    .overrideByRegexp('.*', [{ id: 'noValue', value: '–' }]);
  for (const column of d.columns) {
    /** @type {any[]} */
    const properties = [...(column.more ?? [])];
    if (column.width) properties.push({ id: 'custom.width', value: column.width });
    if (column.unit) properties.push({ id: 'unit', value: column.unit });
    if (column.decimals !== undefined) properties.push({ id: 'decimals', value: column.decimals });
    if (properties.length) panel.overrideByName(column.title, properties);
  }
  return panel;
}

const cell = (/** @type {string} */ type, more = {}) => ({ id: 'custom.cellOptions', value: { type, ...more } });

/** A score as a bar in the colour of its band. */
export const SCORE = [
  cell('gauge', { mode: 'basic', valueDisplayMode: 'text' }),
  { id: 'thresholds', value: bands().build() }, { id: 'color', value: { mode: 'thresholds' } },
  { id: 'min', value: 0 }, { id: 'max', value: 1 },
];

/** Coloured text by the bands: ratios that are read as scores. */
export const BANDED = [cell('color-text'), { id: 'thresholds', value: bands().build() }, { id: 'color', value: { mode: 'thresholds' } }];

/** On a background: the darkest red is hard to read as text. */
export const SEVERITY = [
  cell('color-background', { mode: 'basic' }), { id: 'thresholds', value: severities().build() }, { id: 'color', value: { mode: 'thresholds' } },
];

/** The same with words. */
export const SEVERITY_WORDS = [...SEVERITY, { id: 'mappings', value: mapping(SEVERITIES) }];

/** A label or a number as words. @param {Record<string, string[]>} words */
export const words = (words) => [{ id: 'mappings', value: mapping(words) }, cell('color-text')];

/** Red above, green below, grey within the margin. @param {number} margin */
export const signed = (margin) => [
  cell('color-text'), { id: 'color', value: { mode: 'thresholds' } },
  { id: 'thresholds', value: { mode: 'absolute', steps: [
    { value: null, color: COLOR.good }, { value: -margin, color: COLOR.neutral }, { value: margin, color: COLOR.medium }] } },
];

/** Text to be copied: shown whole on a click. */
export const PASTE = [cell('auto', { wrapText: true }), { id: 'custom.inspect', value: true }];

export const WRAP = [cell('auto', { wrapText: true })];

/** A link of a cell to a dashboard, with the row's labels. @param {string} title @param {string} url */
export const link = (title, url) => [{ id: 'links', value: [{ title, url, targetBlank: false }] }];
