#!/bin/bash
# Installs what a list of packages names and lacks; says nothing and needs no network when everything is there.
#
#   packages.sh LIST [LIST]...      files with one package a line; '#' starts a comment; a second word is a program that
#                                   makes the package needless where it is there
#
# Packages start services of their own (prometheus, node-exporter, docker): they are kept from doing so, because tests and
# the quick start run their own on other ports. What ran before is left alone.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SERVICES=(prometheus prometheus-alertmanager prometheus-node-exporter netdata docker containerd podman)

missing_packages() {
  local package program
  grep -hv -e '^#' -e '^$' "$@" | sort -u | while read -r package program; do
    if [[ -n $program ]] && command -v "$program" >/dev/null; then continue; fi
    if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then printf '%s\n' "$package"; fi
  done
}

running_services() {
  local service
  [[ -d /run/systemd/system ]] || return 0
  for service in "${SERVICES[@]}"; do
    if systemctl is-active --quiet "$service"; then printf '%s\n' "$service"; fi
  done
}

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

install() {
  local policy=/usr/sbin/policy-rc.d before service
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o DPkg::Lock::Timeout=300)
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then die "installing packages needs root or sudo: $*"; fi
  before=$(running_services)
  if [[ ! -e $policy ]]; then
    # shellcheck disable=SC2064  # the value of now is meant
    trap "as_root rm -f '$policy'" EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  say "installing: $*"
  as_root "${apt[@]}" update >/dev/null
  as_root "${apt[@]}" --no-install-recommends install "$@" >/dev/null
  # Where another policy was set already, services may have started: those that did not run before are stopped again.
  for service in $(running_services); do
    if ! grep -qx "$service" <<<"$before"; then as_root systemctl stop "$service"; fi
  done
}

(($#)) || die "which list?"
mapfile -t missing < <(missing_packages "$@")
if ((${#missing[@]})); then install "${missing[@]}"; fi
