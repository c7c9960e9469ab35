#!/usr/bin/env bash
# Installs the foreign programs that test/interop talks to, as Debian packages by name. Needs root.
set -eu
export DEBIAN_FRONTEND=noninteractive

missing=()
# A program that shows that a package is there, and the package.
while read -r program package; do
  command -v "$program" >/dev/null 2>&1 || [ -x "/usr/sbin/$program" ] || missing+=("$package")
done <<'PEERS'
logger bsdutils
dnsmasq dnsmasq-base
dovecot dovecot-pop3d
smtp-sink postfix
strace strace
prlimit util-linux
PEERS

[ "${#missing[@]}" -eq 0 ] && exit 0
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
