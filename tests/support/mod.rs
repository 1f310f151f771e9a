//! What the engine's tests stand on: a real homeserver with accounts, a proxy before it that loses
//! answers, and the independent verifier.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod account;
pub mod attacker;
pub mod conversation;
pub mod front;
pub mod hostile_homeserver;
pub mod judge;
pub mod key_files;
pub mod leak;
pub mod made;
pub mod proxy;
pub mod room_keys;
pub mod rule;
pub mod verifier;
pub mod visit;
