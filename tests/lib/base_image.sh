#!/bin/bash
# Prints the tar of a minimal Debian 12 tree, made once with debootstrap: the base image where no registry can be asked.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

archive=$BN_CACHE/debian-bookworm-minbase.tar
if [[ ! -e $archive ]]; then
  [[ $(id -u) == 0 ]] || die "debootstrap needs root"
  mkdir -p "$BN_CACHE"
  exec 9>"$BN_CACHE/base.lock"
  flock 9
  if [[ ! -e $archive ]]; then
    work=$BN_CACHE/base.tmp.$$
    trap 'rm -rf "$work" "$archive.tmp"' EXIT
    say "base image: debootstrap, once"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$work" "$(debian_mirror)" >"$BN_CACHE/base.log" 2>&1 ||
      { tail -n 20 "$BN_CACHE/base.log" >&2; exit 1; }
    rm -rf "$work"/var/cache/apt/archives/*.deb
    tar -c -C "$work" --exclude=./dev --exclude=./proc --exclude=./sys . >"$archive.tmp"
    mv "$archive.tmp" "$archive"
  fi
fi
printf '%s\n' "$archive"
