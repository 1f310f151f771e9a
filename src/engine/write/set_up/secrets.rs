//! The secrets of a set-up: put aside, stored and read back.

use std::time::Duration;

use futures_util::{future::try_join_all, try_join};
use serde_json::{Map, Value};

use super::{made::Made, order::Purpose, writer::Writer};
use crate::{
    domain::{
        plan::Task,
        problem::{Part, Problem},
    },
    engine::{
        account::{
            account_data::AccountData,
            archive::{self, CAME_FROM, CREATES, RESET_TO},
            event_types::{ARCHIVE_PREFIX, DEFAULT_KEY, DEHYDRATED_DEVICE, KEY_PREFIX, SECRETS},
            inspect::Inspection,
            published_identity,
            secret_storage::Secrets,
        },
        connection::Connection,
        devices::received_secrets,
        net::timing,
        sign_in::halt::Halt,
        write::context::Context,
    },
};

impl Writer {
    /// Puts aside, still encrypted, what belongs to the identity that is to be replaced. The entries also stay in
    /// place, where other clients may remove them one day.
    pub(super) async fn archive(&self, context: &Context<'_>) -> Result<(), Halt> {
        let data = &context.seen()?.account_data;
        let descriptions = data.described_keys().map(|key_id| format!("{KEY_PREFIX}{key_id}"));
        let types = SECRETS.iter().map(|(name, _)| (*name).to_owned());
        let types = types.chain([DEHYDRATED_DEVICE, DEFAULT_KEY].map(ToOwned::to_owned)).chain(descriptions);
        let mut content: Map<_, _> =
            types.filter_map(|name| Some((name.clone(), data.get(&name)?.clone()))).collect();
        let version = self.order.before.backup_version();
        content.extend(version.map(|version| (CAME_FROM.to_owned(), version.into())));
        content.insert(RESET_TO.to_owned(), self.made.key.key_id().into());
        if self.order.progress.includes(Task::CreateBackup) {
            let public_key = self.made.backup_key.megolm_v1_public_key().to_base64();
            content.insert(CREATES.to_owned(), public_key.into());
        }
        let archive = archive::new_archive();
        Ok(context.journal.write(context.connection, &archive, None, &content.into()).await?)
    }

    /// Stores the secrets and their key's description. With a new identity, also uploads this page's device keys.
    pub(super) async fn store_secrets<'a>(&'a self, context: &Context<'_>) -> Result<(), Halt> {
        let written = &self.written;
        let (archives, events): (Vec<_>, Vec<_>) =
            written.events.iter().partition(|(event_type, _)| event_type.starts_with(ARCHIVE_PREFIX));
        let write_all = |events: Vec<&'a (String, Value)>| {
            try_join_all(events.into_iter().map(|(event_type, content)| {
                context.journal.write(context.connection, event_type, written.before.get(event_type), content)
            }))
        };
        // They say what the secrets are for, to a visit that finds these after a closed tab.
        write_all(archives).await?;
        let device = async {
            match &self.identity {
                Some(identity) => identity.upload_device_keys(context.connection).await,
                None => Ok(()),
            }
        };
        try_join!(write_all(events), device)?;
        Ok(())
    }

    /// Puts aside keys that were handed over and open other backup versions than this order's, before a newer version
    /// hides those.
    pub(super) async fn put_aside_handed_over(&mut self, context: &Context<'_>) -> Result<(), Halt> {
        let Made { key, backup_key, .. } = &self.made;
        if let Purpose::AddKey { awaited } = &mut self.order.purpose
            && self.order.before.has_backup()
        {
            let data = AccountData::read(&context.connection.server).await?;
            *awaited =
                received_secrets::put_aside(context.connection, context.keyring, &data, key, backup_key)
                    .await?;
        }
        Ok(())
    }

    /// Reads back, three times at most: one process of a large server may not know of a write yet.
    pub(super) async fn read_back_patiently(&self, connection: &Connection) -> Result<(), Halt> {
        for _ in 0..2 {
            match self.read_back(connection).await {
                Err(Halt::Trouble(Problem::NotAsWritten { .. })) => {
                    timing::pause(Duration::from_secs(1)).await;
                }
                result => return result,
            }
        }
        self.read_back(connection).await
    }

    /// Reads everything written so far and compares it, just before the commit.
    pub(super) async fn read_back(&self, connection: &Connection) -> Result<(), Halt> {
        let ours = &self.written;
        let not_as_written = |part| Halt::from(Problem::NotAsWritten { part });
        let Inspection { account_data, backup, keys, .. } = Inspection::read(connection).await?;
        let before = &self.order.before;
        // Ours is the default key already if an earlier commit arrived and its answer did not.
        let key_id = account_data.default_key();
        if key_id != Some(self.made.key.key_id()) && key_id != before.default_key.as_deref() {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        let account_data = match self.order.purpose {
            Purpose::ChangeKey { .. } => AccountData::read_all(&connection.server).await?,
            _ => account_data,
        };
        for (event_type, content) in &ours.events {
            if account_data.get(event_type) != Some(content) {
                let is_secret = SECRETS.iter().any(|(name, _)| name == event_type);
                return Err(not_as_written(if is_secret { Part::Secrets } else { Part::KeyDescription }));
            }
        }
        match Secrets::read(&account_data, self.made.key.key_id(), &self.made.key) {
            Some(read) if read == ours.secrets => {}
            _ => return Err(not_as_written(Part::Secrets)),
        }
        let export = ours.secrets.cross_signing();
        let machine = published_identity::machine_with_identity(&connection.user_id, &keys, export).await;
        let machine = machine.ok_or_else(|| not_as_written(Part::Identity))?;
        match backup {
            // An unused version was looked at when it was made; the current one must be the one from before.
            backup if self.version.is_unused() => {
                match backup.as_ref().map(|backup| backup.facts.version.as_str()) == before.backup_version() {
                    true => Ok(()),
                    false => Err(Problem::SomeoneElseIsWriting.into()),
                }
            }
            Some(backup) if !self.made.backup_key.backup_key_matches(&backup.info) => {
                Err(Problem::SomeoneElseIsWriting.into())
            }
            Some(backup) if published_identity::is_signed_by_identity(&machine, &backup.info).await => Ok(()),
            Some(_) | None => Err(not_as_written(Part::Backup)),
        }
    }
}
