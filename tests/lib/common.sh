# Helpers for the test and deploy scripts; sourced, never run. No side effect on sourcing but the variables.
# shellcheck shell=bash disable=SC2034

BN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BN_CACHE=${BOTTLENECK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bottleneck_exporter}
# Engines keep their data here: overlay2 needs a real disk, neither a tmpfs nor another overlay.
BN_STATE=${BOTTLENECK_TEST_STATE:-/var/tmp/bottleneck-tests}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# wait_until SECONDS WHAT COMMAND...: polls until the command succeeds; says what was waited for when it does not.
wait_until() {
  local seconds=$1 what=$2
  shift 2
  local deadline=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      say "waited ${seconds} s in vain: $what"
      return 1
    fi
    sleep 0.2
  done
}

# process_start PID: the start time in ticks, which tells a process from a later one with the same id.
process_start() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# remember_process FILE PID: the process that stop_process may end later.
remember_process() { printf '%s %s\n' "$2" "$(process_start "$2")" >"$1"; }

# is_running FILE: whether the remembered process is still that process.
is_running() {
  local pid start
  read -r pid start <"$1" 2>/dev/null || return 1
  [[ -n $pid && -n $start && $(process_start "$pid") == "$start" ]] || return 1
  [[ $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -c1) != Z ]]
}

# stop_process FILE [SECONDS]: ends the remembered process and no other, politely first.
stop_process() {
  local file=$1 seconds=${2:-15} pid
  [[ -e $file ]] || return 0
  if is_running "$file"; then
    read -r pid _ <"$file"
    # It may end by itself between two lines.
    kill -CONT "$pid" 2>/dev/null || :
    kill -TERM "$pid" 2>/dev/null || :
    local deadline=$((SECONDS + seconds))
    while is_running "$file" && ((SECONDS < deadline)); do sleep 0.1; done
    if is_running "$file"; then kill -KILL "$pid" 2>/dev/null || :; fi
  fi
  rm -f "$file"
}

# debian_mirror: where this machine's packages come from.
debian_mirror() {
  local uri
  uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' |
    grep -E '/debian/?$' | head -n 1)
  printf '%s\n' "${uri:-http://deb.debian.org/debian}"
}
