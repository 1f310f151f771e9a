//! Holds the facts and the decisions; uses no browser, no SDK, no clock, no randomness and no other part of ours.
//!
//! Three things are kept apart: facts ([`account`]), conclusions from them ([`diagnosis`]) and what to do ([`plan`]).
//! Everything here is a pure function of its input, so it is tested natively, by table and by property.

pub mod account;
pub mod address;
pub mod answer;
pub mod apps;
pub mod config;
pub mod contact;
pub mod coverage;
pub mod diagnosis;
pub mod discovery;
pub mod emoji;
pub mod farewell;
pub mod file_text;
pub mod given;
pub mod handed_over;
pub mod json;
pub mod key_file;
pub mod kit;
pub mod line;
pub mod mended;
pub mod no_key;
pub mod opening;
pub mod passphrase;
pub mod phrase_policy;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod proof;
pub mod proved;
pub mod recovery_key;
pub mod rotation;
pub mod secret;
pub mod session_limit;
pub mod sign_in;
pub mod verification;
pub mod web_address;
