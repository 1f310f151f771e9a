//! Servers that work in other ways: every main deed under each rule ends done and proved, or refused with nothing
//! changed.
//!
//! `MATRIXBACKUP_SERVERS=all` runs every deed under every rule; without it, each rule runs the deeds that it concerns.

use std::{collections::BTreeSet, env, fmt::Write as _, mem, slice};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use matrix_sdk_crypto::{backups::MegolmV1BackupKey, olm::ExportedRoomKey};
use matrixbackup::{
    domain::{
        key_file::Imported,
        plan::Action,
        problem::{Part, Problem},
    },
    protocol::messages::Event,
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver, without_account_data},
    judge::Judge,
    key_files::file_of,
    made::MadeAccount,
    room_keys,
    rule::{FakeHomeserver, Rule},
    visit::Visit,
};

/// The main deeds: what people come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    SetUp,
    ChangeKey,
    Rotate,
    Sign,
    StoreBackupKey,
    Reset,
    Import,
    TakeHome,
    TryKey,
}

const DEEDS: [Deed; 9] = [
    Deed::SetUp,
    Deed::ChangeKey,
    Deed::Rotate,
    Deed::Sign,
    Deed::StoreBackupKey,
    Deed::Reset,
    Deed::Import,
    Deed::TakeHome,
    Deed::TryKey,
];

const RULES: [Rule; 7] = [
    Rule::None,
    Rule::VersionsAreText,
    Rule::UploadsOverwrite,
    Rule::SyncsAreKept,
    Rule::NoPatterns,
    Rule::UpdatesMakeVersions,
    Rule::DamagedRecordsFail,
];

/// The end of a deed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was done, and the independent client opens everything with the kept key.
    Proved,
    /// It was refused, and nothing has changed.
    Refused(Problem),
    /// It was stopped in between; the old or the new key still opens everything that the old one opened.
    Stopped(Problem),
}

impl Rule {
    /// The deeds that a rule concerns.
    fn concerns(self, deed: Deed) -> bool {
        use Deed::{ChangeKey, Import, Reset, Rotate, SetUp, Sign, StoreBackupKey, TryKey};
        match self {
            Self::None => matches!(deed, SetUp),
            Self::VersionsAreText => matches!(deed, Rotate | Reset),
            Self::UploadsOverwrite => matches!(deed, Rotate | Import),
            Self::SyncsAreKept => matches!(deed, SetUp | ChangeKey | Rotate | StoreBackupKey | Reset),
            Self::NoPatterns => matches!(deed, ChangeKey | Rotate | TryKey),
            Self::UpdatesMakeVersions => matches!(deed, Sign | StoreBackupKey),
            Self::DamagedRecordsFail => matches!(deed, Rotate | TryKey),
        }
    }
}

/// An account on a homeserver of its own.
struct Scene {
    fake: FakeHomeserver,
    made: MadeAccount,
}

impl Scene {
    /// Makes an account that this page set up, with twelve keys in its backup.
    async fn all_right() -> Self {
        let mut account = Account::register().await;
        let fake = FakeHomeserver::before(&account.homeserver).await;
        account.homeserver.clone_from(&fake.url);
        let made = MadeAccount::of(account).await;
        let keys = room_keys::make(12, 3);
        let version = made.account.backup().await.unwrap()["version"].as_str().unwrap().to_owned();
        made.account.put_room_keys(&version, &made.backup_key.megolm_v1_public_key(), &keys).await;
        Self { fake, made }
    }

    /// Reads everything that this page could change, from the real server behind the fake one.
    async fn everything(&mut self) -> Value {
        let account = &mut self.made.account;
        let real = env::var("MATRIXBACKUP_HOMESERVER").unwrap();
        let fake = mem::replace(&mut account.homeserver, real);
        let mut everything = account.everything().await;
        account.homeserver = fake;
        everything["backup"] = self.fake.backups();
        everything
    }
}

