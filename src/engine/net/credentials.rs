//! The credentials of requests: the homeserver's own access token, or the grant of an authorization server.

use crate::{
    domain::{farewell::Farewell, secret::Secret},
    engine::net::oauth::Grant,
};

/// Either kind of credentials. Has no `Debug`: all of it is secret.
pub(in crate::engine) enum Credentials {
    /// Valid until this device is signed out.
    Token(Secret),
    /// Short-lived, and renewed.
    Grant(Grant),
}

impl Credentials {
    /// The access token that requests carry.
    pub(in crate::engine) fn token(&self) -> &Secret {
        match self {
            Self::Token(token) => token,
            Self::Grant(grant) => grant.token(),
        }
    }
}

/// Makes the request that signs out a device with the homeserver's own token.
pub(in crate::engine) fn logout(base_url: &str, token: Secret) -> Farewell {
    Farewell::Logout { url: [base_url, "/_matrix/client/v3/logout"].concat(), token }
}
