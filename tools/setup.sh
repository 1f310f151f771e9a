#!/usr/bin/env bash
# Makes a fresh Debian 12 (rustup, python3, node and apt; nothing else) ready, and says nothing when it already is.
#
#   tools/setup.sh build   what `make dist` needs: toolchain, crates, trunk, wasm-bindgen, wasm-split, wasm-opt
#   tools/setup.sh demo    that, and a homeserver: Synapse; with PAGE set, a release's page is shown and nothing is built
#   tools/setup.sh test    that, and what the tests need: three browsers and a screen for one, three web servers, cargo-deny, minisign,
#                          the image's packages, and two programs that read images
#   tools/setup.sh image   what `make image` needs beside the page: the Debian packages that are in it
#   tools/setup.sh release what `make release` needs beside what it builds with: that, and minisign
#   tools/setup.sh fuzz    what `make fuzz` needs: toolchain, cargo-fuzz, and the compiler of its C++ part
#
# Everything lands in ~/.cache/matrixbackup. Each step looks at what is there, not at a note that it once ran,
# so an interrupted set-up can simply be started again.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/env.sh

TRUNK=0.22.1
WASM_SPLIT=0.2.4
CARGO_DENY=0.20.2
CARGO_FUZZ=0.13.2
SYNAPSE=$(sed -n 's/^matrix-synapse==//p' tools/synapse-constraints.txt)
AUTHLIB=$(sed -n 's/^Authlib==//p' tools/synapse-constraints.txt)
RUST=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

as_root=(env DEBIAN_FRONTEND=noninteractive)
[ "$(id -u)" -eq 0 ] || as_root=(sudo "${as_root[@]}")

