//! Builds the accounts, answers and guides that the tests begin with.

use super::*;

pub(super) const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

/// A well-formed key that is not [`KEY`].
pub(super) fn other_key() -> String {
    let mut bytes = vec![0x8b, 0x01];
    bytes.extend([7; 32]);
    bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
    bs58::encode(bytes).into_string()
}

pub(super) fn server() -> Server {
    Server {
        base_url: BaseUrl::parse("https://hs.example.org").unwrap(),
        user_id: Some("@ada:example.org".into()),
        ways: Ways::password(),
    }
}

pub(super) fn fresh() -> Account {
    Account {
        devices: vec![Device { device_id: "PHONE".into(), name: None, verified: false }],
        ..Account::fresh("@ada:example.org", "PAGE")
    }
}

pub(super) fn unfinished() -> Account {
    Account {
        identity: Some(Identity { master_key: "m".into() }),
        stored_secrets: 4,
        identity_keys: Place::Elsewhere,
        backup_key: Place::Elsewhere,
        ..fresh()
    }
}

pub(super) fn set_up() -> Account {
    Account {
        secret_storage: SecretStorage::Present { key_id: "k".into(), has_passphrase: false },
        identity_keys: Place::UnderDefault,
        backup_key: Place::UnderDefault,
        backup: Some(Backup { version: "1".into(), count: 0, etag: "0".into(), signed: true, usable: true }),
        devices: Vec::new(),
        ..unfinished()
    }
}

/// The same account with an open app that has every secret.
pub(super) fn with_app() -> Account {
    Account { devices: vec![Device { device_id: "PHONE".into(), name: None, verified: true }], ..set_up() }
}

/// An account with an identity whose private keys nobody has, and a backup.
pub(super) fn orphaned() -> Account {
    Account {
        secret_storage: SecretStorage::Absent,
        stored_secrets: 0,
        identity_keys: Place::Nowhere,
        backup_key: Place::Nowhere,
        ..set_up()
    }
}

/// An account with a backup as the first clients made it.
pub(super) fn backup_only() -> Account {
    Account { backup: set_up().backup, ..fresh() }
}

pub(super) fn fits(signed: bool) -> StoredBackupKey {
    StoredBackupKey::Fits { proved: proved(), signed }
}

pub(super) fn opens(found: StoredSecrets) -> Opening {
    Opening::SecretStorage { by_phrase: false, found }
}

pub(super) fn opens_all() -> Opening {
    opens(StoredSecrets::only(StoredIdentity::Fits, fits(true)))
}

pub(super) fn unsigned() -> Opening {
    opens(StoredSecrets::only(StoredIdentity::Fits, fits(false)))
}

pub(super) fn older_storage() -> Opening {
    Opening::OlderSecretStorage { found: StoredSecrets::only(StoredIdentity::Fits, fits(true)) }
}

pub(super) fn rotated() -> Rotated {
    let older =
        |version: &str, room_keys, opened| OlderVersion { version: version.into(), room_keys, opened };
    Rotated { rooms: 2, room_keys: 10, older: vec![older("2", 10, 10), older("1", 5, 3)], maybe_more: false }
}

pub(super) fn proved() -> Proved {
    Proved { key_id: "k".into(), phrase_opens: false, backup_version: "1".into(), room_keys: 0 }
}

pub(super) fn engine(event: Event) -> Input {
    Input::Engine(Run(1), event)
}

pub(super) fn kit() -> Kit {
    Kit { recovery_key: Secret::from(KEY), key_id: "k".into(), qr: Secret::default(), qr_modules: 33 }
}

pub(super) fn counted(room_keys: u64) -> Event {
    Event::Counted { room_keys, etag: room_keys.to_string() }
}

pub(super) fn signed_in(user_id: &str) -> Event {
    let farewell = Farewell::Logout { url: "https://hs.example.org/logout".into(), token: Secret::default() };
    Event::SignedIn { user_id: user_id.to_owned(), farewell }
}

/// The server asks for the account password, or for something done on its page.
pub(super) fn proof_needed(last: Last) -> Event {
    let address = WebAddress::parse("https://account.example.org/").unwrap();
    let page = ProofWay::Page { address, kind: PageKind::Account };
    Event::ProofNeeded(Wanted { ways: vec![ProofWay::Password, page], last })
}

pub(super) fn judged(number: u32, score: u8) -> Input {
    engine(Event::Judged { number, judgement: Judgement { score, refusal: None, reason: String::new() } })
}

