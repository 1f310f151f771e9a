#!/usr/bin/env bash
# Builds the page twice, as two people would, and compares every file of both dist/. Each build has its own copy of
# these sources in another folder, another target folder, another cargo home and another time zone.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh build
source tools/env.sh

place=$(mktemp -d "${TMPDIR:-/tmp}/matrixbackup-twice-XXXXXX")
trap 'rm -rf "$place"' EXIT

second="another folder, with a longer name"
for folder in one "$second"; do
    mkdir "$place/$folder"
    git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from=- | tar --extract --directory="$place/$folder"
done

# Uses the tools and crates of this machine through links, so that each build has paths of its own for them.
build() { # folder cargo-home cache time-zone
    local cargo="$place/$2" cache="$place/$3/matrixbackup"
    mkdir -p "$cargo" "$cache"
    ln -s "${CARGO_HOME:-$HOME/.cargo}"/* "$cargo"
    ln -s "$MATRIXBACKUP_CACHE/tools" "$MATRIXBACKUP_CACHE"/node-* "$cache"
    (
        cd "$place/$1"
        export CARGO_HOME=$cargo XDG_CACHE_HOME="$place/$3" TZ=$4 RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}"
        nice make --no-print-directory dist
    ) >"$place/log" 2>&1 || { tail -50 "$place/log" >&2; exit 1; }
    echo "built in $place/$1"
}

build one cargo-one target-one UTC
build "$second" another-cargo another/target Pacific/Kiritimati

one="$place/one/dist"
cat "$one/SHA256SUMS"
if diff --recursive --brief "$one" "$place/$second/dist"; then
    echo "$(find "$one" -type f | wc -l) files, byte-equal"
else
    echo "NOT byte-equal" >&2
    exit 1
fi
