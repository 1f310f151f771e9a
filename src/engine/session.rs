//! A signed-in visit, which owns everything that the parts of the engine share.

use matrix_sdk::ruma::OwnedDeviceId;
use matrix_sdk_crypto::OlmMachine;
use rand::RngExt as _;

use crate::{
    domain::secret::Secret,
    engine::{
        account::{inspect::Inspection, keyring::Keyring, stale_devices::LeftOver},
        connection::Connection,
        coverage::Survey,
        devices::hearing::Hearing,
        keys::import::Import,
        net::homeserver::Homeserver,
        sign_in::admitted::Admitted,
        write::{context::Context, orders::Orders},
    },
};

/// A visit to one account. Dropping it forgets every secret in it.
pub(super) struct Session {
    /// The homeserver, and this page's device there.
    pub(super) connection: Connection,
    /// Set after the server has signed this page out meanwhile: what this device had published may be gone.
    pub(super) is_back: bool,
    /// The account as last looked at.
    pub(super) inspection: Option<Inspection>,
    /// The keys and phrases that were entered, made and opened.
    pub(super) keyring: Keyring,
    /// The orders, and their writes.
    pub(super) orders: Orders,
    /// The devices that earlier visits left.
    pub(super) left_over: LeftOver,
    /// The rooms whose messages were looked at, and how far back.
    pub(super) survey: Option<Survey>,
    /// The state of listening to other devices.
    pub(super) hearing: Hearing,
    /// The key file that was sent, and how far its import has come.
    pub(super) import: Import,
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

    /// Gives an order the parts that it reads while it is carried out.
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

/// Makes a device id in the usual form of ten capitals.
pub(super) fn new_device_id() -> OwnedDeviceId {
    let mut random = rand::rng();
    let id: String = (0..10).map(|_| char::from(random.random_range(b'A'..=b'Z'))).collect();
    id.into()
}
