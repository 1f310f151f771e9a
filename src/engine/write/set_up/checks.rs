//! Reads again, before a set-up writes, what must not have changed.

use futures_util::try_join;
use serde_json::Value;

use super::SetUp;
use crate::{
    domain::{
        account::Account,
        plan::{Action, Task},
        problem::Problem,
    },
    engine::{
        account::{
            account_data::AccountData,
            backup::{self, Newest},
            event_types::DEFAULT_KEY,
            inspect::{Inspection, check_unchanged, see_account_data, to_be_sure_of},
            published_identity,
        },
        connection::Connection,
        devices::received_secrets,
        sign_in::halt::Halt,
        write::context::Context,
    },
};

impl SetUp {
    /// Reads again what must not have changed since the person was told about it.
    pub(super) async fn check_unchanged(&mut self, context: &Context<'_>) -> Result<(), Problem> {
        let inspection = context.seen()?;
        let Inspection { account: before, account_data: seen, .. } = inspection;
        let action = self.order()?.action;
        let account_data = if action == Action::SetUp {
            let types = to_be_sure_of(seen.default_key());
            let data = AccountData::read_surely(
                &context.connection.server,
                &context.connection.user_id,
                types,
                |_| Ok(()),
            );
            let newest = async { Ok(backup::newest(&context.connection.server).await?) };
            let (account_data, Newest { backup, is_untold }) = try_join!(data, newest)?;
            // An identity that was published meanwhile shows when ours is published: the server asks for proof.
            let backup = backup.map(|backup| backup.facts);
            let mut now = Account { backup, backup_untold: is_untold, ..before.clone() };
            see_account_data(&mut now, &account_data);
            if !now.is_as_it_was(before) {
                return Err(Problem::SomeoneElseIsWriting);
            }
            account_data
        } else {
            let now = check_unchanged(context.connection, inspection).await?;
            // The keys that were handed over are the published identity's.
            if action == Action::AddKey {
                self.handed_over = received_secrets::identity(context.connection, &now.keys).await;
            }
            // A change of the key moves secrets of any name.
            match action {
                Action::ChangeKey => {
                    AccountData::read_all_surely(&context.connection.server, &context.connection.user_id)
                        .await?
                }
                _ => now.account_data,
            }
        };
        self.prepare(&context.connection.machine, &account_data).await
    }

    /// Reads again what may have changed since the last attempt: everything must be ours or what was there before.
    /// Merges anew what is still to be stored; what was read back has to be read back again.
    pub(super) async fn look_again(&mut self, connection: &Connection) -> Result<(), Halt> {
        let default_key = self.order()?.before.default_key.as_deref();
        let now = Inspection::read_surely(connection, default_key).await?;
        let ours = self.written()?;
        let before = &self.order()?.before;
        let key_is_ours = match now.account_data.get(DEFAULT_KEY) {
            None => before.default_key.is_none(),
            Some(_) => {
                let key_id = now.account_data.default_key();
                key_id == Some(self.key.key_id()) || key_id == before.default_key.as_deref()
            }
        };
        let identity_is_ours = now.account.master_key() == before.master_key.as_deref()
            || published_identity::is_identity_of(&connection.user_id, &now.keys, &ours.secrets).await;
        let backup_is_ours = now.backup.as_ref().is_none_or(|backup| {
            self.backup_decryption_key.backup_key_matches(&backup.info)
                || Some(&backup.facts.version) == before.backup_version.as_ref()
        });
        if !key_is_ours || !identity_is_ours || !backup_is_ours {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        if !self.done.contains(&Task::StoreSecrets) {
            let key_id = self.key.key_id();
            let fresh = match self.order()?.action {
                Action::ChangeKey => {
                    AccountData::read_all_surely(&connection.server, &connection.user_id).await?
                }
                _ => now.account_data,
            };
            let merge = |(name, content): &(String, Value)| match content["encrypted"].get(key_id) {
                Some(entry) => (name.clone(), fresh.with_encrypted(name, key_id, entry.clone())),
                None => (name.clone(), content.clone()),
            };
            let events = self.written()?.events.iter().map(merge).collect();
            if let Some(written) = &mut self.written {
                written.events = events;
                written.before = fresh;
            }
        }
        self.done.retain(|task| *task != Task::ReadBack);
        Ok(())
    }
}
