#!/bin/bash
# Every test of the project, on a plain Debian 12. Needs root (it starts engines and a virtual machine).
#
#   tests/run.sh              all stages
#   tests/run.sh STAGE...     some of them: build unit golden rules dashboards format tidy asan tsan fuzz e2e alerts labelled guest image quickstart
#   tests/run.sh --list       their names and what they do
#
# Logs land in build/test-logs/. The last line says "N passed, N failed, N skipped"; what was skipped stands before it with
# its reason. With CI=true an engine that cannot be started is a failure, never a skip.
set -uo pipefail
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/stages.sh
. "$BN_ROOT/tests/lib/stages.sh"
cd "$BN_ROOT" || exit 1

LOGS=$BN_ROOT/build/test-logs
ALL=(build unit golden rules dashboards format tidy asan tsan fuzz e2e alerts labelled guest image quickstart)
# The program first, then three lanes side by side: what only computes, and lets the others go first; real containers, one
# stage after the other, so that none disturbs another's numbers, the one that wants every CPU when the emulated machine of the
# third lane is done.
FIRST=(build unit golden)
LANES=("format tidy asan tsan fuzz rules dashboards quickstart image" "e2e alerts labelled" "guest")

declare -A about=(
  [build]="release build, warnings are errors"
  [unit]="unit and contract tests"
  [golden]="captured hosts and the text they give"
  [rules]="recording rules, alerts and notifications through promtool and a real Alertmanager"
  [dashboards]="Grafana dashboards: source, conventions, every query against a Prometheus with a past"
  [format]="clang-format"
  [tidy]="clang-tidy"
  [asan]="unit tests and captured hosts under address and undefined-behaviour sanitizers"
  [tsan]="unit tests of what has threads under the thread sanitizer"
  [fuzz]="fuzz targets for a short time"
  [e2e]="real containers on this host's engines, a real Prometheus"
  [alerts]="sick workloads are told, a busy healthy host is not: real containers, Prometheus, Alertmanager"
  [guest]="what of that differs between kernels on cgroup v2 with systemd, in a virtual machine (BOTTLENECK_GUEST_ALL=1: all)"
  [labelled]="the short part of the labelled matrix: injected faults and harmless habits against what is said of them"
  [image]="the Dockerfile, built, started with the documented mounts and scraped"
  [quickstart]="deploy/quickstart.sh, started, scraped and stopped"
)

# run_stage NAME: in a process of its own; its log and its result are files.
run_stage() {
  local name=$1 begin=$SECONDS status
  rm -f "$LOGS/$name".{log,counts,skips}
  (
    STAGE=$name
    set -e
    "stage_$name"
  ) >"$LOGS/$name.log" 2>&1 </dev/null
  status=$?
  if [[ ! -e $LOGS/$name.counts ]]; then
    # A stage without counts of its own is one test.
    if ((status == 0)); then count_tests "$name" 1 0 0; else count_tests "$name" 0 1 0; fi
  elif ((status != 0)) && [[ $(cut -d' ' -f2 "$LOGS/$name.counts") == 0 ]]; then
    count_tests "$name" "$(cut -d' ' -f1 "$LOGS/$name.counts")" 1 "$(cut -d' ' -f3 "$LOGS/$name.counts")"
  fi
  echo $((SECONDS - begin)) >"$LOGS/$name.seconds"
  report_stage "$name"
}

# run_lane NAME...: those that are wanted, one after the other.
run_lane() {
  local name
  for name in "$@"; do
    if [[ " ${wanted[*]} " == *" $name "* ]]; then run_stage "$name"; fi
  done
}

report_stage() {
  local passed failed skipped
  read -r passed failed skipped <"$LOGS/$1.counts"
  local mark=ok
  if ((skipped > 0 && passed == 0)); then mark=skipped; fi
  if ((failed > 0)); then mark=FAILED; fi
  printf '%-11s %-8s %5s s   %s passed, %s failed, %s skipped\n' "$1" "$mark" "$(<"$LOGS/$1.seconds")" "$passed" "$failed" "$skipped"
  if ((failed > 0)); then
    # What failed by its name first, and the indented reason below it: it may stand far above the end.
    { awk '/^FAIL |^FAILED |^ERROR |: error: |\*\*\*Failed/ { print; reason = 1; next } reason && /^     +[^ 0-9]/ { print } { reason = 0 }' \
        "$LOGS/$1.log" | head -n 30
      echo ...
      tail -n "${BOTTLENECK_TAIL:-40}" "$LOGS/$1.log"; } | sed 's/^/    | /'
    printf '    log: %s\n' "$LOGS/$1.log"
  fi
}

summary() {
  local name passed failed skipped total_passed=0 total_failed=0 total_skipped=0
  printf '\n%-11s %7s %7s %7s %7s\n' stage passed failed skipped seconds
  for name in "$@"; do
    read -r passed failed skipped <"$LOGS/$name.counts"
    printf '%-11s %7s %7s %7s %7s\n' "$name" "$passed" "$failed" "$skipped" "$(<"$LOGS/$name.seconds")"
    ((total_passed += passed, total_failed += failed, total_skipped += skipped))
  done
  for name in "$@"; do
    if [[ -s $LOGS/$name.skips ]]; then sed "s/^/skipped in $name: /" "$LOGS/$name.skips"; fi
  done
  printf 'logs: %s, %s s in all\n' "$LOGS" "$SECONDS"
  printf '%d passed, %d failed, %d skipped\n' "$total_passed" "$total_failed" "$total_skipped"
  ((total_failed == 0))
}

main() {
  local name lane waiting=()
  wanted=("$@")
  if [[ ${1:-} == --list ]]; then
    for name in "${ALL[@]}"; do printf '%-11s %s\n' "$name" "${about[$name]}"; done
    return
  fi
  if ((${#wanted[@]} == 0)); then wanted=("${ALL[@]}"); fi
  for name in "${wanted[@]}"; do
    if [[ -z ${about[$name]:-} ]]; then die "no such stage: $name (see tests/run.sh --list)"; fi
  done
  mkdir -p "$LOGS"
  "$BN_ROOT/tests/lib/packages.sh" "$BN_ROOT"/deploy/packages{-build,}.txt "$BN_ROOT/tests/lib/packages.txt" || die "packages could not be installed"
  trap stop_everything EXIT
  trap 'exit 130' INT TERM
  run_lane "${FIRST[@]}"
  for lane in "${LANES[@]}"; do
    # shellcheck disable=SC2086  # a lane is words
    run_lane $lane &
    waiting+=("$!")
  done
  wait "${waiting[@]}"
  local shown=()
  for name in "${ALL[@]}"; do
    if [[ " ${wanted[*]} " == *" $name "* ]]; then shown+=("$name"); fi
  done
  summary "${shown[@]}"
}

main "$@"
