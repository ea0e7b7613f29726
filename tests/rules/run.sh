#!/bin/bash
# Tests of rules, alerts and notifications. Needs prometheus, promtool, prometheus-alertmanager, amtool, jsonnet, python3
# and python3-yaml, and installs nothing. Prints a line a check and at the end "N passed, N failed"; less than three minutes.
#   PROMETHEUS, PROMTOOL, AMTOOL, ALERTMANAGER   other binaries than the installed ones, to try another version
set -uo pipefail
cd "$(dirname "$0")" || exit 1
missing=()
for tool in "${PROMETHEUS:-prometheus}" "${PROMTOOL:-promtool}" "${AMTOOL:-amtool}" jsonnet python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
[ -n "${ALERTMANAGER:-}" ] || command -v prometheus-alertmanager alertmanager >/dev/null || missing+=(prometheus-alertmanager)
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing: ${missing[*]}"
  echo "0 passed, 1 failed"
  exit 1
fi
log=$(mktemp) live=$(mktemp)
trap 'rm -f "$log" "$live"' EXIT
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
{
  python3 live_test.py >"$live" 2>&1 &  # waits more than it works
  echo "# variants" && python3 variants_test.py
  echo "# routes" && bash routes_test.sh
  echo "# contract" && python3 contract_test.py "$@"
  echo "# Alertmanager" && python3 alertmanager_test.py
  echo "# promtool" && python3 run_cases.py --promtool "${PROMTOOL:-promtool}"
  echo "# the whole chain, live" && wait && cat "$live"
} 2>&1 | tee "$log"
# A part that died without its summary counts as a failure.
summaries=$(grep -cE '^[0-9]+ passed, [0-9]+ failed$' "$log")
passed=$(grep -c '^ok  ' "$log")
failed=$(($(grep -c '^FAIL ' "$log") + 6 - summaries))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
