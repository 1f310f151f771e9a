# Everything a person or CI does with this project, by name. Tools and build output live in ~/.cache/matrixbackup.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo watch dist test states servers journeys signin browsers screens sweep bench fuzz reproducible release image deb budget fmt clippy

# The sources of dist/. Folders count too, so that a deleted file leads to a new build.
inputs := $(shell find src style index.html callback.html build.rs Cargo.toml Cargo.lock Trunk.toml rust-toolchain.toml \
	tools/env.sh tools/pin-engine.mjs tools/split.mjs tools/shrink.mjs tools/words.mjs tools/compress.mjs tools/headers.mjs \
	tools/server-lines.mjs hosting/config.schema.json tests/package-lock.json 2>/dev/null)

help: ## this list
	@sed -n 's/^\([a-z_]*\):.*## /  make \1\t/p' Makefile | expand -t 16

setup: ## install everything the other commands need (they do it themselves)
	@tools/setup.sh test

# With PAGE, a release's tarball, nothing is built and Rust is not needed.
demo: $(if $(PAGE),,dist) ## the page in front of a real homeserver with an account to try it on; PORT=8080, STATE=4, LOGIN=sso, HTTPS=1, PAGE=release.tar.gz
	@tools/setup.sh demo
	@source tools/env.sh && exec node tools/demo.mjs

watch: ## every screen from its fixture, built and loaded anew at each change of a source file; PORT=8088
	@tools/setup.sh build
	@source tools/env.sh && exec node tools/watch.mjs

dist: dist/SHA256SUMS ## the release page in dist/, for any static host and any path

dist/SHA256SUMS: $(inputs)
	@tools/setup.sh build
	@source tools/env.sh && trunk build --release
	@source tools/env.sh && node tools/compress.mjs

test: setup ## everything CI runs; one part: node tests/all.mjs e2e
	@node tests/all.mjs

states: setup ## every state an account can be in, looked after on a real homeserver
	@source tools/env.sh && cargo build -q --locked --features native --examples
	@source tools/env.sh && node tests/support/server/homeserver.mjs -- cargo test -q --locked --features native --test states

servers: setup ## each main thing the page does, under every rule by which some homeserver differs
	@source tools/env.sh && MATRIXBACKUP_SERVERS=all node tests/support/server/homeserver.mjs -- cargo test -q --locked --features native \
		--test engine servers:: -- --nocapture

journeys: setup dist ## the five ways to the last screen in a browser, and what can be read before and after
	@source tools/env.sh && MATRIXBACKUP_JOURNEYS=1 node tests/support/server/homeserver.mjs -- node --test --test-reporter=spec \
		--test-timeout=600000 --test-force-exit tests/e2e/journeys.test.mjs

signin: setup dist ## every way to sign in, with three accounts each, to the last screen in a browser
	@source tools/env.sh && node tests/sign_in.mjs

browsers: setup dist ## the page in Chromium, Firefox and WebKitGTK; ENGINE=firefox, FEATURE=lock, RUNS=20
	@source tools/env.sh && node tests/support/server/homeserver.mjs -- node --experimental-websocket --no-warnings tests/browsers/main.mjs

screens: setup dist ## every screen photographed, narrow and wide, light and dark, and judged by axe-core in both views
	@source tools/env.sh && MATRIXBACKUP_SCREENS=all node --test --test-reporter=spec --test-timeout=3600000 --test-force-exit \
		tests/e2e/screens.test.mjs

sweep: setup dist ## every request that writes, broken in every way, natively and in a browser
	@source tools/env.sh && cargo build -q --locked --features native --examples
	@source tools/env.sh && node tests/support/server/homeserver.mjs -- cargo test -q --locked --features native --test sweep
	@source tools/env.sh && MATRIXBACKUP_SWEEP=all node tests/support/server/homeserver.mjs -- node --test --test-reporter=spec \
		--test-timeout=1800000 --test-force-exit tests/e2e/sweep.test.mjs

bench: setup dist ## what things cost, beside matrix-js-sdk doing the same work, into docs/performance.md; BENCH=small
	@source tools/env.sh && cargo build -q --locked --features native --examples
	@source tools/env.sh && node tests/bench/main.mjs

fuzz: ## a fuzzer against everything that reads untrusted bytes; SECONDS=60 for each target
	@tools/setup.sh fuzz
	@source tools/env.sh && node tools/fuzz.mjs $(or $(SECONDS),60)

reproducible: ## builds twice, in different folders, and compares every file
	@tools/reproducible.sh

release: ## the release of a tagged commit, in release/: see RELEASING.md; MINISIGN_KEY=file signs it
	@tools/setup.sh release
	@source tools/env.sh && node tools/release.mjs

image: $(if $(PAGE),,dist) ## an OCI image of web server and page, for amd64 and arm64, in packages/; PAGE=release.tar.gz builds nothing
	@tools/setup.sh image
	@source tools/env.sh && node tools/image.mjs

deb: $(if $(PAGE),,dist) ## a Debian package of the page, in packages/, judged by lintian if it is there; PAGE=release.tar.gz builds nothing
	@source tools/env.sh && node tools/deb.mjs

budget: dist ## sizes and counts against their limits
	@node tools/budget.mjs

fmt: ## format the Rust code
	@source tools/env.sh && cargo fmt

clippy: setup ## lint every build
	@node tests/all.mjs clippy
