//! Makes a cross-signing identity and publishes it, with the proof that the server may ask for.
//!
//! Source: specification, "Cross-signing" and "User-Interactive Authentication API".

use matrix_sdk::ruma::{
    CanonicalJsonValue, UserId,
    api::client::{keys::upload_signing_keys, uiaa::AuthData},
    assign,
    encryption::{CrossSigningKey, DeviceKeys},
    serde::Raw,
};
use matrix_sdk_crypto::{
    CrossSigningBootstrapRequests, OlmMachine, store::types::CrossSigningKeyExport,
    types::requests::AnyOutgoingRequest, vodozemac::Ed25519SecretKey,
};
use serde_json::{Value, json};

use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::{
            inspect::Inspection,
            public_key,
            published_identity::{self, identity, published_keys},
            secret_storage::Secrets,
        },
        connection::Connection,
        net::failure::Failure,
        sign_in::{
            halt::Halt,
            uia::{self, GivenProof, Guarded, LastChallenge},
        },
    },
};

/// An identity that this page made, and the requests that publish it.
pub(in crate::engine) struct NewIdentity {
    requests: CrossSigningBootstrapRequests,
}

impl NewIdentity {
    /// Makes an identity, replacing any in the machine, and returns its private keys, so that they can be stored before
    /// it is published. Until then the machine must hear of no other identity: it would forget this one
    /// (matrix-rust-sdk#4728).
    pub(in crate::engine) async fn make(
        machine: &OlmMachine,
    ) -> Result<(Self, CrossSigningKeyExport), Problem> {
        let requests = machine.bootstrap_cross_signing(true).await.map_err(|_| Problem::engine_stopped())?;
        let export = machine.export_cross_signing_keys().await.map_err(|_| Problem::engine_stopped())?;
        Ok((Self { requests }, export.ok_or(Problem::engine_stopped())?))
    }

    /// Publishes the identity, with the given proof if the server asks for one. Replaces no identity but the one with
    /// the public master key `replaces`, which the person agreed to replace.
    pub(in crate::engine) async fn publish(
        &self,
        connection: &Connection,
        last_challenge: &LastChallenge,
        ours: &Secrets,
        replaces: Option<&str>,
        given: &mut GivenProof<'_>,
    ) -> Result<(), Halt> {
        let public_keys = self.public_keys().ok_or(Problem::engine_stopped())?;
        public_keys.publish(connection, last_challenge, &ours.cross_signing(), replaces, given).await?;
        Ok(self.sign_device(connection).await?)
    }

    /// The public keys; there are all three of an identity that was just made.
    fn public_keys(&self) -> Option<PublicKeys> {
        let upload = &self.requests.upload_signing_keys_req;
        Some(PublicKeys {
            master: upload.master_key.as_ref()?.to_raw(),
            self_signing: upload.self_signing_key.as_ref()?.to_raw(),
            user_signing: upload.user_signing_key.as_ref()?.to_raw(),
        })
    }

    /// Signs this page's device, if it was published before the identity was made.
    async fn sign_device(&self, connection: &Connection) -> Result<(), Failure> {
        let upload = self.requests.upload_keys_req.as_ref().map(|outgoing| outgoing.request());
        if matches!(upload, Some(AnyOutgoingRequest::KeysUpload(upload)) if upload.device_keys.is_some()) {
            return Ok(());
        }
        let response = connection.server.send(self.requests.upload_signatures_req.clone()).await?;
        if response.failures.is_empty() { Ok(()) } else { Err(Failure::Garbled) }
    }

    /// This page's device keys, signed by the new identity; `None` if they were published before.
    pub(in crate::engine) fn device_keys(&self) -> Option<&Raw<DeviceKeys>> {
        match self.requests.upload_keys_req.as_ref()?.request() {
            AnyOutgoingRequest::KeysUpload(upload) => upload.device_keys.as_ref(),
            _ => None,
        }
    }

    /// Uploads the device keys, signed by the new identity, so that no separate signature is needed.
    pub(in crate::engine) async fn upload_device_keys(&self, connection: &Connection) -> Result<(), Failure> {
        let Some(outgoing) = &self.requests.upload_keys_req else { return Ok(()) };
        let AnyOutgoingRequest::KeysUpload(upload) = outgoing.request() else { return Err(Failure::Garbled) };
        let response = connection.server.send(upload.clone()).await?;
        connection
            .machine
            .mark_request_as_sent(outgoing.request_id(), &response)
            .await
            .map_err(|_| Failure::Garbled)
    }
}

