// What happened: alerts, new images, changed limits.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.js';
import { of, onHosts } from './promql.js';

/** @param {'one' | 'many' | 'none'} names @param {boolean} marks */
export function annotations(names, marks) {
  const where = names === 'none' ? onHosts : of;
  const base = (/** @type {string} */ name, /** @type {string} */ color, /** @type {string} */ expr) =>
    new dashboard.AnnotationQueryBuilder().name(name).datasource(DATASOURCE).iconColor(color).enable(true).expr(expr).step('60s');
  // A change has its time as value: the sample only has to be there.
  const change = (/** @type {string} */ name, /** @type {string} */ color, /** @type {string} */ metric, /** @type {string} */ title) =>
    base(name, color, `${where(metric)} * 1000`).enable(marks).useValueForTime(true).titleFormat(title)
      .textFormat('{{name}} on {{instance}}').tagKeys('name,instance');
  return [
    base('Alerts', 'red', where('ALERTS', 'alertname=~"Bottleneck.*", alertname!="BottleneckWatchdog", alertstate="firing"'))
      .titleFormat('{{alertname}}').textFormat('{{name}} on {{instance}}').tagKeys('severity,name,instance'),
    change('New images', 'purple', 'bottleneck_container_image_changed_timestamp_seconds', 'New image'),
    change('Changed limits', 'blue', 'bottleneck_container_limits_changed_timestamp_seconds', 'Changed limits'),
  ];
}
