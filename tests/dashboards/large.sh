#!/bin/bash
# A large fleet over weeks: its past is written into a Prometheus by promtool, every query of every dashboard has to be answered
# within 2 s, the panels have to show the known deploy, regression and breach, and each group of rules has to take less
# than a quarter of its interval while the hosts go on. By hand: the size of the goal takes three quarters of an hour, 6 GB of
# memory and 8 GB of disk. Needs prometheus, promtool, python3 and python3-yaml. Prints "ok" or "FAIL" a question.
#
#   large.sh                                           200 hosts x 30 containers x 28 days; writes LARGE.md beside this file
#   large.sh --hosts 20 --containers 10 --days 7       another size; writes no report
#   large.sh --keep                                    asks the past of the run before again
#   BOTTLENECK_LARGE=DIR                               where blocks go, by default /var/tmp/bottleneck-large; they stay there
# More: large.py --help.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
missing=()
for tool in prometheus promtool python3; do command -v "$tool" >/dev/null || missing+=("$tool"); done
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing: ${missing[*]}"
  exit 1
fi
report=(--report "$here/LARGE.md")
for word in "$@"; do case $word in --hosts*|--containers*|--days*) report=() ;; esac; done
PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 exec nice python3 "$here/large.py" "${BOTTLENECK_LARGE:-/var/tmp/bottleneck-large}" "$@" "${report[@]}"
