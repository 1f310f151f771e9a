//! The request that signs this page's device out, which the page sends when its tab is closed.
//!
//! Source: specification, `POST /_matrix/client/v3/logout`, and RFC 7009 for OAuth 2.0.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// A request that the page can send without the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Farewell {
    /// A request to the homeserver.
    Logout {
        /// The whole URL.
        url: String,
        /// The access token, for the `Authorization` header.
        token: Secret,
    },
    /// A request to the authorization server, which removes the device together with its tokens.
    Revocation {
        /// The whole URL.
        url: String,
        /// The body, as `application/x-www-form-urlencoded`.
        form: Secret,
    },
}
