#!/bin/bash
# A cgroup v2 + systemd host in a virtual machine: Debian 12 with its own kernel, docker and podman.
#
#   guest.sh build                                     builds the image unless it is cached, prints its folder
#   guest.sh run PAYLOAD_DIR RESULT_DIR [options]      boots it, runs PAYLOAD_DIR/run inside, unpacks /results
#       --append "psi=0 ..."    kernel parameters, appended
#       --timeout SECONDS       of the payload inside; the machine gets 180 s more to boot and to stop
#       --memory MB             default 2048
#       --log FILE              console, default RESULT_DIR/console.log
#       --disk-mbps N           the root disk moves so many MB a second, and
#       --disk-iops N           takes so many requests a second; default 0: as fast as the host's memory, which it is
#
# The exit status of `run` is that of the payload; 125 when the machine did not deliver one.
# Software emulation is the default: it works everywhere. BOTTLENECK_GUEST_ACCEL=kvm uses the hardware.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
recipe=$BN_ROOT/tests/lib/guest

# What goes into the image: its files and the functions that make it.
recipe_hash() {
  { cat "$recipe"/*; declare -f build_image install_packages configure_tree; } | sha256sum | cut -c1-16
}

packages() { grep -v '^#' "$recipe/packages.txt"; }

build() {
  local image
  image=$BN_CACHE/guest-$(recipe_hash)
  if [[ ! -e $image/root.img ]]; then
    [[ $(id -u) == 0 ]] || die "building the guest image needs root (debootstrap)"
    mkdir -p "$BN_CACHE"
    exec 9>"$BN_CACHE/guest.lock"
    flock 9
    [[ -e $image/root.img ]] || build_image "$image" || die "the guest image could not be built"
    flock -u 9
  fi
  printf '%s\n' "$image"
}

build_image() {
  local image=$1 work=$1.tmp.$$ log=$1.log
  say "guest: building the image (2 to 4 minutes, once); log: $log"
  # shellcheck disable=SC2064  # the value of now is meant
  trap "rm -rf '$work'" EXIT
  rm -rf "$work"
  mkdir -p "$work"
  debootstrap --variant=minbase bookworm "$work/tree" "$(debian_mirror)" >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; return 1; }
  install_packages "$work/tree" >>"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }
  configure_tree "$work/tree" >>"$log" 2>&1 || return 1
  cp "$work"/tree/boot/vmlinuz-* "$work/vmlinuz"
  cp "$work"/tree/boot/initrd.img-* "$work/initrd"
  truncate -s 4G "$work/root.img"
  mkfs.ext4 -q -E lazy_itable_init=1 -d "$work/tree" "$work/root.img" >>"$log" 2>&1 || return 1
  rm -rf "$work/tree"
  rm -rf "$image"
  mv "$work" "$image"
  # Images of older recipes are of no use to anybody.
  find "$BN_CACHE" -maxdepth 1 -name 'guest-*' ! -name "$(basename "$image")*" -exec rm -rf {} +
  trap - EXIT
}

# apt, not debootstrap --include: the latter knows no alternatives in dependencies.
install_packages() {
  local tree=$1 list
  mapfile -t list < <(packages)
  if [[ -e /etc/resolv.conf ]]; then cp -L /etc/resolv.conf "$tree/etc/resolv.conf"; fi
  printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
  chmod +x "$tree/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$tree" apt-get -y -qq --no-install-recommends install "${list[@]}" || return 1
  rm -f "$tree/usr/sbin/policy-rc.d"
}

configure_tree() {
  local tree=$1
  install -m 755 "$recipe/run-payload" "$tree/usr/local/sbin/run-payload"
  install -m 644 "$recipe/bottleneck-payload.service" "$tree/etc/systemd/system/"
  chroot "$tree" systemctl enable bottleneck-payload.service
  # Tests start their own engines and servers; timers would only cost time under emulation.
  local unit
  for unit in docker.service docker.socket containerd.service prometheus.service prometheus-node-exporter.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
    podman.service podman.socket podman-auto-update.service podman-auto-update.timer podman-restart.service \
    systemd-timesyncd.service; do
    chroot "$tree" systemctl mask "$unit"
  done
  chroot "$tree" useradd --create-home --uid 1000 --shell /bin/bash tester
  echo 'tester:100000:65536' | tee "$tree/etc/subuid" >"$tree/etc/subgid"
  echo guest >"$tree/etc/hostname"
  printf '127.0.0.1 localhost guest\n' >"$tree/etc/hosts"
  rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/*
}

run() {
  local payload=$1 results=$2 append='' timeout=1800 memory=2048 log='' mbps=0 iops=0
  shift 2
  while (($#)); do
    case $1 in
      --append) append=$2 ;;
      --timeout) timeout=$2 ;;
      --memory) memory=$2 ;;
      --log) log=$2 ;;
      --disk-mbps) mbps=$2 ;;
      --disk-iops) iops=$2 ;;
      *) die "unknown option $1" ;;
    esac
    shift 2
  done
  [[ -x $payload/run ]] || die "$payload/run is not there or not executable"
  local image work status=125
  image=$(build)
  mkdir -p "$results" "$BN_STATE"
  work=$(mktemp -d "$BN_STATE/guest.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  : "${log:=$results/console.log}"
  tar -cf "$work/in.tar" -C "$payload" .
  truncate -s 512M "$work/out.img"
  # An old model: emulated wide vector instructions are slower than none.
  local accel=(-accel 'tcg,thread=multi' -cpu Nehalem)
  if [[ ${BOTTLENECK_GUEST_ACCEL:-tcg} == kvm ]]; then accel=(-accel kvm -cpu host); fi
  local kernel="root=/dev/vda rw console=ttyS0 psi=1 apparmor=0 mitigations=off quiet bottleneck.timeout=$timeout $append"
  local throttle=throttling.bps-total=$((mbps * 1000000)),throttling.iops-total=$iops
  # snapshot=on: what the payload does to the root disk is forgotten.
  TMPDIR=$work timeout --kill-after=10 $((timeout + 180)) qemu-system-x86_64 "${accel[@]}" \
    -m "$memory" -smp 2 -kernel "$image/vmlinuz" -initrd "$image/initrd" -append "$kernel" \
    -drive "file=$image/root.img,format=raw,if=virtio,snapshot=on,cache=unsafe,$throttle" \
    -drive "file=$work/in.tar,format=raw,if=virtio,readonly=on" \
    -drive "file=$work/out.img,format=raw,if=virtio,cache=unsafe" \
    -nographic -no-reboot -nic none </dev/null >"$log" 2>&1 || say "guest: qemu ended with status $?"
  tar -xf "$work/out.img" -C "$results" 2>/dev/null || say "guest: no results; console: $log"
  if [[ -s $results/exit-code ]]; then status=$(<"$results/exit-code"); fi
  return "$status"
}

case ${1:-} in
  build) build ;;
  run) shift; run "$@" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
