//! States beside the table: accounts that only this page, or the first years, leave behind.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::domain::{diagnosis::Diagnosis, plan::Action};
use serde_json::json;

use crate::{
    person::{Person, State},
    support::{
        account::Account,
        made::MadeAccount,
        others,
        proxy::{Fault, Proxy},
        room_keys,
        visit::Visit,
    },
};

/// A state beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// A backup alone, and its own key.
    FirstYears,
    /// Everything but a backup.
    NoBackup,
    /// A fresh backup was begun here and cut short.
    CutShort,
    /// A fresh backup was cut short before its version existed: its key is stored, the old one's is put aside.
    PutAside,
    /// A default key that leads nowhere, and nothing else.
    Dangling,
    /// No backup key is stored, but the person has it.
    SpareForMissing,
    /// Another backup key is stored, and the person has the right one.
    SpareForStale,
    /// The stored text is no key, and the person has the right one.
    SpareForDamaged,
    /// The stored backup key opens no version, and an app may have the right one.
    StaleWithApp,
    /// Nobody has the backup's key any more, but the person has the recovery key.
    NobodyOpens,
    /// Another identity's keys are stored, and no app is left.
    ReplacedAlone,
    /// The newest backup version has a public key that is none.
    NotValid,
    /// The key's description has no check.
    WithoutCheck,
    /// The key's description has a phrase by an algorithm that nobody knows.
    UnknownPhrase,
    /// The backup's public key is encoded twice, and every `iv` has 32 bytes.
    NhekosOwn,
    /// A backup alone, whose key comes from a passphrase.
    OldPassphrase,
    /// The recovery key is the backup key, too, and the entry says so instead of holding it.
    KeyIsBackupKey,
    /// The stored backup key is written as numbers.
    InNumbers,
}

/// Every such state, with the diagnosis that must be met.
pub const ALL: [(Beside, Diagnosis); 18] = [
    (Beside::FirstYears, Diagnosis::BackupOnly),
    (Beside::NoBackup, Diagnosis::NoBackup),
    (Beside::CutShort, Diagnosis::RotationUnfinished),
    (Beside::PutAside, Diagnosis::BackupKeyPutAside),
    (Beside::Dangling, Diagnosis::Unfinished),
    (Beside::SpareForMissing, Diagnosis::BackupNobodyOpens),
    (Beside::SpareForStale, Diagnosis::BackupKeyStale),
    (Beside::SpareForDamaged, Diagnosis::BackupKeyDamaged),
    (Beside::StaleWithApp, Diagnosis::BackupKeyStale),
    (Beside::NobodyOpens, Diagnosis::BackupNobodyOpens),
    (Beside::ReplacedAlone, Diagnosis::IdentityReplaced),
    (Beside::NotValid, Diagnosis::BackupUnusable),
    (Beside::WithoutCheck, Diagnosis::StoredForFewClients),
    (Beside::UnknownPhrase, Diagnosis::StoredForFewClients),
    (Beside::NhekosOwn, Diagnosis::BackupUnsigned),
    (Beside::OldPassphrase, Diagnosis::BackupOnly),
    (Beside::KeyIsBackupKey, Diagnosis::BackupKeyNotStored),
    (Beside::InNumbers, Diagnosis::BackupKeyDamaged),
];

impl Beside {
    /// Makes an account in this state.
    pub async fn meet(self) -> Person {
        let state = State::Beside(self);
        match self {
            Self::FirstYears => {
                let account = Account::register().await;
                let key = BackupDecryptionKey::new();
                account.create_version(&key).await;
                fill(&account, &key).await;
                let key = key.to_base58();
                Person::with(state, account, Some(key.clone()), vec![key]).await
            }
            Self::Dangling => {
                let account = Account::register().await;
                account.set_account_data("m.secret_storage.default_key", json!({"key": "gone"})).await;
                Person::with(state, account, None, Vec::new()).await
            }
            Self::StaleWithApp => {
                let Person { account, kept, keys, .. } = Person::of_table(10).await;
                // Version 1 is the one that the stored key opened.
                assert_eq!(account.ask("DELETE", "room_keys/version/1", None).await.0, 200);
                Person::with(state, account, kept, keys).await
            }
            Self::OldPassphrase => {
                let account = Account::register().await;
                let phrase = "an old passphrase of the backup";
                let (key, _) = others::create_version_of(&account, phrase, 1_000).await;
                fill(&account, &key).await;
                Person::with(state, account, Some(phrase.to_owned()), vec![key.to_base58()]).await
            }
            Self::NotValid | Self::WithoutCheck | Self::UnknownPhrase | Self::NhekosOwn | Self::InNumbers => {
                self.written_otherwise(state).await
            }
            _ => self.made(state).await,
        }
    }

