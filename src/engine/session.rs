//! A signed-in visit: who we are, where, and the SDK's machine that holds our device.

use matrix_sdk::ruma::{
    DeviceId, OwnedDeviceId, OwnedUserId,
    api::client::{
        account::whoami,
        session::login,
        uiaa::{MatrixUserIdentifier, UserIdentifier},
    },
    assign,
};
use matrix_sdk_crypto::OlmMachine;
use rand::RngExt as _;

use crate::{
    domain::{problem::Problem, secret::Secret},
    engine::{
        account::{inspect::Inspection, keyring::Keyring, stale_devices::LeftOver},
        connection::{Connection, DEVICE_NAME},
        coverage::Survey,
        devices::{hearing::Hearing, own_device_keys},
        keys::import::Import,
        net::{
            credentials::Pass,
            error::{of_sign_in, of_token},
            failure::{Failure, Repeat},
            homeserver::Homeserver,
        },
        sign_in::oauth::Grant,
        write::{context::Context, orders::Orders},
    },
};

/// A visit to one account. Dropping it forgets every secret in it.
pub(super) struct Session {
    /// The homeserver, and this page's device there.
    pub(super) connection: Connection,
    /// Whether we were signed out meanwhile: what this device had published may be gone with it.
    pub(super) is_back: bool,
    /// The account as last looked at.
    pub(super) inspection: Option<Inspection>,
    /// The keys and phrases that were entered, made and opened.
    pub(super) keyring: Keyring,
    /// The orders, and what was written for them.
    pub(super) orders: Orders,
    /// The devices of earlier visits.
    pub(super) left_over: LeftOver,
    /// The rooms whose messages were looked for in the backup, and how far.
    pub(super) survey: Option<Survey>,
    /// What is known from listening to other devices.
    pub(super) hearing: Hearing,
    /// The key file that was sent, and how far its import has come.
    pub(super) import: Import,
}

/// Whom the server let in.
pub(super) struct Admitted {
    /// The homeserver, with our pass.
    pub(super) server: Homeserver,
    /// The full Matrix ID as the server returned it.
    pub(super) user_id: OwnedUserId,
    /// The device it made for us.
    pub(super) device_id: OwnedDeviceId,
}

impl Admitted {
    /// Signs in once, as a device whose id was chosen before, so that a repeated request (a lost
    /// response) does not leave a second device.
    ///
    /// # Errors
    /// What the server refused.
    pub(super) async fn by_password(
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
    pub(super) async fn by_token(
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
    pub(super) async fn by_grant(
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
            own_device_keys::name(server, &device_id).await;
        }
        Ok((answer.user_id, device_id))
    }

    /// Whether it is the account that was entered: a Matrix ID, or its localpart alone.
    ///
    /// Without regard to case: a localpart is lowercase (specification, "User identifiers"), and servers find whoever
    /// wrote theirs otherwise (Synapse's `get_canonical_user_id`, Conduit's and Dendrite's lowercasing), and answer
    /// with the ID as it is. Nothing else about it may differ.
    pub(super) fn is_account_of(&self, entered: &str) -> bool {
        let entered = entered.trim().to_lowercase();
        let whole = self.user_id.as_str().to_lowercase();
        let Some((localpart, _)) = whole.strip_prefix('@').and_then(|id| id.split_once(':')) else {
            return false;
        };
        entered == whole || entered.strip_prefix('@').unwrap_or(&entered) == localpart
    }
}

impl Session {
    /// Begins a visit.
    pub(super) async fn begin(admitted: Admitted, password: Secret) -> Self {
        let Admitted { server, user_id, device_id } = admitted;
        let machine = OlmMachine::new(&user_id, &device_id).await;
        Self {
            connection: Connection { server, user_id, device_id, machine },
            is_back: false,
            inspection: None,
            keyring: Keyring { password, ..Keyring::default() },
            orders: Orders::default(),
            left_over: LeftOver::default(),
            survey: None,
            hearing: Hearing::default(),
            import: Import::default(),
        }
    }

    /// Goes on with a visit after the server had signed it out: same account, same device, and nothing forgotten.
    pub(super) fn come_back(&mut self, server: Homeserver, password: Secret) {
        server.written().carry_over(self.connection.server.written());
        self.connection.server = server;
        if !password.is_blank() {
            self.keyring.password = password;
        }
        self.is_back = true;
        self.orders.challenge.forget();
    }

    /// What an order needs while it is carried out.
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            connection: &self.connection,
            journal: &self.orders.journal,
            challenge: &self.orders.challenge,
            inspection: self.inspection.as_ref(),
            keyring: &self.keyring,
        }
    }
}

/// A device id of the usual form.
pub(super) fn new_device_id() -> OwnedDeviceId {
    let mut random = rand::rng();
    let id: String = (0..10).map(|_| char::from(random.random_range(b'A'..=b'Z'))).collect();
    id.into()
}
