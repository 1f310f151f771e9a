//! Moves everything that one key opens to another key, in secret storage and in archives.

use futures_util::future::try_join_all;
use matrix_sdk::ruma::events::secret::request::SecretName;
use matrix_sdk_crypto::secret_storage::SecretStorageKey;
use serde_json::{Value, json};

use crate::{
    domain::problem::Problem,
    engine::{
        account::{
            account_data::{self, AccountData},
            event_types::KEY_PREFIX,
            secret_storage::decrypt,
        },
        connection::Connection,
    },
};

/// The key that is replaced, and the one that replaces it.
pub(in crate::engine) struct KeyChange<'a> {
    /// The key that is replaced.
    pub(in crate::engine) old: &'a SecretStorageKey,
    /// The key that replaces it.
    pub(in crate::engine) new: &'a SecretStorageKey,
}

impl KeyChange<'_> {
    /// Re-encrypts every secret that the old key decrypts, of any name, with the new one. Leaves the others as they
    /// are.
    pub(in crate::engine) fn secrets(
        &self,
        account_data: &AccountData,
    ) -> Result<Vec<(String, Value)>, Problem> {
        let mut entries = Vec::new();
        for (event_type, entry) in account_data.encrypted_under(self.old.key_id()) {
            if let Some(entry) = self.entry(event_type, entry)? {
                entries.push((event_type.to_owned(), entry));
            }
        }
        Ok(entries)
    }

    /// Returns the archives with an entry under the old key, with the same encrypted under the new key beside it.
    pub(in crate::engine) fn archives(
        &self,
        account_data: &AccountData,
    ) -> Result<Vec<(String, Value)>, Problem> {
        let mut events = Vec::new();
        for (archive, content) in account_data.archives() {
            let mut content = content.clone();
            let mut holds_ours = false;
            for (event_type, archived) in content.as_object_mut().into_iter().flatten() {
                let Some(entries) = archived.get_mut("encrypted").and_then(Value::as_object_mut) else {
                    continue;
                };
                let Some(entry) = entries.get(self.old.key_id()) else { continue };
                if let Some(entry) = self.entry(event_type, entry)? {
                    entries.insert(self.new.key_id().to_owned(), entry);
                    holds_ours = true;
                }
            }
            if holds_ours {
                events.push((archive.to_owned(), content));
            }
        }
        Ok(events)
    }

    fn entry(&self, event_type: &str, entry: &Value) -> Result<Option<Value>, Problem> {
        let name = SecretName::from(event_type);
        let Some(plain) = decrypt(self.old, entry, &name) else { return Ok(None) };
        let entry = self.new.encrypt(plain.as_bytes().to_vec(), &name);
        let entry = serde_json::to_value(entry).map_err(|_| Problem::engine_stopped())?;
        if decrypt(self.new, &entry, &name).as_deref() == Some(&*plain) {
            Ok(Some(entry))
        } else {
            Err(Problem::engine_stopped())
        }
    }

    /// Removes the old key's entries, but only those whose secret is seen to be there under the new key. Removes its
    /// description if none is left.
    pub(in crate::engine) async fn retire(&self, connection: &Connection) -> Result<(), Problem> {
        let data = AccountData::read_all_surely(&connection.server, &connection.user_id).await?;
        if data.default_key() != Some(self.new.key_id()) {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let mut all_moved = true;
        let mut changes = Vec::new();
        for (event_type, entry) in data.encrypted_under(self.old.key_id()) {
            let name = SecretName::from(event_type);
            let ours = data.encrypted(event_type, self.new.key_id());
            let ours = ours.and_then(|entry| decrypt(self.new, entry, &name));
            match (decrypt(self.old, entry, &name), ours) {
                (Some(theirs), Some(ours)) if theirs == ours => {
                    changes.extend(
                        data.without_encrypted(event_type, self.old.key_id()).map(|c| (event_type, c)),
                    );
                }
                _ => all_moved = false,
            }
        }
        for (archive, content) in data.archives() {
            let mut content = content.clone();
            let mut holds_theirs = false;
            for (event_type, archived) in content.as_object_mut().into_iter().flatten() {
                let name = SecretName::from(event_type.as_str());
                let Some(entries) = archived.get_mut("encrypted").and_then(Value::as_object_mut) else {
                    continue;
                };
                let Some(theirs) =
                    entries.get(self.old.key_id()).map(|entry| decrypt(self.old, entry, &name))
                else {
                    continue;
                };
                let ours = entries.get(self.new.key_id()).and_then(|entry| decrypt(self.new, entry, &name));
                if theirs.is_some() && theirs == ours {
                    entries.remove(self.old.key_id());
                    holds_theirs = true;
                } else {
                    all_moved = false;
                }
            }
            if holds_theirs {
                changes.push((archive, content));
            }
        }
        let writes = changes.iter().map(|(event_type, content)| {
            account_data::write(&connection.server, &connection.user_id, event_type, content)
        });
        try_join_all(writes).await?;
        if all_moved {
            let description = format!("{KEY_PREFIX}{}", self.old.key_id());
            // Writing an empty object is how account data is deleted.
            account_data::write(&connection.server, &connection.user_id, &description, &json!({})).await?;
        }
        Ok(())
    }
}
