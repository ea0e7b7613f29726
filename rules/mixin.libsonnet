// The rules and alerts as a monitoring mixin: no copy, the generated file with the links of your installation.
//   local bottleneck = (import 'bottleneck_exporter/rules/mixin.libsonnet') + { _config+:: { grafanaUrl: 'https://...' } };
//   bottleneck.prometheusAlerts, bottleneck.prometheusRules
{
  _config+:: {
    grafanaUrl: 'http://localhost:3000',
    runbookUrl: 'https://bottleneck-exporter.example.org/alerts/RUNBOOKS.md',
  },

  local text = importstr '../deploy/prometheus/rules/bottleneck.json',
  local linked = std.strReplace(
    std.strReplace(text, 'https://bottleneck-exporter.example.org/alerts/RUNBOOKS.md', $._config.runbookUrl),
    'http://localhost:3000',
    $._config.grafanaUrl
  ),
  local groups = std.parseJson(linked).groups,
  local isAlerts(group) = std.startsWith(group.name, 'bottleneck-alerts-'),

  prometheusAlerts+:: { groups+: [group for group in groups if isAlerts(group)] },
  prometheusRules+:: { groups+: [group for group in groups if !isAlerts(group)] },
}