/// Carries out a deed; returns its problem, or the key that must open everything.
async fn carry_out(scene: &Scene, deed: Deed) -> Result<String, Problem> {
    let MadeAccount { account, key, backup_key } = &scene.made;
    let mut visit = Visit::sign_in_or_fail(account).await?;
    let events = match deed {
        Deed::SetUp | Deed::Reset => {
            let new = visit.make_key(None).await;
            let action = if deed == Deed::SetUp { Action::SetUp } else { Action::Reset };
            let mut events = visit.write(action, Some(&new)).await;
            if matches!(events.last(), Some(Event::ProofNeeded(_))) {
                events = visit.give_password(&account.password).await;
            }
            return ended(&mut visit, events, new.expose()).await;
        }
        Deed::ChangeKey => {
            visit.try_key(key).await;
            let new = visit.make_key(None).await;
            let events = visit.write(Action::ChangeKey, Some(&new)).await;
            return ended(&mut visit, events, new.expose()).await;
        }
        Deed::Rotate | Deed::Sign => {
            visit.try_key_or_fail(key).await?;
            let action = if deed == Deed::Rotate { Action::Rotate } else { Action::Repair };
            visit.write(action, None).await
        }
        Deed::StoreBackupKey => {
            visit.try_key_or_fail(&backup_key.to_base58()).await?;
            visit.try_key_or_fail(key).await?;
            visit.write(Action::Repair, None).await
        }
        Deed::Import => {
            visit.try_key_or_fail(key).await?;
            visit.import(&file_of(&room_keys::make(5, 2))).await
        }
        Deed::TakeHome => {
            visit.try_key_or_fail(key).await?;
            vec![visit.take_home().await.1]
        }
        Deed::TryKey => {
            visit.try_key_or_fail(key).await?;
            Vec::new()
        }
    };
    ended(&mut visit, events, key).await
}

async fn ended(visit: &mut Visit, events: Vec<Event>, key: &str) -> Result<String, Problem> {
    visit.sign_out().await;
    match events.last() {
        Some(Event::Failed(problem)) => Err(problem.clone()),
        Some(
            Event::SetUpDone(_)
            | Event::Tried(_)
            | Event::Rotated { .. }
            | Event::Imported(_)
            | Event::TakenHome(_),
        )
        | None => Ok(key.to_owned()),
        other => panic!("{other:?}"),
    }
}

async fn under(rule: Rule, deed: Deed, judge: &Judge) -> Outcome {
    let mut scene = Scene::all_right().await;
    match deed {
        Deed::SetUp => {
            let mut account = Account::register().await;
            scene.fake = FakeHomeserver::before(&account.homeserver).await;
            account.homeserver.clone_from(&scene.fake.url);
            scene.made.account = account;
        }
        Deed::Sign => {
            let mut version = scene.made.account.backup().await.unwrap();
            version["auth_data"]["signatures"] = json!({});
            let path = format!("room_keys/version/{}", version["version"].as_str().unwrap());
            assert_eq!(scene.made.account.ask("PUT", &path, Some(version)).await.0, 200);
        }
        Deed::StoreBackupKey => scene.made.account.set_account_data("m.megolm_backup.v1", json!({})).await,
        _ => {}
    }
    if rule == Rule::DamagedRecordsFail && deed != Deed::SetUp {
        // The version before the newest is one from before a rotation.
        let newest = scene.made.account.backup().await;
        assert_eq!(scene.made.account.ask("POST", "room_keys/version", newest).await.0, 200);
        scene.fake.damage_oldest();
    }
    scene.fake.switch_to(rule);
    let before = scene.everything().await;
    let ended = carry_out(&scene, deed).await;
    match ended {
        Ok(key) => {
            let report = judge.verify(&scene.made.account, &key).await;
            assert_eq!(report["ok"], true, "{rule:?}, {deed:?}: {report:#}");
            Outcome::Proved
        }
        Err(problem) if scene.everything().await == before => Outcome::Refused(problem),
        Err(problem) => {
            // The old key still opens everything that it opened.
            let look = judge.look(&scene.made.account, slice::from_ref(&scene.made.key), None).await;
            assert_eq!(look["sessions"].as_array().map(Vec::len), Some(12), "{look:#}");
            Outcome::Stopped(problem)
        }
    }
}

