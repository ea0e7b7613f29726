// The choices on top of a dashboard.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.js';

const SEEN_BY = 'bottleneck_exporter_build_info';

/**
 * @param {string} name @param {string} label @param {string} query
 * @param {{ many?: boolean, all?: string, description?: string }} [how]
 */
export function choice(name, label, query, how = {}) {
  const variable = new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(how.many ?? false)
    .includeAll(how.all !== undefined);
  if (how.all !== undefined) {
    variable.allValue(how.all).current({ selected: true, text: how.many ? ['All'] : 'All', value: how.many ? ['$__all'] : '$__all' });
  }
  if (how.description) variable.description(how.description);
  return variable;
}

/** A choice from a fixed list; the first is chosen. @param {string} name @param {string} label @param {string[]} values */
export const fixedChoice = (name, label, values) => new dashboard.CustomVariableBuilder(name)
  .label(label)
  .values(values.join(','))
  .current({ selected: true, text: values[0], value: values[0] })
  .options(values.map((value, index) => ({ selected: index === 0, text: value, value })));

/** @param {'one' | 'many' | 'none'} names */
export function allVariables(names) {
  const of = (/** @type {string} */ metric, /** @type {string} */ label, /** @type {string[]} */ ...labels) =>
    `label_values(${metric}{${labels.map((l) => `${l}=~"$${l}"`).join(', ')}}, ${label})`;
  const variables = [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus')
      .current({ selected: false, text: 'default', value: 'default' }),
    // A cluster label is added by few installations: without one, All has to match series that lack it.
    choice('cluster', 'Cluster', `label_values(${SEEN_BY}, cluster)`, { many: true, all: '.*' }),
    choice('job', 'Job', of(SEEN_BY, 'job', 'cluster'), { many: true, all: '.+' }),
    choice('instance', 'Instance', of(SEEN_BY, 'instance', 'cluster', 'job'), { many: true, all: '.+' }),
  ];
  const query = of('bottleneck_observed_seconds_total', 'name', 'cluster', 'job', 'instance');
  if (names === 'one') variables.push(choice('name', 'Container', query));
  if (names === 'many') variables.push(choice('name', 'Container', query, { many: true, all: '.+' }));
  return variables;
}
