//! Supports the Rust tests with homeservers that lie or work by other rules, and with a proxy that breaks requests.
//! Beside these there are accounts, clients, and judges that have no code of ours. The tests name a module without its
//! folder.
// Each test binary uses a part of it.
#![allow(dead_code, unused_imports, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod accounts {
    pub mod account;
    pub mod conversation;
    pub mod made;
    pub mod others;
    pub mod room_keys;
}
pub mod clients {
    pub mod key_files;
    pub mod native_client;
    pub mod visit;
}
pub mod judges {
    pub mod judge;
    pub mod leak;
    pub mod verifier;
}
pub mod proxy;
pub mod server {
    pub mod attacker;
    pub mod front;
    pub mod hostile_homeserver;
    pub mod rule;
}

pub use accounts::{account, conversation, made, others, room_keys};
pub use clients::{key_files, native_client, visit};
pub use judges::{judge, leak, verifier};
pub use server::{attacker, front, hostile_homeserver, rule};
