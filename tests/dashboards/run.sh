#!/bin/bash
# Tests of the Grafana dashboards. Needs node, npm, prometheus, promtool, python3 and python3-yaml, and installs only
# what dashboards/package-lock.json names, from npm. Prints a line a check and at the end "N passed, N failed, N skipped".
#   GRAFANA_HOME or GRAFANA_URL   looks at the dashboards as well: see shots.sh
set -uo pipefail
cd "$(dirname "$0")" || exit 1
missing=()
for tool in node npm prometheus promtool python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing: ${missing[*]}"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# one WHAT COMMAND...: a command that is one check.
one() {
  local what=$1
  shift
  if "$@" >"$work/output" 2>&1; then echo "ok   $what"; else echo "FAIL $what"; sed 's/^/     /' "$work/output" | tail -n 30; fi
}

# same FOLDER: what was generated there is what is committed.
same() {
  local name
  for name in "$1"/dashboards/*.json; do diff -u "../../dashboards/${name##*/}" "$name" || return 1; done
  [ "$(find ../../dashboards -maxdepth 1 -name 'bottleneck-*.json' | wc -l)" = "$(find "$1/dashboards" -name '*.json' | wc -l)" ] &&
    diff -u ../../deploy/grafana/kubernetes/dashboards.yaml "$1/deploy/grafana/kubernetes/dashboards.yaml"
}

{
  echo "# source"
  one "npm ci" npm --prefix ../../dashboards ci --no-audit --no-fund --ignore-scripts
  one "the source has the types of the SDK" npm --prefix ../../dashboards run check
  one "generate" node ../../dashboards/src/generate.js --out "$work/out"
  one "what is committed is what the source gives: else npm run generate" same "$work/out"
  echo "# conventions" && python3 check_conventions.py
  echo "# linter" && python3 check_linter.py
  echo "# provisioning" && python3 check_provisioning.py
  echo "# queries" && nice python3 check_queries.py --work "$work/past"
  echo "# pictures" && ./shots.sh "$work/past" "${BOTTLENECK_SHOTS:-$work/shots}"
} 2>&1 | tee "$work/log"
# A part that died without its summary counts as a failure.
summaries=$(grep -cE '^[0-9]+ passed, [0-9]+ failed' "$work/log")
passed=$(grep -c '^ok  ' "$work/log")
failed=$(($(grep -c '^FAIL ' "$work/log") + 5 - summaries))
skipped=$(grep -c '^skip ' "$work/log")
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
