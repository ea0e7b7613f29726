#!/bin/bash
# The benchmark: builds, starts a Docker engine of its own, runs rows 1 to 12 and prints the table.
#
#   tests/bench/run.sh [--seconds 120] [--containers 100] [--only micro,plain,containers] [--readme]
#
# --readme writes the table into README.md. Peers are measured where they are installed (cadvisor in PATH or CADVISOR=PATH,
# prometheus-node-exporter). Needs root and a quiet machine: whatever else runs is measured too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/lib/common.sh
export BOTTLENECK_CCACHE=ccache

readme=false
arguments=()
for argument in "$@"; do
  if [[ $argument == --readme ]]; then readme=true; else arguments+=("$argument"); fi
done
tests/lib/packages.sh deploy/packages-build.txt deploy/packages.txt tests/lib/packages.txt tests/bench/packages.txt
cmake --preset release >/dev/null
nice ninja -C build/release bottleneck_exporter floor load micro_bench >/dev/null

out=$(mktemp)
socket=$(tests/lib/engine.sh start bench)
trap 'rm -f "$out"; tests/lib/engine.sh stop bench' EXIT
/usr/bin/python3 tests/bench/run.py build/release --docker "$socket" "${arguments[@]}" | tee "$out"
if $readme; then
  /usr/bin/python3 - "$out" <<'PYTHON'
import pathlib, re, sys
text = pathlib.Path(sys.argv[1]).read_text()
table = text[re.search(r"^\d{4}-\d\d-\d\d, Linux", text, re.M).start():]
readme = pathlib.Path("README.md")
before, rest = readme.read_text().split("<!-- bench -->\n")
after = rest.split("<!-- /bench -->")[1]
readme.write_text(before + "<!-- bench -->\n" + table + "<!-- /bench -->" + after)
PYTHON
fi
