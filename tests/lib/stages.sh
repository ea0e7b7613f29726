# The stages of tests/run.sh; sourced by it. Each runs in a shell of its own with `set -e` and its output in a log.
# shellcheck shell=bash

PYTHON=/usr/bin/python3
export BOTTLENECK_CCACHE=ccache
JOBS=$(nproc)

# Computing that nothing waits for: in a control group that runs when no other wants the CPU, so that what is measured
# beside it is not measured under its load. Where no such group can be made, `nice` has to do.
IDLE_GROUP=/sys/fs/cgroup/cpu/bottleneck-tests-$$
gives_way() {
  renice -n 19 "$BASHPID" >/dev/null
  if mkdir "$IDLE_GROUP" 2>/dev/null; then
    echo 2 >"$IDLE_GROUP/cpu.shares"
    if [[ -e $IDLE_GROUP/cpu.idle ]]; then echo 1 >"$IDLE_GROUP/cpu.idle"; fi
  fi
  [[ -d $IDLE_GROUP ]] || return 0
  echo "$BASHPID" >"$IDLE_GROUP/cgroup.procs"
}

count_tests() { printf '%s %s %s\n' "$2" "$3" "$4" >"$LOGS/$1.counts"; }

# skip_stage REASON: not in CI, where what cannot be tested is a failure.
skip_stage() {
  echo "cannot run: $1"
  if [[ ${CI:-} == true ]]; then exit 1; fi
  echo "$1" >>"$LOGS/$STAGE.skips"
  count_tests "$STAGE" 0 0 1
  exit 0
}

need_root() { [[ $(id -u) == 0 ]] || skip_stage "needs root"; }
need_command() { command -v "$1" >/dev/null || skip_stage "$1 is not installed"; }

# configure PRESET
configure() { cmake --preset "$1" -Wno-dev; }
build() { nice ninja -C "build/$1" -j "$JOBS" "${@:2}"; }

# run_ctest PRESET [ctest options]: counts as well.
run_ctest() {
  local preset=$1 text status=0
  shift
  text=$(nice ctest --test-dir "build/$preset" --output-on-failure -j "$JOBS" --timeout 300 "$@" 2>&1) || status=$?
  printf '%s\n' "$text"
  add_counts "$(sed -n 's/.*, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' <<<"$text" | awk '{print $2 - $1, $1, 0}')"
  return "$status"
}

# run_pytest NAME ARGUMENTS...: counts and skip reasons as well.
run_pytest() {
  local name=$1 report status=0
  shift
  report=$LOGS/$name.xml
  rm -f "$report"
  "$PYTHON" -m pytest --junitxml="$report" -rs "$@" || status=$?
  count_junit "$report"
  return "$status"
}

count_junit() {
  [[ -s $1 ]] || { add_counts "0 1 0"; return; }
  add_counts "$("$PYTHON" - "$1" "$LOGS/$STAGE.skips" <<'EOF'
import sys
import xml.etree.ElementTree as tree
passed = failed = skipped = 0
with open(sys.argv[2], "a") as reasons:
    for case in tree.parse(sys.argv[1]).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif (skip := case.find("skipped")) is not None:
            skipped += 1
            reasons.write(f"{case.get('name')}: {skip.get('message')}\n")
        else:
            passed += 1
print(passed, failed, skipped)
EOF
)"
}

# add_counts "PASSED FAILED SKIPPED" to those of the stage.
add_counts() {
  local passed=0 failed=0 skipped=0 more
  read -ra more <<<"$1"
  if [[ -e $LOGS/$STAGE.counts ]]; then read -r passed failed skipped <"$LOGS/$STAGE.counts"; fi
  count_tests "$STAGE" $((passed + more[0])) $((failed + more[1])) $((skipped + more[2]))
}

# one_test COMMAND...: a command that is one test of the stage.
one_test() {
  echo "--- $*"
  if "$@"; then add_counts "1 0 0"; else add_counts "0 1 0"; fi
}
# Ends a stage that is made of one_test lines.
verdict() { [[ $(cut -d' ' -f2 "$LOGS/$STAGE.counts") == 0 ]]; }

stage_build() {
  configure release
  build release
}

stage_unit() {
  local check
  run_ctest release || :
  for check in tests/contract/check_*.py; do one_test "$PYTHON" "$check"; done
  for check in tests/contract/check_*.sh; do one_test sh "$check"; done
  run_pytest contract -q -p no:cacheprovider tests/contract || :
  verdict
}

stage_rules() {
  local text status=0
  text=$(nice tests/rules/run.sh 2>&1) || status=$?
  printf '%s\n' "$text"
  add_counts "$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2 0/p' <<<"$text" | tail -n 1)"
  return "$status"
}

