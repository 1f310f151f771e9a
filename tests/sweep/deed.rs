//! The deeds: the orders that the page can be given, each with the account for it.

use matrix_sdk_crypto::{olm::ExportedRoomKey, store::types::BackupDecryptionKey};
use matrixbackup::{
    domain::{plan::Action, proof::Last, secret::Secret},
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use tokio::sync::Mutex;

use crate::{
    app::{App as _, Has, Native},
    emoji::compare,
    support::{
        account::Account,
        key_files::file_of,
        made::MadeAccount,
        others, room_keys,
        visit::{Visit, password_wanted},
    },
};

/// One order to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// The first set-up, with a recovery key.
    SetUp,
    /// The first set-up, with a phrase.
    SetUpWithPhrase,
    /// A first set-up that keeps a backup of the first years.
    SetUpOnBackup,
    /// A first set-up that takes along the room keys of such a backup, which a passphrase opens: that is for reading only.
    SetUpTakingAlong,
    /// A new recovery key.
    ChangeKey,
    /// A fresh backup.
    Rotate,
    /// Deleting the older version after a fresh backup.
    DeleteOlder,
    /// The identity's signature on the backup.
    Sign,
    /// The backup key, entered by itself, goes into secret storage.
    StoreBackupKey,
    /// What another client stored in a form that few read is written anew, and its backup signed.
    Rewrite,
    /// An identity that was stored but never published.
    Publish,
    /// Backup is switched on again.
    SwitchOn,
    /// A new identity in place of one whose keys are nowhere.
    Reset,
    /// A new identity that keeps the backup, whose key was entered.
    ResetKeeping,
    /// A new identity and a fresh backup, which takes along the room keys of one that a passphrase opens.
    ResetTakingAlong,
    /// The keys of a file.
    Import,
    /// A new key for the identity that an open app hands over, and a first backup.
    AddKey,
    /// The identity that an open app hands over goes under the key that lacks it.
    StoreIdentity,
    /// Emoji are compared with an open app, and what it hands over gets a new key.
    Verify,
}

pub const ALL: [Deed; 19] = [
    Deed::SetUp,
    Deed::SetUpWithPhrase,
    Deed::SetUpOnBackup,
    Deed::SetUpTakingAlong,
    Deed::ChangeKey,
    Deed::Rotate,
    Deed::DeleteOlder,
    Deed::Sign,
    Deed::StoreBackupKey,
    Deed::Rewrite,
    Deed::Publish,
    Deed::SwitchOn,
    Deed::Reset,
    Deed::ResetKeeping,
    Deed::ResetTakingAlong,
    Deed::Import,
    Deed::AddKey,
    Deed::StoreIdentity,
    Deed::Verify,
];

/// The phrase, in the deed that has one.
pub const PHRASE: &str = "glass otter, fifty \"moons\"";

/// The passphrase of a backup of the first years.
const OLD_PHRASE: &str = "an old passphrase of the backup";
/// The number of room keys in that backup.
pub const OLD_ROOM_KEYS: usize = 5;
/// Few, since every visit makes the key anew.
const OLD_ROUNDS: u32 = 1_000;

/// An account before the deed, and what its person holds.
pub struct Scene {
    pub deed: Deed,
    pub account: Account,
    /// The recovery key.
    pub old: Option<String>,
    /// A backup key, written as a recovery key.
    pub direct: Option<String>,
    /// The passphrase that the person enters in its place.
    pub old_phrase: Option<&'static str>,
    /// The room keys that are in the backup or in the file.
    pub room_keys: Vec<ExportedRoomKey>,
    /// The file to be imported.
    pub file: Option<String>,
    /// An app that runs beside.
    pub app: Option<Mutex<Native>>,
}

impl Deed {
    /// Tells whether the person agreed to a new identity, or there was none.
    pub fn may_change_identity(self) -> bool {
        self.makes_identity() || self == Self::Publish
    }

    /// Tells whether an identity is made.
    pub fn makes_identity(self) -> bool {
        use Deed::*;
        matches!(self, SetUp | SetUpWithPhrase | SetUpOnBackup | Reset | ResetKeeping) || self.takes_along()
    }

    /// Tells whether the room keys of an older backup are put into a new one.
    pub fn takes_along(self) -> bool {
        matches!(self, Self::SetUpTakingAlong | Self::ResetTakingAlong)
    }

    /// Tells whether a new recovery key is made.
    pub fn makes_key(self) -> bool {
        self.makes_identity() || matches!(self, Self::ChangeKey | Self::AddKey | Self::Verify)
    }