# Installs the apt packages of what is missing, all in one call. Arguments: "check=package" pairs.
system_packages() {
    local missing=() pair
    for pair in "$@"; do
        eval "${pair%=*}" >/dev/null 2>&1 || missing+=("${pair##*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || die "please install: ${missing[*]}"
    say "installing system packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

rust_toolchain() {
    command -v rustup >/dev/null || die "rustup is missing: see https://rustup.rs"
    local sysroot
    if sysroot=$(rustc --print sysroot 2>/dev/null) && [ -x "$sysroot/bin/cargo-clippy" ] && [ -x "$sysroot/bin/cargo-fmt" ] \
        && [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib" ]; then return; fi
    say "installing Rust $RUST with the wasm target"
    rustup toolchain install "$RUST" --profile minimal -c clippy,rustfmt -t wasm32-unknown-unknown --no-self-update
}

# Installs a cargo tool at one exact version, unless cargo's own record has it.
cargo_tool() { # name version [flags…]
    local name=$1 version=$2 record="$MATRIXBACKUP_CACHE/tools/.crates.toml"
    grep -qs "^\"$name $version " "$record" && return
    say "building $name $version (once; a few minutes)"
    # For these tools a short build matters more than a short run.
    CARGO_TARGET_DIR="$MATRIXBACKUP_CACHE/tool-build" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        cargo install --quiet --force --root "$MATRIXBACKUP_CACHE/tools" "$name@$version" "${@:3}"
}

# trunk runs offline, so that it can never fetch a tool of its own: the crates must be here first.
crates() {
    local fetch=(cargo fetch --quiet --locked --target wasm32-unknown-unknown --target "$(rustc --print host-tuple)")
    "${fetch[@]}" --offline 2>/dev/null && return
    say "fetching the crates of Cargo.lock"
    "${fetch[@]}"
}

node_modules() {
    local folder
    folder="$MATRIXBACKUP_CACHE/node-$(cat tests/package.json tests/package-lock.json | sha256sum | cut -c1-16)"
    if [ ! -d "$folder" ]; then
        say "installing the node modules of tests/package-lock.json"
        rm -rf "$folder.new"
        mkdir -p "$folder.new"
        cp tests/package.json tests/package-lock.json tests/.npmrc "$folder.new"
        (cd "$folder.new" && npm ci --ignore-scripts --loglevel=error)
        mv "$folder.new" "$folder"
    fi
    ln -sfn "$folder/node_modules" tests/node_modules
}

synapse() {
    local venv="$MATRIXBACKUP_CACHE/synapse-venv"
    # Authlib lets Synapse sign people in at an identity provider.
    [ -x "$venv/bin/python" ] \
        && ls -d "$venv"/lib/python3*/site-packages/matrix_synapse-"$SYNAPSE".dist-info >/dev/null 2>&1 \
        && ls -d "$venv"/lib/python3*/site-packages/authlib-"$AUTHLIB".dist-info >/dev/null 2>&1 && return
    say "installing Synapse $SYNAPSE"
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -c tools/synapse-constraints.txt "matrix-synapse[oidc]==$SYNAPSE"
}

# Unpacks the web servers that the files of hosting/ are tried with. They are not installed, so that no service starts.
web_servers() {
    local folder="$MATRIXBACKUP_CACHE/servers"
    [ -x "$folder/usr/sbin/nginx" ] && return
    command -v apt-get >/dev/null || die "nginx, Caddy and Apache come from Debian's packages; there is no apt-get"
    say "unpacking nginx, Caddy and Apache"
    rm -rf "$folder.new"
    mkdir -p "$folder.new/archives/partial"
    local download=(apt-get -qq -y --no-install-recommends --download-only --reinstall
        -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o "Dir::Cache::archives=$folder.new/archives"
        install nginx libnginx-mod-http-brotli-static caddy apache2)
    if ! "${download[@]}" >/dev/null 2>&1; then
        "${as_root[@]}" apt-get update -qq
        "${download[@]}" >/dev/null
    fi
    local archive
    for archive in "$folder.new"/archives/*.deb; do dpkg-deb --extract "$archive" "$folder.new"; done
    rm -rf "$folder.new/archives" "$folder"
    mv "$folder.new" "$folder"
}

# Fetches the packages that tools/image-packages.txt names. apt checks Debian's signature, and sha256sum our digests.
image_packages() {
    local folder="$MATRIXBACKUP_CACHE/image" list="$PWD/tools/image-packages.txt"
    mkdir -p "$folder"
    (cd "$folder" && sha256sum --check --strict --status "$list" 2>/dev/null) && return
    command -v apt-get >/dev/null || die "what is in the image comes from Debian's packages; there is no apt-get"
    system_packages 'ls /usr/share/keyrings/debian-archive-keyring.gpg=debian-archive-keyring'
    say "fetching the Debian packages of the image"
    # An apt of its own: it knows Debian 12 alone, for both machines, whatever this one is.
    local apt="$folder/apt" signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    rm -rf "$apt"
    mkdir -p "$apt/parts" "$apt/state/lists/partial" "$apt/cache/archives/partial"
    touch "$apt/status"
    printf 'deb %s http://deb.debian.org/%s main\n' \
        "$signed" 'debian bookworm' "$signed" 'debian-security bookworm-security' >"$apt/sources.list"
    local options=(-qq -o APT::Sandbox::User=root -o Acquire::Languages=none -o Debug::NoLocking=1
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64
        -o "Dir::Etc::SourceList=$apt/sources.list" -o "Dir::Etc::SourceParts=$apt/parts"
        -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache")
    apt-get "${options[@]}" update >/dev/null
    local packages
    mapfile -t packages < <(sed -E 's/^[0-9a-f]{64}  ([^_]+)_([^_]+)_([^_]+)\.deb$/\1:\3=\2/' "$list")
    (cd "$folder" && apt-get "${options[@]}" download "${packages[@]}" >/dev/null) \
        || die "Debian has newer packages now: RELEASING.md says how tools/image-packages.txt follows"
    (cd "$folder" && sha256sum --check --strict --quiet "$list")
    rm -rf "$apt"
}

node_needs() {
    command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || die "node 20 or newer is needed"
    node_modules
}

build() {
    node_needs
    system_packages 'command -v cc=build-essential' 'command -v pkg-config=pkg-config'
    rust_toolchain
    cargo_tool trunk "$TRUNK" --locked --no-default-features --features rustls
    # The command line tool must be the very version of the library, and its own lock file does not resolve everywhere.
    cargo_tool wasm-bindgen-cli "$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)"
    # Reads the marks that leptos' macro left in the program, and checks the version of their format.
    cargo_tool wasm_split_cli_support "$WASM_SPLIT" --locked --features build-binary
    crates
}

demo_needs() {
    system_packages 'python3 -c "import venv, ensurepip"=python3-venv' 'command -v openssl=openssl'
    synapse
}

test_needs() {
    system_packages \
        'command -v chromium=chromium' \
        'command -v firefox-esr=firefox-esr' \
        'command -v WebKitWebDriver=webkit2gtk-driver' \
        'command -v Xvfb=xvfb' \
        'command -v pdftoppm=poppler-utils' \
        'command -v minisign=minisign' \
        'command -v skopeo=skopeo' \
        'command -v umoci=umoci' \
        'ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf=fonts-dejavu-core' \
        'ls /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf=fonts-noto-color-emoji'
    web_servers
    image_packages
    cargo_tool cargo-deny "$CARGO_DENY" --locked
}

fuzz_needs() {
    system_packages 'command -v c++=build-essential'
    rust_toolchain
    cargo_tool cargo-fuzz "$CARGO_FUZZ" --locked
    cargo fetch --quiet --locked --manifest-path fuzz/Cargo.toml --target "$(rustc --print host-tuple)"
}

mkdir -p "$MATRIXBACKUP_CACHE"
# Two checkouts setting up at once take turns.
exec 9>"$MATRIXBACKUP_CACHE/setup.lock"
flock 9

[ -e Cargo.lock ] || die "Cargo.lock is missing: it says which wasm-bindgen is needed"
case "${1:-}" in
    build) build ;;
    demo)
        if [ -z "${PAGE:-}" ]; then build; else
            [ -f "$PAGE" ] || die "PAGE names $PAGE, which is not there"
            node_needs
        fi
        demo_needs
        ;;
    test) build; demo_needs; test_needs ;;
    image)
        node_needs
        image_packages
        ;;
    release)
        system_packages 'command -v minisign=minisign' 'command -v dpkg-deb=dpkg'
        image_packages
        ;;
    fuzz) fuzz_needs ;;
    *) die "usage: tools/setup.sh build|demo|test|image|release|fuzz" ;;
esac
rm -rf "$MATRIXBACKUP_CACHE/tool-build"
