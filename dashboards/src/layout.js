// Rows and panels to a dashboard: positions, ids, variables, annotations and links, the same everywhere.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { allVariables } from './variables.js';
import { annotations } from './annotations.js';

/** @typedef {[number, any]} Placed width of 24, panel */
/** @typedef {{ title?: string, height: number, panels: Placed[] }} Row a title opens a section; without one the row continues it */

const WIDTH = 24;
const TAG = 'bottleneck';

/** The six, in the order of the links on top. */
export const DASHBOARDS = {
  fleet: 'bottleneck-fleet', container: 'bottleneck-container', compare: 'bottleneck-compare',
  history: 'bottleneck-history', recommendations: 'bottleneck-recommendations', exporter: 'bottleneck-exporter',
};

/** Address of a dashboard for the container of a table's row. @param {keyof typeof DASHBOARDS} which */
export const toRow = (which) => `/d/${DASHBOARDS[which]}?\${datasource:queryparam}&\${cluster:queryparam}&\${job:queryparam}`
  + '&var-instance=${__data.fields.Host}&var-name=${__data.fields.Container}&${__url_time_range}';

/** The same for a series of a graph. @param {keyof typeof DASHBOARDS} which */
export const toSeries = (which) => `/d/${DASHBOARDS[which]}?\${datasource:queryparam}&\${cluster:queryparam}&\${job:queryparam}`
  + '&var-instance=${__field.labels.instance}&var-name=${__field.labels.name}&${__url_time_range}';

/** Address with the choices of now. @param {keyof typeof DASHBOARDS} which */
export const to = (which) => `/d/${DASHBOARDS[which]}?\${__all_variables}&\${__url_time_range}`;

/** @param {Row[]} rows */
function place(rows) {
  let y = 0;
  let id = 0;
  /** @type {any[]} */
  const placed = [];
  for (const row of rows) {
    if (row.title) {
      placed.push({ row: new dashboard.RowBuilder(row.title).id(++id).collapsed(false).gridPos({ x: 0, y, w: WIDTH, h: 1 }) });
      y += 1;
    }
    let x = 0;
    for (const [w, panel] of row.panels) {
      placed.push({ panel: panel.id(++id).gridPos({ x, y, w, h: row.height }) });
      x += w;
    }
    if (x !== WIDTH) throw new Error(`a row of ${rows.indexOf(row)} is ${x} wide, not ${WIDTH}`);
    y += row.height;
  }
  return placed;
}

/** One menu for all six: six buttons would take a line of the window. */
const menu = () => new dashboard.DashboardLinkBuilder('Bottleneck').type(dashboard.DashboardLinkType.Dashboards)
  .tags([TAG]).asDropdown(true).includeVars(true).keepTime(true).icon('dashboard');

/**
 * @param {object} d
 * @param {keyof typeof DASHBOARDS} d.key
 * @param {string} d.title
 * @param {string} d.description
 * @param {string} d.from start of the time range
 * @param {Row[]} d.rows
 * @param {any[]} [d.variables] besides data source, cluster, job and instance
 * @param {'one' | 'many' | 'none'} [d.names] how many containers are chosen
 * @param {boolean} [d.marks] whether image and limit changes are shown from the start
 */
export function compose(d) {
  const board = new dashboard.DashboardBuilder(`Bottleneck / ${d.title}`)
    .uid(DASHBOARDS[d.key])
    .description(d.description)
    .tags([TAG, 'containers'])
    .time({ from: d.from, to: 'now' })
    .timezone('browser')
    .refresh('1m')
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair);
  for (const variable of [...allVariables(d.names ?? 'none'), ...(d.variables ?? [])]) board.withVariable(variable);
  for (const annotation of annotations(d.names ?? 'none', d.marks ?? true)) board.annotation(annotation);
  board.link(menu());
  for (const { row, panel } of place(d.rows)) {
    if (row) board.withRow(row);
    else board.withPanel(panel);
  }
  return board;
}
