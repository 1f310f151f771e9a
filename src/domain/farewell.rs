//! The request that signs this page's device out: the page sends it when its tab is closed.
//!
//! Source: specification, `POST /_matrix/client/v3/logout`, and RFC 7009 for OAuth 2.0.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// A request that can be sent without the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Farewell {
    /// To the homeserver.
    Logout {
        /// The whole address.
        url: String,
        /// The access token, for the header.
        token: Secret,
    },
    /// To the authorization server: the device goes with its tokens.
    Revocation {
        /// The whole address.
        url: String,
        /// The body, of `application/x-www-form-urlencoded`.
        form: Secret,
    },
}
