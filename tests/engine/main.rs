//! The engine against a real homeserver: run under `tests/support/homeserver.mjs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod opening;
mod set_up;
#[path = "../support/mod.rs"]
mod support;
