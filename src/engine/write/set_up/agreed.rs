//! Looks once more before a set-up writes, and makes everything that it will write. Writes nothing.

use futures_util::try_join;
use matrix_sdk_crypto::store::types::CrossSigningKeyExport;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    made::Made,
    order::{Order, Purpose},
    version::Version,
    writer::{Writer, Written},
};
use crate::{
    domain::{account::Account, plan::Task, problem::Problem},
    engine::{
        account::{
            account_data::AccountData,
            archive::{self, CAME_FROM},
            backup::{self, Newest},
            inspect::{Inspection, check_unchanged, see_account_data, to_be_sure_of},
            secret_storage::Secrets,
        },
        connection::Connection,
        devices::received_secrets,
        write::{context::Context, identity::NewIdentity, older_keys::OlderKeys},
    },
};

/// A key under which the person agreed to write.
pub(in crate::engine) struct Agreed {
    pub(super) made: Made,
    pub(super) order: Order,
}

/// Everything that an order will write.
pub(super) struct Prepared {
    written: Written,
    /// The identity, if the order makes one.
    identity: Option<NewIdentity>,
}

impl Agreed {
    /// Reads again what must not have changed since the person was told about it, and makes what will be written: the
    /// secrets of a new identity, or the existing ones, encrypted anew.
    pub(super) async fn prepare(&self, context: &Context<'_>) -> Result<Prepared, Problem> {
        let (connection, seen) = (context.connection, context.seen()?);
        match &self.order.purpose {
            Purpose::SetUp => self.with_new_identity(connection, nothing_came(connection, seen).await?).await,
            Purpose::Reset => {
                let now = check_unchanged(connection, seen).await?;
                self.with_new_identity(connection, now.account_data).await
            }
            Purpose::AddKey { .. } => {
                let now = check_unchanged(connection, seen).await?;
                // The keys that were handed over are the published identity's.
                let came = received_secrets::identity(connection, &now.keys).await;
                let written = self.under_this_key(came.ok_or(Problem::DoesNotFit)?, now.account_data)?;
                Ok(Prepared { written, identity: None })
            }
            Purpose::ChangeKey { old } => {
                check_unchanged(connection, seen).await?;
                Ok(Prepared { written: Written::moved(connection, old, &self.made).await?, identity: None })
            }
            // An order that is taken up has written already.
            Purpose::Finish => Err(Problem::out_of_order()),
        }
    }

    async fn with_new_identity(
        &self,
        connection: &Connection,
        account_data: AccountData,
    ) -> Result<Prepared, Problem> {
        let (identity, export) = NewIdentity::make(&connection.machine).await?;
        let written = self.under_this_key(export, account_data)?;
        Ok(Prepared { written, identity: Some(identity) })
    }

    /// Encrypts an identity's private keys and the backup's under the new key.
    fn under_this_key(
        &self,
        identity: CrossSigningKeyExport,
        account_data: AccountData,
    ) -> Result<Written, Problem> {
        let backup_key = Zeroizing::new(self.made.backup_key.to_base64());
        let secrets = Secrets::new(identity, backup_key).ok_or(Problem::engine_stopped())?;
        let entries = secrets.encrypt(&self.made.key).ok_or(Problem::engine_stopped())?;
        let entries = entries.into_iter().map(|(secret, entry)| (secret.to_owned(), entry)).collect();
        Ok(Written::of(&self.made, secrets, entries, self.version_to_supersede(), account_data))
    }

    /// Names the backup version that a new one will supersede, so that a later visit can tell it from another
    /// client's. For a new identity, the archive of the old one does.
    fn version_to_supersede(&self) -> Vec<(String, Value)> {
        let is_named =
            matches!(self.order.purpose, Purpose::Reset) || !self.order.progress.includes(Task::CreateBackup);
        let version = self.order.before.backup_version().filter(|_| !is_named);
        version.map(|version| (archive::new_archive(), json!({ CAME_FROM: version }))).into_iter().collect()
    }

    /// Begins to write what was prepared.
    pub(super) fn begin_writing(self, prepared: Prepared) -> Writer {
        let Self { made, mut order } = self;
        let Prepared { written, identity } = prepared;
        order.progress.complete(Task::CheckUnchanged);
        let version =
            order.untouched_version().map_or(Version::Absent, |name| Version::Found(name.to_owned()));
        let older_keys = OlderKeys::default();
        Writer { made, order, identity, written, version, older_keys, proved: None }
    }
}

/// Reads the account data of an account without an identity, and requires that nothing of ours came meanwhile. An
/// identity that was published shows when ours is published: the server asks for proof.
async fn nothing_came(connection: &Connection, seen: &Inspection) -> Result<AccountData, Problem> {
    let Inspection { account: before, account_data: seen, .. } = seen;
    let types = to_be_sure_of(seen.default_key());
    let data = AccountData::read_surely(&connection.server, &connection.user_id, types, |_| Ok(()));
    let newest = async { Ok(backup::newest(&connection.server).await?) };
    let (account_data, Newest { backup, is_untold }) = try_join!(data, newest)?;
    let backup = backup.map(|backup| backup.facts);
    let mut now = Account { backup, backup_untold: is_untold, ..before.clone() };
    see_account_data(&mut now, &account_data);
    if now.is_as_it_was(before) { Ok(account_data) } else { Err(Problem::SomeoneElseIsWriting) }
}
