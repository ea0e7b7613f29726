#!/bin/bash
# Real containers, exporters, Prometheus and Alertmanager: what is sick is told, and a busy healthy host is not. Needs root, an
# engine, Prometheus and Alertmanager, as tests/run.sh installs them, and the release build. About 12 minutes, mostly waiting.
#   BOTTLENECK_EXPORTER   another exporter than that of the release build
set -uo pipefail
cd "$(dirname "$0")" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "${BOTTLENECK_TEST_STATE:-/var/tmp/bottleneck-tests}"
{
  echo "# sick workloads" && /usr/bin/python3 -u sick_test.py
  echo "# a busy healthy host" && ./busy.sh --minutes 5
} 2>&1 | tee "$log"
# A part that died without its summary counts as a failure.
summaries=$(grep -cE '^[0-9]+ passed, [0-9]+ failed$' "$log")
passed=$(grep -c '^ok  ' "$log")
failed=$(($(grep -c '^FAIL ' "$log") + 2 - summaries))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