/// Publishes the identity whose private keys are stored; derives its public keys from them.
///
/// # Errors
/// The same as [`NewIdentity::publish`]; [`Problem::NotAsWritten`] if the server then shows another identity.
pub(in crate::engine) async fn publish_stored(
    connection: &Connection,
    last_challenge: &LastChallenge,
    stored: &CrossSigningKeyExport,
    given: &mut GivenProof<'_>,
) -> Result<(), Halt> {
    let public_keys = PublicKeys::of(&connection.user_id, stored).ok_or(Problem::DoesNotFit)?;
    public_keys.publish(connection, last_challenge, stored, None, given).await?;
    let now = Inspection::read(connection).await?;
    match published_identity::machine_with_identity(&connection.user_id, &now.keys, copy(stored)).await {
        Some(_) => Ok(()),
        None => Err(Problem::NotAsWritten { part: Part::Identity }.into()),
    }
}

/// Tells whether public keys can be derived from stored private keys.
#[cfg(test)]
#[cfg(feature = "native")]
pub(in crate::engine) fn has_public_keys(user_id: &UserId, stored: &CrossSigningKeyExport) -> bool {
    PublicKeys::of(user_id, stored).is_some()
}

/// Copies the keys: the SDK's type is wiped when dropped and has no `Clone`.
fn copy(keys: &CrossSigningKeyExport) -> CrossSigningKeyExport {
    CrossSigningKeyExport {
        master_key: keys.master_key.clone(),
        self_signing_key: keys.self_signing_key.clone(),
        user_signing_key: keys.user_signing_key.clone(),
    }
}

/// The public keys of an identity, as they are published.
struct PublicKeys {
    master: Raw<CrossSigningKey>,
    self_signing: Raw<CrossSigningKey>,
    user_signing: Raw<CrossSigningKey>,
}

impl PublicKeys {
    /// Derives the public keys; the master key signs the two others (specification, "Cross-signing").
    fn of(user_id: &UserId, stored: &CrossSigningKeyExport) -> Option<Self> {
        let private = |text: &Option<String>| public_key::ed25519_secret(text.as_ref()?);
        let master = private(&stored.master_key)?;
        let describe = |key: &Ed25519SecretKey, usage: &str| {
            let public = key.public_key().to_base64();
            let name = format!("ed25519:{public}");
            json!({ "user_id": user_id, "usage": [usage], "keys": { name: public } })
        };
        let signed = |key: &Ed25519SecretKey, usage: &str| {
            let mut key = describe(key, usage);
            let canonical = CanonicalJsonValue::try_from(key.clone()).ok()?.to_string();
            let by = format!("ed25519:{}", master.public_key().to_base64());
            let signature = master.sign(canonical.as_bytes()).to_base64();
            key["signatures"] = json!({ user_id.as_str(): { by: signature } });
            Some(key)
        };
        let raw = |key: &Value| Some(Raw::new(key).ok()?.cast_unchecked());
        let self_signing = signed(&private(&stored.self_signing_key)?, "self_signing")?;
        let user_signing = signed(&private(&stored.user_signing_key)?, "user_signing")?;
        Some(Self {
            master: raw(&describe(&master, "master"))?,
            self_signing: raw(&self_signing)?,
            user_signing: raw(&user_signing)?,
        })
    }

    /// Publishes the keys; replaces no identity but the given one.
    async fn publish(
        &self,
        connection: &Connection,
        last_challenge: &LastChallenge,
        ours: &CrossSigningKeyExport,
        replaces: Option<&str>,
        given: &mut GivenProof<'_>,
    ) -> Result<(), Halt> {
        uia::prove(
            connection,
            last_challenge,
            Guarded::Identity,
            given,
            async |auth| self.upload(connection, auth).await,
            async || check_no_other_identity(connection, ours, replaces).await,
        )
        .await
    }

    async fn upload(&self, connection: &Connection, auth: Option<AuthData>) -> Result<(), Failure> {
        let request = assign!(upload_signing_keys::v3::Request::new(), {
            auth,
            master_key: Some(self.master.clone()),
            self_signing_key: Some(self.self_signing.clone()),
            user_signing_key: Some(self.user_signing.clone()),
        });
        connection.server.send(request).await.map(|_| ())
    }
}

/// Stops if another identity is published: a server asks for proof then as well, and giving it would replace that
/// identity.
async fn check_no_other_identity(
    connection: &Connection,
    ours: &CrossSigningKeyExport,
    replaces: Option<&str>,
) -> Result<(), Halt> {
    let keys = published_keys(&connection.server, &connection.user_id).await?;
    match identity(&keys, &connection.user_id)? {
        None => Ok(()),
        Some(identity) if Some(identity.master_key.as_str()) == replaces => Ok(()),
        Some(_) => {
            match published_identity::machine_with_identity(&connection.user_id, &keys, copy(ours)).await {
                Some(_) => Ok(()),
                None => Err(Problem::SomeoneElseIsWriting.into()),
            }
        }
    }
}
