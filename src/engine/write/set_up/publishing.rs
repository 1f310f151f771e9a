//! Publishes the identity of a set-up, and removes the dehydrated device of the one before.

use matrix_sdk::ruma::api::client::{dehydrated_device::delete_dehydrated_device, keys::get_keys};

use super::writer::Writer;
use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::{
            published_identity::{self, published_keys},
            secret_storage::Secrets,
        },
        connection::Connection,
        sign_in::{
            halt::Halt,
            uia::{GivenProof, LastChallenge},
        },
        write::{context::Context, identity},
    },
};

impl Writer {
    /// Tells whether to try publishing before the backup is created: the server then asks for its proof
    /// first. Servers want one for replacing an identity, and until it is given the version need not exist.
    /// If the server wants none, the identity is replaced at once.
    pub(super) fn publishes_first(&self, given: &GivenProof<'_>) -> bool {
        let replaces = self.order.before.account.master_key().is_some();
        replaces && given.proof.is_none() && self.order.can_be_withdrawn()
    }

    /// Publishes the identity that this visit made, or the one that an earlier visit made and stored.
    pub(super) async fn publish(
        &self,
        context: &Context<'_>,
        given: &mut GivenProof<'_>,
    ) -> Result<(), Halt> {
        let before = self.order.before.account.master_key();
        let ours = &self.written.secrets;
        match &self.identity {
            Some(identity) => {
                identity.publish(context.connection, context.challenge, ours, before, given).await?
            }
            None => publish_stored(context.connection, context.challenge, ours, given).await?,
        }
        // A published identity cannot be taken back.
        context.journal.forget();
        Ok(())
    }

    /// Removes the dehydrated device that the old identity has signed: nothing could open it any more.
    pub(super) async fn remove_dehydrated(connection: &Connection) -> Result<(), Halt> {
        match connection.server.send(delete_dehydrated_device::unstable::Request::new()).await {
            Err(failure) if failure.is("M_NOT_FOUND") || failure.is("M_UNRECOGNIZED") => Ok(()),
            result => Ok(result.map(|_| ())?),
        }
    }
}

/// Publishes an identity that an earlier visit made and stored, and lets the machine sign with it.
async fn publish_stored(
    connection: &Connection,
    challenge: &LastChallenge,
    stored: &Secrets,
    given: &mut GivenProof<'_>,
) -> Result<(), Halt> {
    identity::publish_stored(connection, challenge, &stored.cross_signing(), given).await?;
    let keys = published_keys(&connection.server, &connection.user_id).await?;
    match adopt_identity(connection, &keys, stored).await {
        true => Ok(()),
        false => Err(Problem::NotAsWritten { part: Part::Identity }.into()),
    }
}

/// Gives the machine the stored identity, if it is the published one.
pub(super) async fn adopt_identity(
    connection: &Connection,
    keys: &get_keys::v3::Response,
    stored: &Secrets,
) -> bool {
    published_identity::adopt_identity(&connection.machine, &connection.user_id, keys, stored.cross_signing())
        .await
}