#[tokio::test]
#[allow(clippy::print_stdout, reason = "`make servers` is to show the table")]
async fn every_main_deed_is_proved_or_refused_under_every_rule() {
    let all = env::var("MATRIXBACKUP_SERVERS").is_ok_and(|wanted| wanted == "all");
    let judge = Judge::start();
    let pairs = RULES.iter().flat_map(|rule| DEEDS.iter().map(move |deed| (*rule, *deed)));
    let pairs = pairs.filter(|(rule, deed)| all || rule.concerns(*deed));
    let outcomes = pairs.map(async |(rule, deed)| (rule, deed, under(rule, deed, &judge).await));
    let mut outcomes: Vec<_> = stream::iter(outcomes).buffered(4).collect().await;
    let mut table = String::new();
    outcomes.sort_by_key(|(rule, ..)| *rule);
    for (rule, deed, outcome) in &outcomes {
        writeln!(table, "{:<20} {:<16} {outcome:?}", format!("{rule:?}"), format!("{deed:?}")).unwrap();
    }
    println!("{table}{} deeds under {} rules", outcomes.len(), RULES.len());
    for (rule, deed, outcome) in outcomes {
        let expected = match (rule, deed) {
            // The new version never becomes current there. It is taken back, but for what was put aside, and the old
            // key opens everything.
            (Rule::VersionsAreText, Deed::Rotate | Deed::Reset) => {
                outcome == Outcome::Stopped(Problem::BackupNotUsed)
            }
            (Rule::UpdatesMakeVersions, Deed::Sign) => {
                outcome == Outcome::Refused(Problem::NotAsWritten { part: Part::Backup })
            }
            _ => outcome == Outcome::Proved,
        };
        assert!(expected, "{rule:?}, {deed:?}: {outcome:?}\n{table}");
    }
}

/// Encrypts another app's keys for any version that is current.
fn of_another_app(keys: Vec<ExportedRoomKey>) -> impl FnOnce(&Value) -> Value + Send + 'static {
    move |info| {
        let public = info["auth_data"]["public_key"].as_str().unwrap();
        let public = MegolmV1BackupKey::from_base64(public).unwrap();
        // The future is ready at once unless tokio makes it yield.
        let encrypted = tokio::task::unconstrained(room_keys::encrypt(&public, &keys));
        encrypted.now_or_never().unwrap()["rooms"].clone()
    }
}

/// Lists the sessions of each upload.
fn uploads(server: &HostileHomeserver) -> Vec<BTreeSet<String>> {
    let uploads = server.writes().into_iter().filter(|asked| asked.is("PUT", "/room_keys/keys"));
    let sessions = |asked: crate::support::hostile_homeserver::Asked| {
        let rooms = asked.body["rooms"].as_object().unwrap();
        rooms.values().flat_map(|room| room["sessions"].as_object().unwrap().keys().cloned()).collect()
    };
    uploads.map(sessions).collect()
}

#[tokio::test]
async fn what_another_app_writes_during_an_import_is_never_replaced_by_less_nor_called_new() {
    for rule in [Rule::UploadsOverwrite, Rule::None] {
        let scene = Scene::all_right().await;
        let keys = room_keys::make(1_500, 3);
        // The file has all keys from message 3 on; another app writes every tenth from 0 on, and every tenth from 7 on.
        let at = |step: usize, index| {
            keys.iter().skip(step).step_by(10).map(|key| room_keys::at(key, index)).collect::<Vec<_>>()
        };
        let ids = |keys: &[ExportedRoomKey]| keys.iter().map(|key| key.session_id.clone()).collect();
        let (more, less): (BTreeSet<String>, BTreeSet<String>) = (ids(&at(0, 0)), ids(&at(1, 0)));
        let theirs = at(0, 0).into_iter().chain(at(1, 7)).collect();
        let file: Vec<_> = keys.iter().map(|key| room_keys::at(key, 3)).collect();
        scene.fake.switch_to(rule);
        scene.fake.somebody_writes_after(1, of_another_app(theirs));
        let mut visit = Visit::sign_in_or_fail(&scene.made.account).await.unwrap();
        visit.try_key(&scene.made.key).await;
        let told = visit.import(&file_of(&file)).await;

        for key in &keys {
            let entry = scene.fake.entry(key.room_id.as_str(), &key.session_id);
            let expected = if more.contains(&key.session_id) { 0 } else { 3 };
            assert_eq!(entry["first_message_index"], expected, "{rule:?}");
        }
        let uploads = uploads(&scene.fake.server);
        let uploads = &uploads[uploads.len() - 2..];
        let (first, second) = (&uploads[0], &uploads[1]);
        assert!(first.len() > 800 && first.is_disjoint(second), "each key was sent once");
        let already_there = more.difference(first).count() as u64;
        let better = less.difference(first).count() as u64;
        assert!(already_there > 10 && better > 10);
        assert!(more.is_disjoint(second));
        let expected = Imported {
            in_file: 1_500,
            new: 1_500 - already_there - better,
            better,
            already_there,
            rooms: 3,
            room_keys: 1_512,
            ..Imported::default()
        };
        assert_eq!(told, [Event::Imported(expected)], "{rule:?}");
    }
}

