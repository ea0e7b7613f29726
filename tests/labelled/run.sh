#!/bin/bash
# The labelled matrix: real containers with injected faults and harmless habits, and what the exporter says of them.
#
#   tests/labelled/run.sh [options]            on this host
#   tests/labelled/run.sh --guest [options]    in a virtual machine with cgroup v2 and systemd
#   tests/labelled/run.sh report HOST.json [GUEST.json]    writes RESULTS.md beside this file; of a further file of the same
#                                              place the executed changes are taken, and ladders that the first has not
#
#     --seed TEXT        of the drawn parameters; printed, so that a run can be repeated
#     --rounds N         every case so many times, each with values of its own (default 1)
#     --short            the part for continuous integration
#     --cases A,B        cases whose names contain one of these
#     --no-ladders       leave out the containers of graded intensity (an emulated machine is slow to start them)
#     --only-ladders     these and nothing else
#     --first            cgroup v1: containers and exporter get the CPU before everything else on this machine. Only where
#                        nothing else matters: it starves other work, kernel threads and virtual machines among it
#     --no-changes       do not execute the changes that recommendations print
#     --results DIR      default build/labelled/host or build/labelled/guest
#
# Needs root, docker.io, busybox-static, stress-ng and build/release (or BOTTLENECK_EXPORTER).
set -euo pipefail
# shellcheck source=../lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
here=$BN_ROOT/tests/labelled
PYTHON=/usr/bin/python3

exporter() { printf '%s\n' "${BOTTLENECK_EXPORTER:-$BN_ROOT/build/release/exporter/bottleneck_exporter}"; }

# build_loads DIR: both static programs.
build_loads() {
  mkdir -p "$1"
  cc -O2 -static -pthread -Wall -Wextra -Werror -o "$1/load" "$BN_ROOT/tests/e2e/load/load.c"
  cc -O2 -static -pthread -Wall -Wextra -Werror -o "$1/faults" "$here/faults.c" -lm
}

on_host() {
  local results=$1
  shift
  build_loads "$BN_ROOT/build/labelled/bin"
  export BOTTLENECK_LOAD=$BN_ROOT/build/labelled/bin/load BOTTLENECK_FAULTS=$BN_ROOT/build/labelled/bin/faults
  BOTTLENECK_EXPORTER=$(exporter) PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 "$PYTHON" -m matrix --results "$results" "$@"
}

in_guest() {
  local results=$1 payload status=0
  shift
  payload=$(mktemp -d "${TMPDIR:-/tmp}/labelled.XXXXXX")
  # shellcheck disable=SC2064  # the value of now is meant
  trap "rm -rf '$payload'" EXIT
  mkdir -p "$payload/tests" "$payload/exporter/model"
  build_loads "$payload/bin"
  cp -r "$BN_ROOT/tests/e2e" "$BN_ROOT/tests/lib" "$here" "$payload/tests/"
  cp "$BN_ROOT/exporter/model/fields.def" "$payload/exporter/model/"
  cp "$(exporter)" "$payload/bin/bottleneck_exporter"
  cp "$here/run-in-guest" "$payload/run"
  printf '%q ' "$@" >"$payload/arguments"
  # Memory: each container has a shim of its own, and they are many. Disk: on the host's memory no disk is slow.
  "$BN_ROOT/tests/lib/guest.sh" run "$payload" "$results" --memory 4096 --disk-mbps 40 --disk-iops 10000 \
    --timeout "${BOTTLENECK_GUEST_TIMEOUT:-5400}" || status=$?
  if [[ -s $results/output.log ]]; then cat "$results/output.log"; else tail -n 40 "$results/console.log"; fi
  return "$status"
}

main() {
  local place=host results='' words=()
  if [[ ${1:-} == report ]]; then
    shift
    PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 "$PYTHON" -m matrix.report "$here/RESULTS.md" "$@"
    return
  fi
  while (($#)); do
    case $1 in
      --guest) place=guest ;;
      --results) results=$2; shift ;;
      -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  [[ $(id -u) == 0 ]] || die "needs root: it starts an engine"
  : "${results:=$BN_ROOT/build/labelled/$place}"
  rm -rf "$results"
  mkdir -p "$results"
  results=$(cd "$results" && pwd)
  if [[ $place == host ]]; then on_host "$results" "${words[@]}"; else in_guest "$results" "${words[@]}"; fi
}

main "$@"
