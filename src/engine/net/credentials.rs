//! What lets us in: the homeserver's own access token, or what an authorization server granted.

use crate::{
    domain::{farewell::Farewell, secret::Secret},
    engine::net::oauth::Grant,
};

/// One of the two. Has no `Debug`: it is all secret.
pub(in crate::engine) enum Pass {
    /// Valid until this device is signed out.
    Token(Secret),
    /// Short-lived, and renewed.
    Grant(Grant),
}

impl Pass {
    /// The access token of requests.
    pub(in crate::engine) fn token(&self) -> &Secret {
        match self {
            Self::Token(token) => token,
            Self::Grant(grant) => grant.token(),
        }
    }
}

/// How a device with the homeserver's own token is signed out.
pub(in crate::engine) fn logout(base_url: &str, token: Secret) -> Farewell {
    Farewell::Logout { url: [base_url, "/_matrix/client/v3/logout"].concat(), token }
}
