// PromQL that every dashboard says in the same way.

/** The four labels that identify a container; equal names on two hosts stay apart. */
export const ID = 'cluster, job, instance, name';

const HOST = 'cluster=~"$cluster", job=~"$job", instance=~"$instance"';

/**
 * A series of the chosen hosts.
 * @param {string} metric
 * @param {string} [more] further matchers
 */
export const onHosts = (metric, more) => `${metric}{${HOST}${more ? `, ${more}` : ''}}`;

/**
 * A series of the chosen container or containers.
 * @param {string} metric
 * @param {string} [more]
 */
export const of = (metric, more) => onHosts(metric, `name=~"$name"${more ? `, ${more}` : ''}`);

/**
 * Rate of a counter over the interval that fits scraping and zoom. @param {string} selector
 */
export const rate = (selector) => `rate(${selector}[$__rate_interval])`;

/** @param {string} selector @param {string} range */
export const increase = (selector, range) => `increase(${selector}[${range}])`;

/**
 * One series a container: every other label of the scrape is dropped.
 * @param {string} expr @param {string} [more] labels to keep, e.g. ", resource"
 */
export const perName = (expr, more = '') => `max by (${ID}${more}) (${expr})`;

/**
 * Joins service and team. Only through the recorded info series, and only its newest: after a restart of Prometheus the
 * info of a replaced container is visible beside that of its successor for five minutes, and a bare join fails.
 * @param {string} expr
 */
export const withService = (expr) =>
  `${expr} * on (${ID}) group_left (workload, team) clamp_max(topk by (${ID}) (1, timestamp(${onHosts('name:bottleneck_container_info:max')})), 1)`;

/** Joins the image in the same way. @param {string} expr */
export const withImage = (expr) =>
  `${expr} * on (${ID}) group_left (image, version) clamp_max(topk by (${ID}) (1, timestamp(${onHosts('name:bottleneck_container_image:max')})), 1)`;

/** The one recommendation of a container that comes first. @param {string} selector of bottleneck_recommendation */
export const firstOf = (selector) =>
  `topk by (${ID}) (1, max by (${ID}, recommendation) (${selector} > 0))`;

/** Joins the title of the catalogue. @param {string} expr with the label recommendation */
export const withTitle = (expr) =>
  `${expr} * on (cluster, job, instance, recommendation) group_left (title, type) `
  + `max by (cluster, job, instance, recommendation, title, type) (${onHosts('bottleneck_recommendation_info')})`;

/**
 * Time held back and time judged, recorded: seconds a second. Raw counters of a large fleet over days are billions of
 * samples; of these the first is there only while something is held back. @param {(metric: string) => string} select
 */
export const heldAndObserved = (select) => [
  select('name_resource:bottleneck_held_back_seconds:rate5m'), select('name:bottleneck_observed_seconds:rate5m')];

/**
 * The sum over the chosen containers of what is recorded for each of them and for each host. Where all are chosen, the hosts'
 * are added up, which are a thirtieth of the series: $name is `.+` then, which the instance of every host matches. Names
 * that are chosen match no instance (a container whose name is that of its host, without a port, is the exception).
 * @param {string} ofNames metric of containers @param {string} ofHosts the same, added up for each host
 * @param {(selector: string) => string} [over] what is done with each series @param {string} [by]
 */
export const sumOfChosen = (ofNames, ofHosts, over = (selector) => selector, by = '') =>
  `(sum${by} (${over(of(ofNames, 'instance!~"$name"'))}) or sum${by} (${over(onHosts(ofHosts, 'instance=~"$name"'))}))`;

/** Share of the time of each container that its worst resource took. @param {string[]} pair @param {string} range @param {string} [past] */
export const shareLost = ([held, observed], range, past = '') =>
  `max by (${ID}) (sum_over_time(${held}[${range}]${past})) / on (${ID}) max by (${ID}) (sum_over_time(${observed}[${range}]${past}) > 0)`;

/** Median of 10-minute blocks, or another quantile of them. @param {number} q @param {string} expr @param {string} [past] */
export const blocks = (q, expr, past = '') => `quantile_over_time(${q}, (${expr})[$__range:10m]${past ? ` offset ${past}` : ''})`;

/** @param {string} expr @param {string} label @param {string} value */
export const labelled = (expr, label, value) => `label_replace(${expr}, "${label}", "${value}", "", "")`;