    fn action(self) -> Action {
        use Deed::*;
        match self {
            SetUp | SetUpWithPhrase | SetUpOnBackup | SetUpTakingAlong => Action::SetUp,
            ChangeKey => Action::ChangeKey,
            Rotate | DeleteOlder => Action::Rotate,
            Sign | StoreBackupKey | Rewrite | Publish | SwitchOn | StoreIdentity => Action::Repair,
            AddKey | Verify => Action::AddKey,
            Reset | ResetKeeping | ResetTakingAlong => Action::Reset,
            Import => Action::Cover,
        }
    }
}

impl Scene {
    /// Makes the account.
    pub async fn make(deed: Deed) -> Self {
        use Deed::*;
        let bare = |account, old| Self {
            deed,
            account,
            old,
            direct: None,
            old_phrase: None,
            room_keys: Vec::new(),
            file: None,
            app: None,
        };
        match deed {
            SetUp | SetUpWithPhrase => bare(Account::register().await, None),
            SetUpOnBackup => {
                let (account, key, room_keys) =
                    (Account::register().await, BackupDecryptionKey::new(), room_keys::make(5, 2));
                account.create_version(&key).await;
                account.put_room_keys("1", &key.megolm_v1_public_key(), &room_keys).await;
                Self { direct: Some(key.to_base58()), room_keys, ..bare(account, None) }
            }
            SetUpTakingAlong => {
                let mut scene = bare(Account::register().await, None);
                scene.begin_backup_of_passphrase().await;
                scene
            }
            AddKey | Verify => {
                let account = Account::register().await;
                let has = if deed == AddKey { Has::Identity } else { Has::Backup };
                let app = Native::sign_in(&account, "App", has).await;
                Self { app: Some(Mutex::new(app)), ..bare(account, None) }
            }
            StoreIdentity => {
                let account = Account::register().await;
                let mut app = Native::sign_in(&account, "App", Has::Backup).await;
                let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
                let events = compare(&mut visit, &mut app).await;
                assert!(is_handed_over(events.last()), "{events:?}");
                let key = visit.make_key(None).await;
                let events = visit.write(Action::AddKey, Some(&key)).await;
                assert!(matches!(events.last(), Some(Event::SetUpDone(_))), "{events:?}");
                visit.sign_out().await;
                account.set_account_data("m.cross_signing.master", json!({})).await;
                let key = Some(key.expose().to_owned());
                Self { app: Some(Mutex::new(app)), ..bare(account, key) }
            }
            Publish => {
                let (account, key) = MadeAccount::unpublished().await;
                bare(account, Some(key))
            }
            _ => {
                let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
                let room_keys = room_keys::make(5, 2);
                account.put_room_keys("1", &backup_key.megolm_v1_public_key(), &room_keys).await;
                let mut scene = Self { room_keys, ..bare(account, Some(key)) };
                scene.bend(&backup_key).await;
                scene
            }
        }
    }

    async fn bend(&mut self, backup_key: &BackupDecryptionKey) {
        let account = &self.account;
        match self.deed {
            Deed::Sign => {
                let mut version = account.backup().await.unwrap();
                version["auth_data"]["signatures"] = json!({});
                let keys = ["algorithm", "auth_data", "version"];
                let body: Value =
                    keys.map(|key| (key.to_owned(), version[key].clone())).into_iter().collect();
                assert_eq!(account.ask("PUT", "room_keys/version/1", Some(body)).await.0, 200);
            }
            Deed::StoreBackupKey => {
                account.set_account_data("m.megolm_backup.v1", json!({})).await;
                self.direct = Some(backup_key.to_base58());
            }
            Deed::Rewrite => {
                let opened = MadeAccount::open(account, self.old.as_ref().unwrap()).await;
                others::lengthen_every_iv(account, &opened).await;
                others::encode_public_key_twice(account).await;
            }
            Deed::SwitchOn => {
                account.set_account_data("m.key_backup", json!({"enabled": false})).await;
                let disabled = json!({"disabled": true});
                account.set_account_data("m.org.matrix.custom.backup_disabled", disabled).await;
            }
            Deed::Reset | Deed::ResetTakingAlong => {
                for secret in ["master", "self_signing", "user_signing"] {
                    account.set_account_data(&format!("m.cross_signing.{secret}"), json!({})).await;
                }
                self.old = None;
                if self.deed == Deed::ResetTakingAlong {
                    self.begin_backup_of_passphrase().await;
                }
            }
            Deed::ResetKeeping => {
                // The stored private keys are another identity's, not the published one's.
                let other = MadeAccount::all_right().await;
                let opened = MadeAccount::open(account, self.old.as_ref().unwrap()).await;
                let theirs = MadeAccount::open(&other.account, &other.key).await;
                for secret in ["master", "self_signing", "user_signing"] {
                    let name = format!("m.cross_signing.{secret}");
                    let secret = other.account.secret(&theirs, &name).await.unwrap();
                    account.store_secret(&opened, &name, &secret).await;
                }
            }
            Deed::Import => {
                // One key more than fits into one request.
                let new = room_keys::make(1_001, 3);
                self.file = Some(file_of(&new));
                self.room_keys.extend(new.into_iter().take(3));
            }
            _ => {}
        }
    }

