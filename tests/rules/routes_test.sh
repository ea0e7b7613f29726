#!/bin/bash
# Who is told what: labels of an alert, and the receivers that amtool finds for them in the shipped configuration.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
amtool=${AMTOOL:-amtool}
passed=0 failed=0
route() {
  local want=$1
  shift
  for config in deploy/alertmanager/alertmanager.yml deploy/alertmanager/alertmanager-local.yml; do
    if got=$("$amtool" config routes test --config.file "$config" --verify.receivers="$want" "$@" 2>&1); then
      passed=$((passed + 1)) && echo "ok   $want <- $* ($(basename "$config" .yml))"
    else
      failed=$((failed + 1)) && echo "FAIL $want <- $* ($(basename "$config" .yml)): $got"
    fi
  done
}
route watchdog alertname=BottleneckWatchdog severity=none
route silent alertname=Other severity=none
route silent alertname=BottleneckContainerThrottled severity=info name=web
route silent alertname=BottleneckContainerThrottled severity=info name=web team=payments
route digest alertname=BottleneckRecommendationOpen severity=info name=web
route digest-payments alertname=BottleneckRecommendationOpen severity=info name=web team=payments
route digest alertname=BottleneckBudgetBurn severity=info window=3d name=web team=unknown
route page alertname=BottleneckRestartLoop severity=critical name=web
route page-payments alertname=BottleneckRestartLoop severity=critical name=web team=payments
route page alertname=BottleneckBudgetBurn severity=critical window=1h name=checkout
route team alertname=BottleneckOomKilled severity=warning name=web
route page alertname=BottleneckOomKilled severity=critical name=web
route team-payments alertname=BottleneckOomKilled severity=warning name=web team=payments
route team alertname=BottleneckHostPressure severity=warning instance=a:10110
route team alertname=BottleneckExporterDown severity=warning instance=a:10110
route digest alertname=BottleneckExporterOverBudget severity=info instance=a:10110
route team alertname=SomethingWithoutLabels
for config in deploy/alertmanager/alertmanager.yml deploy/alertmanager/alertmanager-local.yml; do
  if "$amtool" check-config "$config" >/dev/null; then
    passed=$((passed + 1)) && echo "ok   $config is accepted"
  else
    failed=$((failed + 1)) && echo "FAIL $config is refused"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
