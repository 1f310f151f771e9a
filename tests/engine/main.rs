//! Tests the engine against a real homeserver: run under `tests/support/server/homeserver.mjs`.
// The SDK's futures are deep.
#![recursion_limit = "256"]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/clients/app.rs"]
mod app;
mod change_key;
mod check;
mod coverage;
mod hostile;
mod import;
mod kit;
mod mend;
mod opening;
mod others;
mod proof;
mod repair;
mod reset;
mod rotate;
mod servers;
mod set_up;
mod sign_in;
mod stop;
#[path = "../support/mod.rs"]
mod support;
mod take_home;
mod verify;
