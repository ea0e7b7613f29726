// Panels as this project draws them: one function a kind, from a plain description to a builder of the SDK.
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as statushistory from '@grafana/grafana-foundation-sdk/statushistory';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { bands, plain } from './style.js';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** @typedef {{ expr: string, legend?: string, instant?: boolean, table?: boolean, interval?: string }} Query */
/** @typedef {[string, any[]][]} Overrides regular expression of a field's name -> properties */
/**
 * @typedef {object} Description
 * @property {string} title
 * @property {string} description what is shown, and what to do about it
 * @property {string} unit
 * @property {Query[]} queries
 * @property {any} [steps] thresholds; without them colours mean nothing
 * @property {any[]} [mappings]
 * @property {Overrides} [overrides]
 * @property {number} [decimals]
 * @property {number} [min]
 * @property {number} [max]
 * @property {string} [noValue] what to say when there is rightly nothing
 * @property {any[]} [transformations]
 * @property {string} [interval] least step
 * @property {[string, string][]} [links] title and address
 */

const letter = (/** @type {number} */ index) => String.fromCharCode(65 + index);

/** @param {Query} query @param {number} index */
function target(query, index) {
  const built = new prometheus.DataqueryBuilder()
    .refId(letter(index))
    .datasource(DATASOURCE)
    .expr(query.expr)
    .legendFormat(query.legend ?? '__auto')
    .format(query.table ? prometheus.PromQueryFormat.Table : prometheus.PromQueryFormat.TimeSeries);
  if (query.interval) built.interval(query.interval);
  return query.instant ? built.instant() : built.range();
}

/**
 * @template {timeseries.PanelBuilder | stats.PanelBuilder | any} T
 * @param {T} builder
 * @param {Description} d
 * @returns {T}
 */
export function described(builder, d) {
  const b = /** @type {any} */ (builder);
  b.title(d.title).description(d.description).datasource(DATASOURCE).unit(d.unit).thresholds(d.steps ?? plain());
  d.queries.forEach((query, index) => b.withTarget(target(query, index)));
  if (d.mappings) b.mappings(d.mappings);
  if (d.decimals !== undefined) b.decimals(d.decimals);
  if (d.min !== undefined) b.min(d.min);
  if (d.max !== undefined) b.max(d.max);
  if (d.noValue) b.noValue(d.noValue);
  if (d.interval) b.interval(d.interval);
  for (const transformation of d.transformations ?? []) b.withTransformation(transformation);
  for (const [name, properties] of d.overrides ?? []) b.overrideByRegexp(name, properties);
  if (d.links) b.links(d.links.map(([title, url]) => panelLink(title, url)));
  return builder;
}

/** @param {string} title @param {string} url */
export const panelLink = (title, url) =>
  new dashboard.DashboardLinkBuilder(title).type(dashboard.DashboardLinkType.Link).url(url);

/** @param {Description & { graph?: boolean, text?: 'value' | 'name' | 'value_and_name', calc?: string, filled?: boolean }} d */
export function stat(d) {
  return described(new stats.PanelBuilder(), d)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .colorMode(d.filled ? common.BigValueColorMode.Background : common.BigValueColorMode.Value)
    .graphMode(d.graph ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
    .justifyMode(common.BigValueJustifyMode.Center)
    .textMode(/** @type {any} */ (d.text ?? 'value'))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs([d.calc ?? 'lastNotNull']).values(false))
    .wideLayout(true);
}

/** @param {Description & { stacked?: boolean, bars?: boolean, banded?: boolean, rightLegend?: boolean, noLegend?: boolean, colors?: Record<string, string>, points?: boolean, fill?: number }} d */
export function series(d) {
  const panel = described(new timeseries.PanelBuilder(), d)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .lineWidth(d.bars || d.stacked ? 0 : 1)
    .fillOpacity(d.fill ?? (d.bars ? 80 : d.stacked ? 60 : 8))
    .drawStyle(d.bars ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .showPoints(d.points ? common.VisibilityMode.Always : common.VisibilityMode.Never)
    .axisSoftMin(0)
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
    .legend(new common.VizLegendOptionsBuilder()
      .showLegend(!d.noLegend)
      .displayMode(common.LegendDisplayMode.List)
      .placement(d.rightLegend ? common.LegendPlacement.Right : common.LegendPlacement.Bottom)
      .calcs([]));
  if (d.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (d.banded) {
    panel.thresholds(bands()).thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed)).min(0).max(1);
  }
  for (const [name, color] of Object.entries(d.colors ?? {})) {
    panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]);
  }
  return panel;
}

/** Scores or states over time, one line a row, coloured by thresholds. @param {Description & { rowHeight?: number }} d */
export function heat(d) {
  return described(new statushistory.PanelBuilder(), d)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .showValue(common.VisibilityMode.Never)
    .rowHeight(d.rowHeight ?? 0.85)
    .colWidth(1)
    .lineWidth(0)
    .fillOpacity(85)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom).calcs([]));
}

/** @param {Description} d */
export function timeline(d) {
  return described(new statetimeline.PanelBuilder(), d)
    // With thresholds as colours the words of the mappings would give way to ranges.
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .showValue(common.VisibilityMode.Auto)
    .mergeValues(true)
    .lineWidth(0)
    .fillOpacity(80)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom).calcs([]));
}

/** @param {Description} d */
export function bars(d) {
  return described(new bargauge.PanelBuilder(), d)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.Thresholds))
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .showUnfilled(true)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}
