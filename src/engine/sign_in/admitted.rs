//! Signs in by each of the ways that servers offer, up to the device that the server made.
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
            credentials::Credentials,
            error::{of_sign_in, of_token},
            failure::{Failure, Repeat},
            homeserver::Homeserver,
            oauth::Grant,
            optional::optional,
        },
    },
};

/// A sign-in that succeeded.
pub(in crate::engine) struct Admitted {
    /// The homeserver, with our credentials.
    pub(in crate::engine) server: Homeserver,
    /// The full Matrix ID as the server returned it.
    pub(in crate::engine) user_id: OwnedUserId,
    /// The device that the server made.
    pub(in crate::engine) device_id: OwnedDeviceId,
}

impl Admitted {
    /// Signs in with a password, as a device whose id was chosen before. A repeated request (after a lost response)
    /// then leaves no second device.
    ///
    /// # Errors
    /// The reason for which the server refused.
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

    /// Signs in with the token of single sign-on, which is good for one time, and not for long.
    ///
    /// # Errors
    /// [`Problem::AnswerTooLate`]; any other reason for which the server refused.
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
        server.enter_with(Credentials::Token(Secret::new(response.access_token)));
        Ok(Self { server, user_id: response.user_id, device_id: response.device_id })
    }

    /// Signs in with a grant: asks whose it is, and names the device, which is not possible at the sign-in. If that
    /// fails, revokes the grant.
    ///
    /// # Errors
    /// [`Problem::PageRefused`] if no device was granted; the request's problem.
    pub(in crate::engine) async fn by_grant(
        server: Homeserver,
        grant: Grant,
        asked_for: &DeviceId,
    ) -> Result<Self, Problem> {
        server.enter_with(Credentials::Grant(grant));
        match Self::ask(&server, asked_for).await {
            Ok((user_id, device_id)) => Ok(Self { server, user_id, device_id }),
            Err(problem) => {
                // The person has to know why it could not go on, whether or not this succeeds.
                let _ = server.sign_out().await;
                Err(problem)
            }
        }
    }

    async fn ask(server: &Homeserver, asked_for: &DeviceId) -> Result<(OwnedUserId, OwnedDeviceId), Problem> {
        let answer = server.send(whoami::v3::Request::new()).await?;
        let refused = || Problem::PageRefused { reason: "invalid_scope".to_owned() };
        let device_id = answer.device_id.ok_or_else(refused)?;
        // Another device may be somebody else's.
        if device_id == asked_for {
            name_device(server, &device_id).await;
        }
        Ok((answer.user_id, device_id))
    }

    /// Tells whether this is the account that was entered: a Matrix ID, or its localpart alone.
    ///
    /// Ignores case. A localpart is lowercase (specification, "User identifiers"). Servers find it in any case and
    /// answer with the ID as it is (Synapse's `get_canonical_user_id`, Conduit and Dendrite). Nothing else about it may
    /// differ.
    pub(in crate::engine) fn is_account_of(&self, entered: &str) -> bool {
        let entered = entered.trim().to_lowercase();
        let whole = self.user_id.as_str().to_lowercase();
        let Some((localpart, _)) = whole.strip_prefix('@').and_then(|id| id.split_once(':')) else {
            return false;
        };
        entered == whole || entered.strip_prefix('@').unwrap_or(&entered) == localpart
    }
}

/// Gives this page's device its name, if that was not possible when it was made. Servers with OAuth 2.0 may not let
/// devices be named, and nothing depends on it.
pub(in crate::engine) async fn name_device(server: &Homeserver, device_id: &DeviceId) {
    let request = assign!(update_device::v3::Request::new(device_id.to_owned()), {
        display_name: Some(DEVICE_NAME.to_owned()),
    });
    optional(server.send(request)).await;
}
