//! The engine against a real homeserver: run under `tests/support/homeserver.mjs`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod change_key;
mod import;
mod kit;
mod opening;
mod repair;
mod reset;
mod rotate;
mod set_up;
#[path = "../support/mod.rs"]
mod support;
mod take_home;
