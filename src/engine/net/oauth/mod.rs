//! Signing in on the page of an authorization server: OAuth 2.0 as Matrix uses it.
//!
//! ```text
//! register (once) ── address of the page ── the person, there ── code ── tokens ── renewed ── revoked
//! ```
//!
//! The requests are our own, over the engine's one transport: with its deadline and caps, and without
//! redirections.
//!
//! Source: specification, client-server API, "OAuth 2.0 API"; RFC 6749, 7009, 7591, 7636 and 9207.

mod authorization;
mod client;
mod form;
mod grant;
mod random;

pub(in crate::engine) use self::{
    authorization::Authorization,
    client::Registration,
    form::{component, query},
    grant::Grant,
    random::unguessable,
};
