//! The engine's only way to the network: one transport, one place that sends, the tokens of the visit, and what becomes
//! of a failed request.
//!
//! No other folder of the engine sends anything by itself.

pub(in crate::engine) mod credentials;
pub(in crate::engine) mod error;
pub(in crate::engine) mod failure;
pub(in crate::engine) mod homeserver;
pub(in crate::engine) mod oauth;
pub(in crate::engine) mod optional;
pub(in crate::engine) mod retry;
pub(in crate::engine) mod stop;
pub(in crate::engine) mod timing;
pub(in crate::engine) mod transport;
pub(in crate::engine) mod written;