/// Feeds in the inputs; returns the effects of the last one.
pub(super) fn walk(guide: &mut Guide, inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
    inputs.into_iter().map(|input| guide.handle(input)).last().unwrap_or_default()
}

pub(super) fn to_findings(account: Account) -> Guide {
    let mut guide = Guide::default();
    let password = Secret::from("pw");
    walk(
        &mut guide,
        [
            Input::Began,
            Input::EnteredServer("@ada:example.org".into()),
            Input::Discovered(Ok(server())),
            engine(Event::Ready),
            Input::EnteredPassword { user: "@ada:example.org".into(), password },
            engine(signed_in("@ada:example.org")),
            engine(Event::Looked(account)),
        ],
    );
    assert!(matches!(guide.step(), Step::Findings(_)), "{:?}", guide.step());
    guide
}

pub(super) fn to_confirm() -> Guide {
    let mut guide = to_findings(fresh());
    walk(
        &mut guide,
        [
            Input::ChoseKey,
            engine(Event::KeyMade(kit())),
            Input::KeptKey(Keeping::Downloaded),
            Input::WentToEnterKey,
            Input::EnteredKey(Secret::from(KEY)),
        ],
    );
    assert!(matches!(guide.step(), Step::Confirm(_)), "{:?}", guide.step());
    guide
}

pub(super) fn to_writing() -> Guide {
    let mut guide = to_confirm();
    guide.handle(Input::Agreed);
    guide
}

/// Makes a guide at the step after the person entered a key.
pub(super) fn to_checked(account: Account, opening: Opening) -> Guide {
    let mut guide = to_findings(account.clone());
    enter_key(&mut guide, account, opening);
    guide
}

pub(super) fn enter_key(guide: &mut Guide, account: Account, opening: Opening) -> Vec<Effect> {
    walk(
        guide,
        [
            Input::Chose(Action::EnterKey),
            Input::EnteredKey(Secret::from(KEY)),
            engine(Event::Looked(account)),
            engine(Event::Tried(opening)),
        ],
    )
}

/// Goes from the findings to the agreement to write a new key.
pub(super) fn make_key(guide: &mut Guide) -> Vec<Effect> {
    walk(
        guide,
        [
            Input::ChoseKey,
            engine(Event::KeyMade(kit())),
            Input::KeptKey(Keeping::Downloaded),
            Input::WentToEnterKey,
            Input::EnteredKey(Secret::from(KEY)),
            Input::Agreed,
        ],
    )
}

pub(super) fn wants(action: Action, kept_key: &str) -> [Effect; 1] {
    [Effect::Tell(Run(1), Command::Write { action, kept_key: Secret::from(kept_key) })]
}

pub(super) fn diagnosis_of(guide: &Guide) -> Diagnosis {
    let Step::Findings(step::Findings { diagnosis, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    *diagnosis
}

pub(super) fn outcome_of(mut guide: Guide) -> Outcome {
    let was_unchanged = guide.has_changed_nothing();
    guide.handle(Input::WantedSignOut);
    let Step::SigningOut(step::SigningOut { outcome }) = guide.step() else { panic!("{:?}", guide.step()) };
    let says_unchanged = matches!(outcome, Outcome::NothingChanged | Outcome::Checked(_));
    assert!(says_unchanged || !was_unchanged, "{outcome:?}");
    outcome.clone()
}

/// The kind of an outcome, and the evidence in it.
pub(super) fn ended(outcome: &Outcome) -> (&'static str, Option<Proved>) {
    let kind = match outcome {
        Outcome::NothingChanged => "nothing changed",
        Outcome::Checked(_) => "checked",
        Outcome::Changed(_) => "changed",
        Outcome::BackupOn(_) => "backup on",
        Outcome::Done(_) => "done",
    };
    (kind, outcome.harvest().map(|harvest| harvest.proved().clone()))
}

pub(super) fn shown() -> Shown {
    Shown::new(Vec::new(), (1_000, 2_000, 3_000)).unwrap()
}

pub(super) fn checked() -> Checked {
    Checked { proved: proved(), at_ms: 7, left_over: Vec::new() }
}

pub(super) fn room(missing: u64) -> RoomCoverage {
    RoomCoverage {
        room_id: "!r:example.org".into(),
        name: "Room".into(),
        is_direct: false,
        is_left: false,
        covered: 5,
        missing,
        unopened: 0,
        mendable: 0,
        keys: 0,
        unknown: 0,
        gap: None,
        reached_ms: None,
        is_whole: true,
        trouble: false,
    }
}