    /// Makes the newest version one whose key comes from a passphrase that the person knows, with room keys in it.
    async fn begin_backup_of_passphrase(&mut self) {
        let (key, version) = others::create_version_of(&self.account, OLD_PHRASE, OLD_ROUNDS).await;
        let room_keys = room_keys::make(OLD_ROOM_KEYS, 4);
        self.account.put_room_keys(&version, &key.megolm_v1_public_key(), &room_keys).await;
        self.room_keys.extend(room_keys);
        (self.direct, self.old_phrase) = (Some(key.to_base58()), Some(OLD_PHRASE));
    }

    /// What the person enters for a backup by itself.
    pub fn of_backup(&self) -> Option<&str> {
        self.old_phrase.or(self.direct.as_deref())
    }

    /// Lists everything that the person could enter, newest last; the key that a passphrase leads to is only what it
    /// opens.
    pub fn entries(&self, made: &[String]) -> Vec<String> {
        self.of_backup()
            .into_iter()
            .chain(self.old.as_deref())
            .chain(made.iter().map(String::as_str))
            .map(str::to_owned)
            .collect()
    }

    /// Lists every key that the person holds, newest last.
    pub fn held(&self, made: &[String]) -> Vec<String> {
        self.direct.iter().chain(&self.old).chain(made).cloned().collect()
    }

    /// Does what comes before the order, without a write: enters the keys, and makes the new one.
    pub async fn prepare(&self, visit: &mut Visit) -> Option<Secret> {
        for entry in self.entries(&[]) {
            visit.try_key(&entry).await;
        }
        if matches!(self.deed, Deed::AddKey | Deed::StoreIdentity) {
            let events = self.compare(visit).await;
            assert!(is_handed_over(events.last()), "{events:?}");
        }
        match self.deed {
            Deed::DeleteOlder => {
                let events = visit.write(Action::Rotate, None).await;
                assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
                None
            }
            Deed::Import => {
                visit.send_file(self.file.as_ref().unwrap()).await;
                None
            }
            deed if deed.makes_key() => {
                Some(visit.make_key((deed == Deed::SetUpWithPhrase).then_some(PHRASE)).await)
            }
            _ => None,
        }
    }

    /// Compares emoji with the app that runs beside.
    pub async fn compare(&self, visit: &mut Visit) -> Vec<Event> {
        compare(visit, &mut *self.app.as_ref().unwrap().lock().await).await
    }

    /// Gives the order, or gives it again.
    pub async fn order(&self, visit: &mut Visit, new: Option<&Secret>) -> Vec<Event> {
        match self.deed {
            Deed::DeleteOlder => visit.tell(Command::DeleteOlder { versions: vec!["1".to_owned()] }).await,
            Deed::Import => visit.import_again().await,
            Deed::Verify if !visit.told.iter().any(|event| is_handed_over(Some(event))) => {
                let mut events = self.compare(visit).await;
                if is_handed_over(events.last()) {
                    events.extend(order(visit, Action::AddKey, new, &self.account.password).await);
                }
                events
            }
            deed => order(visit, deed.action(), new, &self.account.password).await,
        }
    }
}

/// Tells whether this event says that everything was handed over.
fn is_handed_over(event: Option<&Event>) -> bool {
    matches!(event, Some(Event::HandedOver(came)) if came.is_complete())
}

/// Orders an action, and proves with the password if the server asks for it.
pub async fn order(visit: &mut Visit, action: Action, new: Option<&Secret>, password: &str) -> Vec<Event> {
    let mut events = visit.write(action, new).await;
    if events.last() == Some(&password_wanted(Last::None)) {
        events.extend(visit.give_password(password).await);
    }
    events
}
