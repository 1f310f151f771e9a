//! The keys and phrases of one visit: those the person entered or made, and those that they opened.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use zeroize::Zeroizing;

use crate::{
    domain::secret::Secret,
    engine::{
        account::{derivation::Derivations, kept::Kept, opened::Opened, our_backup::OurBackup},
        sign_in::remembered::Remembered,
    },
};

/// Every key and phrase of a visit. Dropping it wipes them.
#[derive(Default)]
pub(in crate::engine) struct Keyring {
    /// The account password, kept to recognize it among entries; it is sent nowhere again.
    pub(in crate::engine) password: Secret,
    /// The secret storage that an entry opened last.
    pub(in crate::engine) opened: Option<Opened>,
    /// The backup key that was entered by itself, or handed over.
    pub(in crate::engine) loose_backup_key: LooseBackupKey,
    /// Backup keys that only open: of versions that are not the newest, or keys that a phrase led to. Nothing is kept or
    /// stored under these.
    pub(in crate::engine) reading_keys: Vec<BackupDecryptionKey>,
    /// The backup that this visit made or opened.
    pub(in crate::engine) ours: OurBackup,
    /// The recovery key that the person kept, if it opens what apps ask for.
    pub(in crate::engine) kept: Option<Kept>,
    /// Everything that opened something in this visit, or was made in it: it must never be sent as a password.
    pub(in crate::engine) remembered: Remembered,
    /// The keys to which the person's phrases led.
    pub(in crate::engine) derivations: Derivations,
}

impl Keyring {
    /// The backup keys that may open older versions, and were entered or handed over by themselves.
    pub(in crate::engine) fn for_older_backups(&self) -> impl Iterator<Item = BackupDecryptionKey> {
        self.loose_backup_key.key().into_iter().chain(self.reading_keys.iter().cloned())
    }
}

/// A backup key that came without secret storage, in unpadded base64; empty until there is one.
#[derive(Clone, Default)]
pub(in crate::engine) struct LooseBackupKey(Option<Zeroizing<String>>);

impl LooseBackupKey {
    /// Takes a key in the place of the one before.
    pub(in crate::engine) fn set(&mut self, key: &BackupDecryptionKey) {
        self.0 = Some(Zeroizing::new(key.to_base64()));
    }

    /// The key as text.
    pub(in crate::engine) fn text(&self) -> Option<&Zeroizing<String>> {
        self.0.as_ref()
    }

    /// The key, if the text is one.
    pub(in crate::engine) fn key(&self) -> Option<BackupDecryptionKey> {
        BackupDecryptionKey::from_base64(self.0.as_ref()?).ok()
    }
}