    /// Makes an account that is right, but for how another client has written it.
    async fn written_otherwise(self, state: State) -> Person {
        let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
        fill(&account, &backup_key).await;
        let opened = MadeAccount::open(&account, &key).await;
        match self {
            Self::NotValid => {
                let mut version = account.backup().await.unwrap();
                version["auth_data"]["public_key"] =
                    json!("REHKz5u94yy7cM3CsEO8qsd6RieW68OgoAf6cY1Mfj84Vus/oVV3shxKSSuA");
                assert_eq!(account.ask("POST", "room_keys/version", Some(version)).await.0, 200);
            }
            Self::WithoutCheck => {
                others::describe(&account, &opened, |key| *key = json!({"algorithm": key["algorithm"]}))
                    .await;
            }
            Self::UnknownPhrase => {
                let phrase = json!({"algorithm": "m.argon2id", "salt": "x", "cost": 3});
                others::describe(&account, &opened, |key| key["passphrase"] = phrase).await;
            }
            Self::NhekosOwn => {
                others::lengthen_every_iv(&account, &opened).await;
                others::encode_public_key_twice(&account).await;
            }
            _ => {
                let bytes = backup_key.as_bytes().map(|byte| byte.to_string());
                account.store_secret(&opened, "m.megolm_backup.v1", &bytes.join(",")).await;
            }
        }
        Person::with(state, account, Some(key.clone()), vec![key, backup_key.to_base58()]).await
    }

    async fn made(self, state: State) -> Person {
        let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
        fill(&account, &backup_key).await;
        let direct = backup_key.to_base58();
        let mut first = None;
        match self {
            Self::NoBackup => {
                assert_eq!(account.ask("DELETE", "room_keys/version/1", None).await.0, 200);
            }
            Self::CutShort | Self::PutAside => {
                let k = if self == Self::CutShort { 2 } else { 1 };
                let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
                let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
                visit.try_key(&key).await;
                visit.write(Action::Rotate, None).await;
            }
            Self::SpareForMissing => {
                account.set_account_data("m.megolm_backup.v1", json!({})).await;
                first = Some(direct.clone());
            }
            Self::SpareForStale | Self::SpareForDamaged => {
                let opened = MadeAccount::open(&account, &key).await;
                let another = BackupDecryptionKey::new().to_base64();
                let secret = if self == Self::SpareForStale { another.as_str() } else { "not a key" };
                account.store_secret(&opened, "m.megolm_backup.v1", secret).await;
                first = Some(direct.clone());
            }
            Self::KeyIsBackupKey => {
                let opened = MadeAccount::open(&account, &key).await;
                let itself = BackupDecryptionKey::from_base58(&key).unwrap();
                let version = account.create_version(&itself).await;
                let keys = room_keys::make(5, 2);
                account.put_room_keys(&version, &itself.megolm_v1_public_key(), &keys).await;
                let entry = json!({"encrypted": {opened.key_id(): {"passthrough": true}}});
                account.set_account_data("m.megolm_backup.v1", entry).await;
            }
            Self::NobodyOpens => account.set_account_data("m.megolm_backup.v1", json!({})).await,
            Self::ReplacedAlone => {
                let other = MadeAccount::all_right().await;
                let theirs = MadeAccount::open(&other.account, &other.key).await;
                let opened = MadeAccount::open(&account, &key).await;
                for name in ["master", "self_signing", "user_signing"] {
                    let name = format!("m.cross_signing.{name}");
                    let secret = other.account.secret(&theirs, &name).await.unwrap();
                    account.store_secret(&opened, &name, &secret).await;
                }
            }
            _ => unreachable!("made by itself"),
        }
        let mut person = Person::with(state, account, Some(key.clone()), vec![key, direct]).await;
        person.first = first;
        person
    }
}

async fn fill(account: &Account, key: &BackupDecryptionKey) {
    account.put_room_keys("1", &key.megolm_v1_public_key(), &room_keys::make(5, 2)).await;
}
