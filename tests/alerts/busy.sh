#!/bin/bash
# A healthy host is busy for half an hour, and nothing but the watchdog fires. Needs root, an engine, Prometheus and
# Alertmanager, as tests/run.sh installs them, and the release build.
#
#   busy.sh                    30 minutes; writes BUSY.md beside this file
#   busy.sh --minutes 5        as in tests/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
report=()
if (($# == 0)); then report=(--report "$here/BUSY.md"); fi
mkdir -p "${BOTTLENECK_TEST_STATE:-/var/tmp/bottleneck-tests}"
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -u "$here/busy.py" "$@" "${report[@]}"
