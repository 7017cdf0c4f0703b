#!/bin/sh
# Unpacks Debian's redis-server into .cache/redis for the tests: no root, nothing outside .cache, nothing to undo.
# Optional: where apt is missing or cannot reach its mirror it says so in one line and succeeds.
set -u
cd "$(dirname "$0")/.." || exit 0

target=$PWD/.cache/redis
apt=$PWD/.cache/apt
work=$PWD/.cache/redis.new-$$

# "runs FOLDER": the libraries of the folder are enough to start its redis-server.
runs() {
  libraries=$(echo "$1"/usr/lib/*-linux-* | tr ' ' ':')
  LD_LIBRARY_PATH=$libraries "$1/usr/bin/redis-server" --version >/dev/null 2>&1
}

without() {
  echo "fetch-redis: $1; the tests go on without a real Redis." >&2
  exit 0
}

command -v redis-server >/dev/null 2>&1 && exit 0
runs "$target" && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || without 'no apt here'

trap 'rm -rf "$work"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$work/debs" || without 'no room under .cache'

# Lists and archives of our own; apt's sandbox user could not write to them.
set -- -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=$(id -un)" \
  -o Debug::NoLocking=1 -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20
apt-get "$@" -qq update >"$work/log" 2>&1 || without 'apt cannot read its package lists'

# Names of libraries differ between releases, so ask. The C library must stay the system's own.
libraries=$(apt-cache "$@" depends redis-server redis-tools 2>/dev/null |
  sed -n 's/^ *|*\(Pre\)\{0,1\}Depends: \(lib[^ <]*\|lua[^ <]*\)$/\2/p' | sort -u | grep -v -E '^libc6$')
cd "$work/debs" || exit 0
for package in redis-server redis-tools $libraries; do
  # A package that is not to be had may not be needed: whether the server starts decides.
  apt-get "$@" -qq download "$package" >>"$work/log" 2>&1 || true
done
for archive in *.deb; do
  [ -e "$archive" ] && dpkg-deb -x "$archive" "$work/root" >>"$work/log" 2>&1
done
cd ../../.. || exit 0
runs "$work/root" || without 'the packages of this system do not run unpacked'
rm -rf "$target"
mv "$work/root" "$target"
rm -rf "$apt"
