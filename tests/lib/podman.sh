#!/bin/bash
# Podman with storage of the tests' own, rootful.
#
#   podman.sh start NAME    imports busybox:latest, prints a command to be used in place of `podman`
#   podman.sh stop NAME     removes its containers and its storage
#   podman.sh reap          takes away what a dead starter left
set -euo pipefail
# shellcheck source=engine.sh
. "$(dirname "${BASH_SOURCE[0]}")/engine.sh"

podman_state_of() { printf '%s/podman-%s\n' "$BN_STATE" "$1"; }

podman_start() {
  local name=$1 state
  [[ $(id -u) == 0 ]] || die "rootful podman needs root"
  podman_reap
  state=$(podman_state_of "$name")
  if [[ -d $state ]]; then die "podman $name is in use already: $state"; fi
  mkdir -p "$state"/{root,run,tmp}
  remember_process "$state/owner" "${BOTTLENECK_OWNER_PID:-$PPID}"
  # shellcheck disable=SC2064  # the value of now is meant
  trap "'${BASH_SOURCE[0]}' stop '$name'" EXIT
  local manager=cgroupfs
  if [[ -d /run/systemd/system ]]; then manager=systemd; fi
  cat >"$state/podman" <<WRAPPER
#!/bin/bash
# Without limits of its own the runtime is refused its defaults where the hard limits are lower.
args=("\$@")
if [[ \${1:-} == run || \${1:-} == create ]]; then
  args=("\$1" --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --network none "\${@:2}")
fi
# runc: crun refuses hosts with hybrid cgroups.
exec podman --runtime runc --cgroup-manager $manager --events-backend file --storage-driver overlay --root '$state/root' \
  --runroot '$state/run' --tmpdir '$state/tmp' "\${args[@]}"
WRAPPER
  chmod +x "$state/podman"
  import_busybox "$state" "$state/podman" import - busybox:latest 2>"$state/import.log" ||
    { cat "$state/import.log" >&2; exit 1; }
  trap - EXIT
  printf '%s\n' "$state/podman"
}

podman_stop() {
  local state
  state=$(podman_state_of "$1")
  [[ -d $state ]] || return 0
  if [[ -x $state/podman ]]; then
    timeout 60 "$state/podman" rm --all --force --time 0 >/dev/null 2>&1 || say "podman: containers could not be removed"
    timeout 60 "$state/podman" rmi --all --force >/dev/null 2>&1 || :
  fi
  # The parent group stays behind; rmdir takes it only when nobody lives in it.
  rmdir /sys/fs/cgroup/*/libpod_parent 2>/dev/null || :
  # The clean-up that a container's end starts may mount the storage once more while it is taken away.
  local tries=0
  until unmount_below "$state" && rm -rf "$state" 2>/dev/null; do
    if ((++tries == 60)); then die "podman: $state cannot be removed"; fi
    sleep 0.5
  done
}

podman_reap() {
  local state
  for state in "$BN_STATE"/podman-*; do
    [[ -d $state ]] || continue
    # Without an owner it may be one that another test is just making.
    if [[ ! -e $state/owner && $(($(date +%s) - $(stat -c %Y "$state"))) -lt 60 ]]; then continue; fi
    if ! is_running "$state/owner"; then
      say "podman: taking away a left-over: $state"
      podman_stop "${state##*/podman-}"
    fi
  done
}

case ${1:-} in
  start) podman_start "$2" ;;
  stop) podman_stop "$2" ;;
  reap) podman_reap ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
