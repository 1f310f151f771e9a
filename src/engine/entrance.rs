//! Signs in, the first time and again after the server has signed this page out; and signs out.

use matrix_sdk::ruma::OwnedDeviceId;

use crate::{
    domain::{problem::Problem, secret::Secret, sign_in::Door},
    engine::{
        Engine,
        net::{homeserver::Homeserver, oauth::Registration},
        session::{self, Session},
        sign_in::{
            admitted::Admitted,
            attempt::{Answer, Attempt, Key},
        },
    },
    protocol::messages::Event,
};

impl Engine {
    /// Signs in with a password, unless that is done already: a second sign-in would leave the first device behind.
    pub(super) async fn sign_in(
        &mut self,
        base_url: String,
        user: &str,
        password: Secret,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        if self.must_sign_in() {
            self.require_no_key(&password)?;
            // Pasted into the field above, a key would reach the server all the same.
            self.require_no_key(&Secret::from(user))?;
            let server = Homeserver::new(base_url, self.news());
            let device_id = self.device_id();
            let admitted = Admitted::by_password(server, user, &password, device_id).await?;
            self.admit(admitted, Some(user.trim().to_owned()), password).await?;
        }
        self.welcome(tell).await
    }

    /// Prepares to sign in on a page of the server's.
    pub(super) async fn authorize(
        &mut self,
        base_url: String,
        door: Door,
        user_id: Option<String>,
        callback: String,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        // The person no longer waits for an earlier attempt.
        self.attempt = None;
        let device_id = self.device_id();
        let begun =
            Attempt::begin(base_url, door, user_id, callback, &device_id, &mut self.registration).await;
        let (attempt, address) = begun?;
        self.attempt = Some(attempt);
        tell(Event::Authorize { address });
        Ok(())
    }

    /// Signs in with the answer of that page. An answer to another attempt leaves this one as it is.
    pub(super) async fn authorized(&mut self, answer: &Secret, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let answer = Answer::read(answer);
        let attempt = self.attempt.take_if(|attempt| attempt.is_answered_by(&answer));
        let attempt = attempt.ok_or(Problem::StrayAnswer)?;
        if self.must_sign_in() {
            let server = Homeserver::new(attempt.base_url.clone(), self.news());
            let wanted = attempt.wanted.clone();
            let device_id = self.device_id();
            let admitted = match attempt.finish(&answer).await? {
                Key::LoginToken(token) => Admitted::by_token(server, &token, device_id).await?,
                Key::Grant(grant) => Admitted::by_grant(server, grant, &device_id).await?,
            };
            self.admit(admitted, wanted, Secret::default()).await?;
        }
        self.welcome(tell).await
    }

    /// Ends the visit, and forgets everything of it once the server has signed this page out.
    pub(super) async fn sign_out(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        if let Some(session) = &self.session {
            session.connection.server.sign_out().await?;
        }
        self.session = None;
        self.attempt = None;
        self.registration = Registration::default();
        tell(Event::SignedOut);
        Ok(())
    }

    /// Tells whether this visit has not signed in yet, or the server has signed it out.
    fn must_sign_in(&self) -> bool {
        self.session.as_ref().is_none_or(|session| session.connection.server.is_out())
    }

    /// Returns this page's device id; chosen once, so that signing in again is the same device.
    fn device_id(&self) -> OwnedDeviceId {
        self.device_id.get_or_init(session::new_device_id).clone()
    }

    /// Begins the visit, or goes on with it. Accepts only the wanted account, as the device that was asked for. Of two
    /// devices that begin to compare emoji at once, the order of their ids decides whose proposal counts. A server that
    /// chooses the id could decide that, or name another person's device.
    async fn admit(
        &mut self,
        admitted: Admitted,
        wanted: Option<String>,
        password: Secret,
    ) -> Result<(), Problem> {
        let wanted = match &self.session {
            Some(session) => (session.connection.user_id != admitted.user_id)
                .then(|| session.connection.user_id.to_string()),
            None => wanted.filter(|wanted| !admitted.is_account_of(wanted)),
        };
        if let Some(wanted) = wanted {
            let is_left = admitted.server.sign_out().await.is_ok();
            return Err(Problem::AnotherAccount { wanted, came: admitted.user_id.to_string(), is_left });
        }
        if admitted.device_id != self.device_id() {
            let is_left = admitted.server.sign_out().await.is_ok();
            return Err(Problem::AnotherDevice { is_left });
        }
        match &mut self.session {
            Some(session) => session.come_back(admitted.server, password),
            None => self.session = Some(Session::begin(admitted, password).await),
        }
        Ok(())
    }

    /// Tells who signed in, and looks at the account.
    async fn welcome(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let session = self.session()?;
        tell(Event::SignedIn {
            user_id: session.connection.user_id.to_string(),
            farewell: session.connection.server.farewell(),
        });
        Box::pin(self.look(tell)).await
    }
}
