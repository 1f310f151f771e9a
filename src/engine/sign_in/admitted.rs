//! Signing in, by each of the ways that servers offer, up to the device that was let in.
//!
//! Source: specification, "Login" and "OAuth 2.0 API".

use matrix_sdk::ruma::{
    DeviceId, OwnedDeviceId, OwnedUserId,
    api::client::{
        account::whoami,
        device::update_device,
        session::login,
        uiaa::{MatrixUserIdentifier, UserIdentifier},
    },
    assign,
};

use crate::{
    domain::{problem::Problem, secret::Secret},
    engine::{
        connection::DEVICE_NAME,
        net::{
            credentials::Pass,
            error::{of_sign_in, of_token},
            failure::{Failure, Repeat},
            homeserver::Homeserver,
            oauth::Grant,
            optional::optional,
        },
    },
};

/// Whom the server let in.
pub(in crate::engine) struct Admitted {
    /// The homeserver, with our pass.
    pub(in crate::engine) server: Homeserver,
    /// The full Matrix ID as the server returned it.
    pub(in crate::engine) user_id: OwnedUserId,
    /// The device it made for us.
    pub(in crate::engine) device_id: OwnedDeviceId,
}

impl Admitted {
    /// Signs in once, as a device whose id was chosen before, so that a repeated request (a lost
    /// response) does not leave a second device.
    ///
    /// # Errors
    /// What the server refused.
    pub(in crate::engine) async fn by_password(
        server: Homeserver,
        user: &str,
        password: &Secret,
        device_id: OwnedDeviceId,
    ) -> Result<Self, Problem> {
        let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(user.trim().to_owned()));
        let password = login::v3::Password::new(identifier, password.expose().to_owned());
        let login = login::v3::LoginInfo::Password(password);
        Self::by_login(server, login, Repeat::SafeButShowWaits, device_id).await.map_err(of_sign_in)
    }

    /// The same with the token that single sign-on brought: good for one time, and not for long.
    ///
    /// # Errors
    /// [`Problem::AnswerTooLate`]; what else the server refused.
    pub(in crate::engine) async fn by_token(
        server: Homeserver,
        token: &Secret,
        device_id: OwnedDeviceId,
    ) -> Result<Self, Problem> {
        let login = login::v3::LoginInfo::Token(login::v3::Token::new(token.expose().to_owned()));
        Self::by_login(server, login, Repeat::Unsafe, device_id).await.map_err(of_token)
    }

    async fn by_login(
        server: Homeserver,
        login: login::v3::LoginInfo,
        repeat: Repeat,
        device_id: OwnedDeviceId,
    ) -> Result<Self, Failure> {
        let request = assign!(login::v3::Request::new(login), {
            device_id: Some(device_id),
            initial_device_display_name: Some(DEVICE_NAME.to_owned()),
        });
        let response = server.send_as(request, repeat).await?;
        server.enter_with(Pass::Token(Secret::new(response.access_token)));
        Ok(Self { server, user_id: response.user_id, device_id: response.device_id })
    }

    /// Asks who it is that an authorization server let in, and names the device that was asked for: at the sign-in that
    /// cannot be done. If it fails, what was granted is given back.
    ///
    /// # Errors
    /// [`Problem::PageRefused`] if no device was granted; the request's problem.
    pub(in crate::engine) async fn by_grant(
        server: Homeserver,
        grant: Grant,
        asked_for: &DeviceId,
    ) -> Result<Self, Problem> {
        server.enter_with(Pass::Grant(grant));
        match Self::ask(&server, asked_for).await {
            Ok((user_id, device_id)) => Ok(Self { server, user_id, device_id }),
            Err(problem) => {
                // Whether or not that succeeds: why it could not go on is what is to be said.
                let _ = server.sign_out().await;
                Err(problem)
            }
        }
    }

    async fn ask(server: &Homeserver, asked_for: &DeviceId) -> Result<(OwnedUserId, OwnedDeviceId), Problem> {
        let answer = server.send(whoami::v3::Request::new()).await?;
        let refused = || Problem::PageRefused { reason: "invalid_scope".to_owned() };
        let device_id = answer.device_id.ok_or_else(refused)?;
        // Another one may be somebody else's.
        if device_id == asked_for {
            name_device(server, &device_id).await;
        }
        Ok((answer.user_id, device_id))
    }

    /// Whether it is the account that was entered: a Matrix ID, or its localpart alone.
    ///
    /// Without regard to case: a localpart is lowercase (specification, "User identifiers"), and servers find whoever
    /// wrote theirs otherwise (Synapse's `get_canonical_user_id`, Conduit's and Dendrite's lowercasing), and answer
    /// with the ID as it is. Nothing else about it may differ.
    pub(in crate::engine) fn is_account_of(&self, entered: &str) -> bool {
        let entered = entered.trim().to_lowercase();
        let whole = self.user_id.as_str().to_lowercase();
        let Some((localpart, _)) = whole.strip_prefix('@').and_then(|id| id.split_once(':')) else {
            return false;
        };
        entered == whole || entered.strip_prefix('@').unwrap_or(&entered) == localpart
    }
}

/// Gives this page's device its name, where it could not be given when it was made. Not every server with another one for
/// its sign-in lets devices be named, and nothing depends on it.
pub(in crate::engine) async fn name_device(server: &Homeserver, device_id: &DeviceId) {
    let request = assign!(update_device::v3::Request::new(device_id.to_owned()), {
        display_name: Some(DEVICE_NAME.to_owned()),
    });
    optional(server.send(request)).await;
}
