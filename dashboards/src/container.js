// Everything on one container: what holds it back, the evidence, since when, what changed, what to do.
import { CAUSES, COLOR, RESOURCE_COLORS, bands, fromOn, mapping, severities } from './style.js';
import { ID, of, perName, withImage, withTitle } from './promql.js';
import { series, stat, timeline } from './panels.js';
import { PASTE, SCORE, SEVERITY_WORDS, WRAP, table } from './tables.js';
import { compose } from './layout.js';
import { rawRows } from './container_raw.js';

const causeRank = Object.fromEntries(Object.keys(CAUSES).map((category, index) => [category, index]));

/** The category as a number, so that it can be drawn and coloured. */
const causeNumber = Object.entries(causeRank)
  .map(([category, rank]) => `max(${of('bottleneck_category', `category="${category}"`)}) * ${rank}`).join(' or ');
const causeMapping = mapping(Object.fromEntries(Object.entries(CAUSES).map(([category, word]) => [causeRank[category], word])));

const facts = [
  stat({ title: 'Score', description: 'The worst of its resources: 0 nothing is lost, 1 all time is lost. Absent until ten seconds of data are there.',
    unit: 'none', decimals: 2, min: 0, max: 1, steps: bands(), filled: true, queries: [{ expr: `max(${of('bottleneck_overall_score')})` }] }),
  stat({ title: 'Held by', description: 'The one dominant cause.', unit: 'none', mappings: causeMapping,
    queries: [{ expr: causeNumber }] }),
  stat({ title: 'Sure', description: 'Confidence in the cause: low while data is short, while sources disagree, or while two resources are close.',
    unit: 'percentunit', decimals: 0, queries: [{ expr: `max(${of('bottleneck_category_confidence')})` }] }),
  stat({ title: 'Time lost', description: 'Share of the observed time in the chosen range that the worst resource held it back.', unit: 'percentunit', decimals: 1,
    steps: bands(),
    queries: [{ expr: `max(increase(${of('bottleneck_held_back_seconds_total')}[$__range])) / max(increase(${of('bottleneck_observed_seconds_total')}[$__range]) > 0)`, instant: true }] }),
  stat({ title: 'Open for', description: 'Age of the oldest open recommendation of severity medium or above; survives restarts of the exporter.', unit: 's', decimals: 0,
    noValue: 'nothing open', queries: [{
      expr: `time() - min(${perName(of('bottleneck_recommendation_active_since_timestamp_seconds'), ', recommendation')} and on (${ID}, recommendation) ${perName(of('bottleneck_recommendation'), ', recommendation')} >= 2)` }] }),
  stat({ title: 'Starts', description: 'Starts within the chosen range.', unit: 'short', decimals: 0, steps: fromOn(2, COLOR.medium),
    queries: [{ expr: `round(sum(increase(${of('bottleneck_container_starts_total')}[$__range])))`, instant: true }] }),
  stat({ title: 'OOM kills', description: 'Kills for lack of memory within the chosen range.', unit: 'short', decimals: 0, steps: fromOn(1),
    queries: [{ expr: `round(sum(increase(${of('bottleneck_container_oom_events_total')}[$__range])))`, instant: true }] }),
  stat({ title: 'New image', description: 'Time since this name was last seen to run another image.', unit: 's', decimals: 0, noValue: 'not seen',
    queries: [{ expr: `time() - max(${of('bottleneck_container_image_changed_timestamp_seconds')})` }] }),
];

const advice = table({
  title: 'What to do', unit: 'short',
  description: 'Open recommendations, the most severe first, with the change to paste. The runbook has a section for each. In the fleet profile the change is not exported: the exporter\'s own page has it.',
  queries: [
    { expr: `${perName(of('bottleneck_recommendation'), ', recommendation')} > 0` },
    { expr: withTitle(`(${perName(of('bottleneck_recommendation'), ', recommendation')} > 0)`) },
    { expr: `time() - (${perName(of('bottleneck_recommendation_active_since_timestamp_seconds'), ', recommendation')} and on (${ID}, recommendation) ${perName(of('bottleneck_recommendation'), ', recommendation')} > 0)` },
    { expr: `${perName(of('bottleneck_recommendation_change_info'), ', recommendation, change')} and on (${ID}, recommendation) ${perName(of('bottleneck_recommendation'), ', recommendation')} > 0` },
  ],
  columns: [
    { field: 'A', title: 'Severity', width: 80, more: SEVERITY_WORDS },
    { field: 'title', title: 'Recommendation', more: WRAP },
    { field: 'C', title: 'Open for', width: 90, unit: 's', decimals: 0 },
    { field: 'change', title: 'Change to paste', more: PASTE },
  ],
  sort: 'Severity', steps: severities(), noValue: 'Nothing is recommended.',
});

