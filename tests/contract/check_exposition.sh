#!/bin/sh
# Checks expositions with the tools of others: promtool for the text format, the parser of Prometheus's Python client for
# both. Usage: check_exposition.sh [FILE|URL ...]; without arguments the golden files of the tests.
# An OpenMetrics file is known by its "# EOF"; a URL is scraped in both formats.
# promtool and python3 are needed; the Python client is installed into a folder outside the tree on first use.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${BOTTLENECK_CHECK_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/bottleneck_exporter/prometheus-client}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

if ! "$cache/bin/python3" -c 'import prometheus_client' 2>/dev/null; then
  python3 -m venv "$cache"
  "$cache/bin/pip" install --quiet prometheus-client
fi

parse() { # parse FORMAT FILE
  "$cache/bin/python3" - "$1" "$2" <<'PYTHON'
import sys
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics
text = open(sys.argv[2], encoding="utf-8", newline="").read()
families = list((openmetrics if sys.argv[1] == "openmetrics" else parser).text_string_to_metric_families(text))
seen = set()
for family in families:
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in seen:
            sys.exit(f"twice: {key}")
        seen.add(key)
print(f"{len(families)} families, {len(seen)} series")
PYTHON
}

check() { # check NAME FILE
  if tail -n 1 "$2" | grep -qx '# EOF'; then
    format=openmetrics
  else
    format=text
    if ! promtool check metrics <"$2" >"$work/promtool" 2>&1; then
      echo "FAIL $1: promtool"
      cat "$work/promtool"
      failed=1
    fi
  fi
  if parse "$format" "$2" >"$work/parsed" 2>&1; then
    echo "ok   $1 ($format): $(cat "$work/parsed")"
  else
    echo "FAIL $1 ($format)"
    tail -n 3 "$work/parsed"
    failed=1
  fi
}

if [ $# -eq 0 ]; then
  # The parts of a scrape lie in files of their own; together they are one. Numbers of the process are left out there.
  cat "$here/../golden/expose-text.txt" "$here/../golden/expose-self-text.txt" | sed 's/ N$/ 1/' >"$work/text"
  cat "$here/../golden/expose-openmetrics.txt" "$here/../golden/expose-self-openmetrics.txt" | sed 's/ N$/ 1/' >"$work/open"
  echo '# EOF' >>"$work/open"
  set -- "$work/text" "$work/open" "$here/../golden/expose-full-text.txt"
fi

for source in "$@"; do
  case $source in
    http://* | https://*)
      curl -sSf -H 'Accept: text/plain;version=0.0.4' "$source" >"$work/scrape"
      check "$source" "$work/scrape"
      curl -sSf -H 'Accept: application/openmetrics-text;version=1.0.0' "$source" >"$work/scrape"
      check "$source" "$work/scrape"
      ;;
    *) check "$source" "$source" ;;
  esac
done
exit $failed