stage_dashboards() {
  local text status=0
  need_command npm
  text=$(nice tests/dashboards/run.sh 2>&1) || status=$?
  printf '%s\n' "$text"
  sed -n 's/^skip //p' <<<"$text" >>"$LOGS/$STAGE.skips"
  add_counts "$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' <<<"$text" | tail -n 1)"
  return "$status"
}

stage_golden() {
  local text status=0
  text=$("$PYTHON" tests/golden/run.py build/release/exporter/bottleneck_exporter 2>&1) || status=$?
  printf '%s\n' "$text"
  add_counts "$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' <<<"$text")"
  return "$status"
}

sources() { git ls-files -- '*.cpp' '*.h' '*.c'; }

stage_format() { sources | xargs clang-format-14 --dry-run -Werror; }

stage_tidy() {
  gives_way
  # In batches: most of the time is for headers. Not built, only the batches are written.
  configure lint
  nice run-clang-tidy-14 -p build/lint -quiet -j "$JOBS" "$BN_ROOT/.*\.cxx$|$BN_ROOT/exporter/.*\.cpp$"
}

stage_asan() {
  gives_way
  configure asan
  build asan
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_leaks=1
  run_ctest asan || :
  one_test "$PYTHON" tests/golden/run.py build/asan/exporter/bottleneck_exporter
  verdict
}

stage_tsan() {
  gives_way
  # Only what has threads: everything else runs on one, and is looked at by the other sanitizers.
  configure tsan
  build tsan base_test discover_test expose_test app_test
  # Address-space randomisation with many bits is more than this sanitizer of GCC 12 can place.
  TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 setarch --addr-no-randomize bash -c \
    '. tests/lib/common.sh; . tests/lib/stages.sh; LOGS=$0 STAGE=tsan; run_ctest tsan -R "^(base|discover|expose|app)[.]"' "$LOGS"
}

stage_fuzz() {
  gives_way
  local target name seconds=${BOTTLENECK_FUZZ_SECONDS:-60}
  configure fuzz
  build fuzz
  for target in build/fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$target")
    mkdir -p "build/fuzz/corpus/$name"
    one_test "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$LOGS/$name-" "build/fuzz/corpus/$name"
  done
  verdict
}

stage_e2e() {
  need_root
  need_command dockerd
  need_command prometheus
  BOTTLENECK_E2E_LOGS=$LOGS/e2e run_pytest e2e -v tests/e2e
}

stage_alerts() {
  local text status=0
  need_root
  need_command dockerd
  need_command prometheus
  need_command prometheus-alertmanager
  text=$(tests/alerts/run.sh 2>&1) || status=$?
  printf '%s\n' "$text"
  add_counts "$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' <<<"$text" | tail -n 1)"
  return "$status"
}

stage_guest() {
  need_root
  need_command qemu-system-x86_64
  local payload=$BN_STATE/payload.$$ results=$LOGS/guest status=0
  rm -rf "$payload" "$results"
  mkdir -p "$payload/tests" "$payload/exporter/model" "$payload/bin" "$results"
  cp -r tests/e2e tests/lib "$payload/tests/"
  cp exporter/model/fields.def "$payload/exporter/model/"
  cp build/release/exporter/bottleneck_exporter "$payload/bin/"
  cc -O2 -static -pthread -o "$payload/bin/load" tests/e2e/load/load.c
  cp tests/e2e/run-in-guest "$payload/run"
  if [[ ${BOTTLENECK_GUEST_ALL:-} == 1 ]]; then touch "$payload/everything"; fi
  tests/lib/guest.sh run "$payload" "$results" --timeout "${BOTTLENECK_GUEST_TIMEOUT:-1700}" || status=$?
  rm -rf "$payload"
  cat "$results/output.log" || tail -n 40 "$results/console.log"
  count_junit "$results/e2e.xml"
  count_junit "$results/robustness.xml"
  return "$status"
}

stage_labelled() {
  local text status=0
  need_root
  need_command dockerd
  need_command stress-ng
  text=$(tests/labelled/run.sh --short --results "$LOGS/labelled" 2>&1) || status=$?
  printf '%s\n' "$text"
  sed -n 's/^not built here: //p' <<<"$text" >>"$LOGS/$STAGE.skips"
  add_counts "$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' <<<"$text" | tail -n 1)"
  return "$status"
}

stage_image() {
  need_root
  need_command dockerd
  run_pytest image -v -p no:cacheprovider tests/image
}

stage_quickstart() {
  need_root
  run_pytest quickstart -v -p no:cacheprovider tests/quickstart
}

# Whatever happened: engines, podman storages and the guest's files of this run are taken away.
stop_everything() {
  local job
  for job in $(jobs -p); do kill "$job" 2>/dev/null; done
  wait 2>/dev/null
  rmdir "$IDLE_GROUP" 2>/dev/null
  "$BN_ROOT/tests/lib/engine.sh" reap
  "$BN_ROOT/tests/lib/podman.sh" reap
}
