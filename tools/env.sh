# Sourced by setup.sh and by every Makefile recipe, so that each finds the same pinned tools and keeps what it
# builds out of the checkout. `tools/setup.sh` fills the folders named here.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

export MATRIXBACKUP_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/matrixbackup"
export CARGO_TARGET_DIR="$MATRIXBACKUP_CACHE/target"
# wasm-opt comes from npm's binaryen, the rest from cargo; rustup's own cargo goes before a distribution's.
export PATH="$MATRIXBACKUP_CACHE/tools/bin:$root/tests/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# rust-toolchain.toml decides; a toolchain forced from outside would build something else.
unset RUSTUP_TOOLCHAIN
# Panics name their source file. The path on this machine is cut off, so that every machine builds the same bytes.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src/index.crates.io-1949cf8c6b5b557f="
