#!/bin/sh
# Unpacks Debian's nginx into .cache/nginx for the benchmark: no root, nothing outside .cache, nothing to undo.
# Optional: where apt is missing or cannot reach its mirror it says so in one line and succeeds.
set -u
cd "$(dirname "$0")/.." || exit 0

target=$PWD/.cache/nginx
work=$PWD/.cache/nginx.new-$$

without() {
  echo "fetch-nginx: $1; the benchmark goes on without nginx." >&2
  exit 0
}

command -v nginx >/dev/null 2>&1 && exit 0
"$target/usr/sbin/nginx" -v >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || without 'no apt here'

trap 'rm -rf "$work"' EXIT
mkdir -p "$work" || without 'no room under .cache'
cd "$work" || exit 0
# Its libraries are those that every Debian has.
apt-get -qq -o "APT::Sandbox::User=$(id -un)" download nginx >log 2>&1 || without 'apt does not have it'
dpkg-deb -x nginx_*.deb root >>log 2>&1
cd ../.. || exit 0
"$work/root/usr/sbin/nginx" -v >/dev/null 2>&1 || without 'the package of this system does not run unpacked'
rm -rf "$target"
mv "$work/root" "$target"