#[tokio::test]
async fn an_import_gives_way_to_an_app_that_does_not_stop_writing() {
    // Each request finds another etag.
    let scene = Scene::all_right().await;
    let number = std::sync::atomic::AtomicUsize::default();
    let server = HostileHomeserver::before(&scene.fake.url, move |asked| {
        if !asked.is("GET", "/room_keys/version") {
            return Answer::Pass;
        }
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Answer::changed(move |version| version["etag"] = json!(number.to_string()))
    })
    .await;
    let mut account = scene.made.account;
    account.homeserver.clone_from(&server.url);
    let mut visit = Visit::sign_in_or_fail(&account).await.unwrap();
    visit.try_key(&scene.made.key).await;
    let told = visit.import(&file_of(&room_keys::make(3, 1))).await;
    assert_eq!(told, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(server.writes().len(), 0);
}

#[tokio::test]
async fn what_another_app_writes_into_a_fresh_backup_is_never_replaced_by_less() {
    let scene = Scene::all_right().await;
    let keys = room_keys::make(1_200, 3);
    let old: Vec<_> = keys.iter().map(|key| room_keys::at(key, 3)).collect();
    let public = scene.made.backup_key.megolm_v1_public_key();
    scene.made.account.put_room_keys("9", &public, &old).await;
    scene.fake.switch_to(Rule::UploadsOverwrite);
    scene
        .fake
        .somebody_writes_after(1, of_another_app(keys.iter().map(|key| room_keys::at(key, 0)).collect()));
    let mut visit = Visit::sign_in_or_fail(&scene.made.account).await.unwrap();
    visit.try_key(&scene.made.key).await;
    let events = visit.write(Action::Rotate, None).await;
    assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
    for key in &keys {
        let entry = scene.fake.entry(key.room_id.as_str(), &key.session_id);
        assert_eq!(entry["first_message_index"], 0);
    }
}

/// A cached answer shows the account as it was; relying on it would overwrite what another device has written since.
#[tokio::test]
async fn what_somebody_wrote_behind_a_kept_sync_stops_us_and_stays() {
    let mut scene = Scene::all_right().await;
    scene.fake.switch_to(Rule::SyncsAreKept);
    let mut visit = Visit::sign_in_or_fail(&scene.made.account).await.unwrap();
    visit.try_key(&scene.made.key).await;
    let new = visit.make_key(None).await;
    let theirs = json!({"iv": "a", "ciphertext": "b", "mac": "c"});
    scene.made.account.add_entry("m.cross_signing.master", "theirs", theirs).await;
    let before = scene.everything().await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert_eq!(events, [Event::Failed(Problem::Contradicted)]);
    assert_eq!(scene.everything().await, before);
}

#[tokio::test]
async fn a_secret_that_a_sync_hides_is_not_overwritten() {
    let account = Account::register().await;
    let theirs = json!({"encrypted": {"theirs": {"iv": "a", "ciphertext": "b", "mac": "c"}}});
    account.set_account_data("m.cross_signing.user_signing", theirs).await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if !asked.is("GET", "/sync") {
            return Answer::Pass;
        }
        Answer::changed(|sync| without_account_data(sync, "m.cross_signing"))
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    assert_eq!(events, [Event::Failed(Problem::Contradicted)]);
    assert!(server.writes().is_empty());
}
