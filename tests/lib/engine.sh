#!/bin/bash
# A Docker engine of the tests' own, beside whatever runs already.
#
#   engine.sh start NAME [dockerd options]   starts it, imports busybox:latest, prints its socket (unix:///...)
#   engine.sh stop NAME                      removes its containers, ends it, undoes everything
#   engine.sh reap                           stops engines whose starter is dead
#
# It has its own data root (a real disk: $BOTTLENECK_TEST_STATE, default /var/tmp/bottleneck-tests), its own containerd
# namespace, socket and bridge, and adds no firewall rule unless bridged traffic would be dropped without one.
# NAME is at most 8 letters or digits. The engine's pid is remembered with its start time: no other process is ended.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

state_of() { printf '%s/engine-%s\n' "$BN_STATE" "$1"; }
bridge_of() { printf 'bn-%s\n' "$1"; }

start() {
  local name=$1 state bridge socket
  shift
  [[ $name =~ ^[a-z0-9]{1,8}$ ]] || die "bad engine name: $name"
  [[ $(id -u) == 0 ]] || die "starting an engine needs root"
  reap
  state=$(state_of "$name") bridge=$(bridge_of "$name") socket=unix://$state/docker.sock
  if [[ -d $state ]]; then die "engine $name runs already: $state"; fi
  # The shell that called this script owns the engine; when it is gone, `reap` may take it away. A state appears with its
  # owner at once: another start that reaps meanwhile must not take it for a left-over.
  mkdir -p "$BN_STATE/.new-$name/data" "$BN_STATE/.new-$name/exec"
  remember_process "$BN_STATE/.new-$name/owner" "${BOTTLENECK_OWNER_PID:-$PPID}"
  mv -T "$BN_STATE/.new-$name" "$state"
  # shellcheck disable=SC2064  # the value of now is meant
  trap "'${BASH_SOURCE[0]}' stop '$name'" EXIT
  local subnet
  subnet=$(free_subnet)
  make_bridge "$bridge" "$subnet.1/24"
  printf '%s\n' "$subnet" >"$state/subnet"

  local driver=cgroupfs
  if [[ -d /run/systemd/system ]]; then driver=systemd; fi
  # Detached from the terminal, so that an interrupt reaches the trap first and not the daemon.
  setsid dockerd --data-root "$state/data" --exec-root "$state/exec" --pidfile "$state/docker.pid" -H "$socket" \
    --exec-opt "native.cgroupdriver=$driver" --bridge "$bridge" --iptables=false --ip6tables=false --ip-masq=false \
    --ip-forward=false --containerd-namespace "bn-$name" --containerd-plugins-namespace "bn-$name-plugins" \
    "$@" </dev/null >"$state/dockerd.log" 2>&1 &
  remember_process "$state/dockerd" "$!"
  wait_until "${BOTTLENECK_ENGINE_WAIT:-60}" "the engine $name to answer" docker -H "$socket" version ||
    { tail -n 20 "$state/dockerd.log" >&2; exit 1; }
  import_busybox "$state" docker -H "$socket" import - busybox:latest
  trap - EXIT
  printf '%s\n' "$socket"
}

# 10.213.N.0/24 that nobody uses; prints the first three numbers.
free_subnet() {
  local n
  for n in $(seq 40 250); do
    if ! ip -4 addr show | grep -q "inet 10\.213\.$n\."; then
      printf '10.213.%s\n' "$n"
      return
    fi
  done
  die "no free subnet in 10.213.0.0/16"
}

make_bridge() {
  ip link delete "$1" 2>/dev/null || :
  ip link add "$1" type bridge
  ip addr add "$2" dev "$1"
  ip link set "$1" up
  # Another engine sets the policy of FORWARD to DROP, and br_netfilter applies it to bridged frames.
  if [[ $(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null) == 1 ]]; then
    iptables -w -I FORWARD -i "$1" -o "$1" -j ACCEPT
  fi
}

stop() {
  local name=$1 state bridge
  state=$(state_of "$name") bridge=$(bridge_of "$name")
  [[ -d $state ]] || return 0
  if [[ -e $state/dockerd ]] && is_running "$state/dockerd"; then
    kill -CONT "$(cut -d' ' -f1 "$state/dockerd")" 2>/dev/null || :
    local ids
    ids=$(timeout 20 docker -H "unix://$state/docker.sock" ps -aq 2>/dev/null || :)
    # shellcheck disable=SC2086  # one argument an id
    if [[ -n $ids ]]; then timeout 60 docker -H "unix://$state/docker.sock" rm -f $ids >/dev/null 2>&1 || :; fi
  fi
  stop_process "$state/dockerd" 30
  stop_leftovers "$state"
  iptables -w -D FORWARD -i "$bridge" -o "$bridge" -j ACCEPT 2>/dev/null || :
  ip link delete "$bridge" 2>/dev/null || :
  unmount_below "$state"
  rm -rf "$state"
}

# Mounts of a killed engine outlive it.
unmount_below() {
  local mount
  awk -v below="$1/" 'index($5, below) == 1 {print $5}' /proc/self/mountinfo | sort -r |
    while read -r mount; do umount -l "$mount" 2>/dev/null || :; done
}

# containerd and the shims of an engine that was killed: those whose command line names its exec root or namespace.
stop_leftovers() {
  local state=$1 process line
  for process in /proc/[0-9]*; do
    line=$({ tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null) || continue
    case $line in
      containerd*"$state/exec/"* | */containerd*"$state/exec/"*) stop_shim_or_daemon "${process#/proc/}" ;;
    esac
  done
}

stop_shim_or_daemon() {
  local child children=()
  # A shim's children are the container's processes.
  if grep -q containerd-shim "/proc/$1/cmdline" 2>/dev/null; then
    read -ra children <"/proc/$1/task/$1/children" || :
  fi
  for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || :; done
  kill -KILL "$1" 2>/dev/null || :
}

# import_busybox STATE IMPORT_COMMAND...: the machine's own busybox as an image.
import_busybox() {
  local tree=$1/busybox applet
  shift
  rm -rf "$tree"
  # Without tmp a container cannot write there.
  mkdir -p "$tree"/{bin,tmp,etc,proc,sys,dev,root,data}
  chmod 1777 "$tree/tmp" "$tree/data"
  cp "$(command -v busybox)" "$tree/bin/busybox"
  for applet in $("$tree/bin/busybox" --list); do
    [[ -e $tree/bin/$applet ]] || ln -s busybox "$tree/bin/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
  tar -c -C "$tree" . | "$@" >/dev/null
  rm -rf "$tree"
}

reap() {
  local state
  for state in "$BN_STATE"/engine-*; do
    [[ -d $state ]] || continue
    if ! is_running "$state/owner"; then
      say "engine: taking away a left-over: $state"
      stop "${state##*/engine-}"
    fi
  done
}

main() {
  case ${1:-} in
    start) shift; start "$@" ;;
    stop) stop "$2" ;;
    reap) reap ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
  esac
}
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