const evidence = table({
  title: 'Evidence: the signals', unit: 'none', decimals: 2,
  description: 'A resource\'s score is the largest of its signals. The formula of each, with its numbers, is on the exporter\'s own page. Sources: how many independent kinds of evidence agree.',
  queries: [
    { expr: `${perName(of('bottleneck_signal'), ', resource, signal')} >= 0` },
    { expr: perName(of('bottleneck_confidence'), ', resource') },
    { expr: perName(of('bottleneck_corroborating_sources'), ', resource') },
  ],
  columns: [
    { field: 'resource', title: 'Resource', width: 80 },
    { field: 'signal', title: 'Signal', width: 120 },
    { field: 'A', title: 'Score', decimals: 2, unit: 'none', more: SCORE },
    { field: 'B', title: 'Sure', width: 60, unit: 'percentunit', decimals: 0 },
    { field: 'C', title: 'Sources', width: 75, decimals: 0 },
  ],
  sort: 'Score', noValue: 'Signals are not in the fleet profile.',
});

const scores = series({
  title: 'Score by resource', unit: 'none', decimals: 2, banded: true, colors: RESOURCE_COLORS, fill: 12,
  description: 'The dashed lines are the bands low, medium, high and critical. Vertical lines are alerts, new images and changed limits.',
  queries: [{ expr: `max by (resource) (${of('bottleneck_score')})`, legend: '{{resource}}' }],
});

const cause = timeline({
  title: 'Held back by, over time', unit: 'none', mappings: causeMapping,
  description: 'The one dominant cause over time.', queries: [{ expr: causeNumber, legend: 'cause' }],
});

const lost = series({
  title: 'Time lost, by resource', unit: 'percentunit', stacked: true, colors: RESOURCE_COLORS,
  description: 'Share of the observed time with a score of medium and above, by resource; from counters, so that gaps and restarts do not distort it.',
  queries: [{ expr: `max by (resource) (rate(${of('bottleneck_held_back_seconds_total')}[$__rate_interval])) / on () group_left () max(rate(${of('bottleneck_observed_seconds_total')}[$__rate_interval]) > 0)`, legend: '{{resource}}' }],
});

const who = table({
  title: 'Who it is', unit: 'short',
  description: 'Service, team and image, from the recorded info series, and the workload profile that was seen.',
  queries: [
    { expr: withImage(`max by (${ID}) (${of('bottleneck_observed_seconds_total')} > bool 0)`) },
    { expr: `max by (${ID}, workload, team) (${of('name:bottleneck_container_info:max')})` },
    { expr: perName(of('bottleneck_workload_profile'), ', profile') },
    { expr: perName(of('bottleneck_container_state'), ', state') },
  ],
  columns: [
    { field: 'name', title: 'Container' }, { field: 'instance', title: 'Host' }, { field: 'workload', title: 'Service' }, { field: 'team', title: 'Team', width: 100 },
    { field: 'image', title: 'Image' }, { field: 'version', title: 'Version', width: 110 }, { field: 'state', title: 'State', width: 90 },
    { field: 'profile', title: 'Profile', width: 130 },
  ],
});

export const container = () => compose({
  key: 'container', title: 'Container', from: 'now-6h', names: 'one',
  description: 'What holds one container back, the evidence, since when, what changed, and every number beside its limit.',
  rows: [
    { height: 4, panels: facts.map((panel) => /** @type {[number, any]} */ ([3, panel])) },
    { height: 8, panels: [[14, advice], [10, evidence]] },
    { title: 'Since when', height: 8, panels: [[12, scores], [12, lost]] },
    { height: 4, panels: [[24, cause]] },
    { height: 4, panels: [[24, who]] },
    ...rawRows(),
  ],
});
