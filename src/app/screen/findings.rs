//! What is the matter with the account, the one right thing to do, and what else may be chosen.

use leptos::prelude::*;

use super::{choose::cards, writing::task_words};
use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, p, say, status},
            heading::heading,
            illustration::{TICK, picture},
            lines::{State, line, lines},
            number::thousands,
            proved_lines::proved_lines,
        },
    },
    domain::{
        account::{Account, Device, Place, SecretStorage},
        coverage::Coverage,
        diagnosis::{Diagnosis, KeyKnown},
        handed_over::{HandedBackupKey, HandedOver},
        opening::Opening,
        plan::Action,
    },
    guide::{Input, News, Visit},
};

/// The diagnosis as a sentence, and what it means.
fn sentences(diagnosis: Diagnosis) -> (&'static str, &'static str) {
    match diagnosis {
        Diagnosis::NothingSetUp => (
            "Your messages are not backed up yet",
            "The keys to your private chats exist only in the apps you are signed in to. If those go, so do your messages.",
        ),
        Diagnosis::BackupWithoutRecoveryKey => (
            "Your messages are backed up, but only your open app can open the backup",
            "There is no recovery key. If you are signed out everywhere, nobody can open the backup.",
        ),
        Diagnosis::IdentityOnly => (
            "Nothing is backed up yet, but your open app has an identity",
            "Your apps can trust each other. The keys to your messages are not stored anywhere else.",
        ),
        Diagnosis::AllGood => (
            "You are covered: your key opens everything",
            "Even signed out everywhere, you could read every message whose key is in the backup.",
        ),
        Diagnosis::KeyLostAppOpen => (
            "Your recovery key is lost, but your open app can replace it",
            "Nothing is lost while that app is signed in. Do not sign out of it.",
        ),
        Diagnosis::KeyLost => (
            "Your recovery key is lost, and no app is left to replace it",
            "What is in the backup stays locked without that key. Apps you are signed in to keep their own keys.",
        ),
        Diagnosis::IdentityOrphaned => (
            "Nobody holds your identity any more",
            "No app and no recovery key can confirm that a new app is yours. So backup cannot be relied on.",
        ),
        Diagnosis::IdentityNotStored => (
            "Your recovery key does not open your identity",
            "It cannot confirm a new app as yours. Do not enter it in other apps yet: they might replace your identity.",
        ),
        Diagnosis::BackupKeyNotStored => (
            "Your recovery key does not open the backup",
            "The backup has a key of its own, and that was not stored with your identity.",
        ),
        Diagnosis::BackupKeyStale => (
            "Your recovery key opens an older backup, not the newest",
            "An app has begun a new backup since, and did not store its key with yours.",
        ),
        Diagnosis::BackupNobodyOpens => (
            "Nothing we see can open your backup",
            "The backup's own key is not stored. Your apps still hold the keys they have.",
        ),
        Diagnosis::BackupUnsigned => (
            "Your apps may not trust your backup",
            "Your key opens it, but your identity has not signed it. Apps leave such a backup alone.",
        ),
        Diagnosis::IdentityReplaced => (
            "Your recovery key belongs to an earlier identity",
            "Your identity was replaced in some app, and the new one was not stored with this key.",
        ),
        Diagnosis::SecretsUnderAnotherKey => (
            "Your stored keys lie under another recovery key",
            "The one that apps ask for does not open everything.",
        ),
        Diagnosis::Unfinished => (
            "A set-up was begun and not finished",
            "Some parts are stored, but the last step is missing. Your apps still hold their keys.",
        ),
        Diagnosis::IdentityUnpublished => (
            "Your account has a recovery key, but no identity",
            "Something was set up once and is incomplete. Your apps still hold their keys.",
        ),
        Diagnosis::BackupKeyDamaged => (
            "The stored key to your backup is damaged",
            "Your recovery key works, but what is stored as the backup's own key is none.",
        ),
        Diagnosis::SwitchedOff => (
            "Backup is switched off",
            "It was switched off in one of your apps. While that is so, new keys are not saved.",
        ),
        Diagnosis::DeviceUnverified => (
            "You are covered, but one app's keys do not reach the backup",
            "Your key opens everything. Another app of yours is not confirmed, so what only it holds is not saved.",
        ),
        Diagnosis::Gaps => (
            "You are covered, but the keys of some messages are missing",
            "Your key opens everything that is there. Your open app may have the rest.",
        ),
        Diagnosis::KeysNobodyHas => (
            "You are covered, but the keys of some messages are gone",
            "Your key opens everything that is there. No app of yours is left that could have the rest.",
        ),
        Diagnosis::DeviceDehydrated => (
            "You are covered: your key opens everything",
            "Your account can also receive keys while you are signed out. That stays as it is.",
        ),
        Diagnosis::KeyWanted => (
            "A recovery key is set up. Does yours still work?",
            "Your account has an identity and stored keys. Whether everything fits, only your key can tell.",
        ),
        Diagnosis::BackupOnly => (
            "Your account has an old backup, but no identity",
            "Some keys are stored. Your newer apps may not use them, because nothing vouches for that backup.",
        ),
        Diagnosis::NoBackup => (
            "Your key works, but there is no backup",
            "It opens your identity. The keys to your messages are not stored with it.",
        ),
        Diagnosis::HandedOver => (
            "Your app has handed over what is needed",
            "Now you can get a recovery key that opens the same without the app.",
        ),
        Diagnosis::BackupKeyPutAside => (
            "Your recovery key does not open the backup now, but it can again",
            "The backup's own key was put aside here, and yours opens it. What is stored in its place opens another backup, or none.",
        ),
        Diagnosis::RotationUnfinished => (
            "A fresh backup was begun and not finished",
            "Nothing is lost: the older backup is still there, with everything in it.",
        ),
    }
}

/// What an action's button says, and why to press it and what it leaves alone.
fn action_words(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::SetUp => ("Set up backup", ""),
        Action::Finish => (
            "Finish it",
            "If you began it here and kept the recovery key or the phrase, you can finish now. Finishing turns backup on.",
        ),
        Action::EnterKey => (
            "Enter my key or phrase",
            "Enter your recovery key or your security phrase, and we see what it opens. Trying it changes nothing.",
        ),
        Action::SayKeyLost => ("I no longer have the key", ""),
        Action::SayAppLost => ("I no longer have that app", ""),
        Action::WantBackup => (
            "I want backup",
            "Go on if you want it after all. We first look at what is there, and switch nothing on unasked.",
        ),
        Action::Repair => {
            ("Mend it", "We can mend this in place. Nothing is replaced, and your key stays the same.")
        }
        Action::ChangeKey => (
            "Get a new recovery key",
            "A new recovery key can be made for what this one opens. Your identity and your backup stay the same.",
        ),
        Action::Rotate => (
            "Make a fresh backup",
            "A fresh backup takes in every key that can be opened. Older backups stay as they are.",
        ),
        Action::Reset => (
            "Start over with a new identity",
            "A new identity and a new recovery key make backup work again. The old backup is not deleted.",
        ),
        Action::Verify => (
            "Confirm it's you, with your open app",
            "Your open app has what is needed. You compare seven emoji on both, then it hands that over. We change nothing.",
        ),
        Action::AddKey => (
            "Get a new recovery key",
            "You save the key and show us that you have it. Your identity stays the same.",
        ),
        Action::BringKeys => (
            "Bring in the other apps' keys",
            "Your other app gets the key to the backup and sends its keys. Here you see them arrive.",
        ),
        Action::Cover => (
            "See which messages are safe",
            "We look, room by room, which messages have their keys in the backup. Then you can take a copy home.",
        ),
        Action::End => ("Sign out and finish", "Nothing has to be done."),
    }
}

fn label(action: Action, visit: &Visit) -> &'static str {
    match action {
        Action::Repair if visit.account.backup_switched_off => "Switch backup on",
        _ => action_words(action).0,
    }
}

/// What came, and what that means for the backup.
fn handed_over_words(came: HandedOver) -> &'static str {
    match came.backup {
        HandedBackupKey::Fits => "It handed over your identity's keys and the key to your backup.",
        HandedBackupKey::NoBackup => {
            "It handed over your identity's keys. There is no backup yet: one is made with the new recovery key."
        }
        HandedBackupKey::Missing | HandedBackupKey::Differs => {
            "It handed over your identity's keys, but not the key to your backup. A fresh backup is made; the old one is not deleted."
        }
    }
}

/// Shows the conclusion and what follows from it.
pub fn screen(conductor: Conductor, visit: &Visit, diagnosis: Diagnosis, news: Option<&News>) -> AnyView {
    let (title, meaning) = match &visit.known.key {
        KeyKnown::Tried(Opening::OlderSecretStorage { found }) if found.is_all_right() => (
            "Your key opens everything, but your apps ask for another one",
            "Perhaps it was replaced, or a change of key was begun and not finished.",
        ),
        KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => sentences(diagnosis),
    };
    let recommended = visit.plan().recommended;
    let mut views = news.map(|news| told(news, visit)).unwrap_or_default();
    views.extend([heading(title), say("p", "lead", meaning)]);
    if let Some(proved) = visit.proved() {
        views.push(proved_lines(proved));
        let mut counted = [&*thousands(proved.room_keys), " keys are in the backup."].concat();
        if let Some(coverage) = coverage(visit) {
            counted = [&*counted, " ", &coverage_words(coverage)].concat();
        }
        views.push(p(counted));
    } else if matches!(&visit.known.key, KeyKnown::Tried(Opening::SecretStorage { .. })) {
        // Without a word the same screen would come back, as if nothing had been entered.
        views.push(p("Your key is right: it opens what is stored."));
    }
    views.extend(visit.known.handed_over.map(|came| p(handed_over_words(came))));
    let choice = |look: Look, action: Action| button(look, label(action, visit), conductor.chose(action));
    if recommended == Action::SetUp {
        views.extend(before_cards(&visit.account));
        views.extend(cards(conductor));
    } else {
        views.push(p(action_words(recommended).1));
        views.push(actions(vec![choice(Look::Primary, recommended)]));
    }
    let mut others: Vec<_> = visit.others().into_iter().map(|action| choice(Look::Plain, action)).collect();
    // Where nothing was changed, the way out is below every screen.
    if !visit.written.is_empty() && recommended != Action::End {
        others.push(button(Look::Plain, "Sign out", conductor.on(|| Input::WantedSignOut)));
    }
    if !others.is_empty() {
        views.extend([h2("Other choices"), actions(others)]);
    }
    let malformed = conductor.peek(|guide| guide.malformed());
    views.push(details(visit, diagnosis, title, malformed));
    all(views)
}

/// What was just done.
fn told(news: &News, visit: &Visit) -> Vec<AnyView> {
    let text = match news.action {
        Action::Rotate => "Stopped. Nothing is lost, and it can be finished later with the same key.",
        Action::ChangeKey if visit.proved().is_some() => {
            "Your recovery key was changed. The old one, and any phrase of it, no longer opens anything."
        }
        _ => "This was done:",
    };
    let mut views =
        vec![el("p").class("good").attr("role", "status").child(picture(&TICK)).text(text).view()];
    if news.action == Action::Repair {
        views.push(lines(news.written.iter().map(|task| line(State::Done, task_words(*task))).collect()));
    }
    views
}

/// What is worth knowing before the first set-up.
fn before_cards(account: &Account) -> Vec<AnyView> {
    let mut views = Vec::new();
    if account.backup_switched_off {
        views.push(p("Backup was switched off in one of your apps. Going on turns it on again."));
    }
    if account.devices.is_empty() {
        views.push(p("We see no other app that is signed in. Messages from before may already be closed to you. New ones will be safe."));
    }
    views
}

fn coverage(visit: &Visit) -> Option<Coverage> {
    match &visit.known.key {
        KeyKnown::Tried(opening) => opening.found().and_then(|found| found.coverage),
        KeyKnown::NotAsked | KeyKnown::Lost => None,
    }
}

fn coverage_words(coverage: Coverage) -> String {
    let Coverage { seen, covered, rooms_with_gaps } = coverage;
    let text = [
        "Of the ",
        &thousands(seen.into()),
        " newest messages we looked at, ",
        &thousands(covered.into()),
        " have their keys in it.",
    ]
    .concat();
    if coverage.is_whole() {
        text
    } else {
        [&*text, " Rooms with gaps: ", &thousands(rooms_with_gaps.into()), "."].concat()
    }
}

/// The facts, for whoever helps.
fn details(visit: &Visit, diagnosis: Diagnosis, title: &str, malformed: u32) -> AnyView {
    let mut facts = facts(visit, diagnosis);
    if malformed > 0 {
        facts.push(("Malformed messages", malformed.to_string()));
    }
    let report = report(visit, title, &facts);
    let copied = RwSignal::new("");
    let copy = Callback::new(move |()| {
        keep::copy(&report, move |done| {
            copied.set(if done {
                "Copied. There is no secret in it."
            } else {
                "Your browser did not allow copying."
            });
        });
    });
    let row = |(name, value): (&'static str, String)| {
        el("tr")
            .child(el("th").attr("scope", "row").text(name).view())
            .child(el("td").child(say("bdi", "", value)).view())
            .view()
    };
    let rows = facts.into_iter().map(row).collect();
    el("details")
        .child(say("summary", "", "Details"))
        .child(el("table").child(el("tbody").all(rows).view()).view())
        .child(actions(vec![button(Look::Plain, "Copy for support", copy)]))
        .child(status(move || copied.get().to_owned()))
        .view()
}

fn facts(visit: &Visit, diagnosis: Diagnosis) -> Vec<(&'static str, String)> {
    let account = &visit.account;
    let identity = if account.identity.is_some() { "Published" } else { "None" };
    let key = match &visit.known.key {
        KeyKnown::NotAsked => "Not entered",
        KeyKnown::Lost => "Said to be lost",
        KeyKnown::Tried(Opening::SecretStorage { by_phrase: true, .. }) => "The phrase opens the stored keys",
        KeyKnown::Tried(Opening::SecretStorage { .. }) => "Opens the stored keys",
        KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => "An older one",
        KeyKnown::Tried(Opening::BackupDirectly { .. }) => "Opens the backup itself",
        KeyKnown::Tried(Opening::Nothing(_)) => "Opens nothing",
    };
    let mut facts = vec![
        ("State", format!("{diagnosis:?}")),
        ("Matrix ID", account.user_id.clone()),
        ("Homeserver", visit.server.base_url.host().to_owned()),
        ("Identity", identity.into()),
        ("Recovery key", storage_words(&account.secret_storage).into()),
        ("Your key", key.into()),
        ("Stored keys", [&*account.stored_secrets.to_string(), " of 4"].concat()),
        ("Identity's keys", place_words(account.identity_keys).into()),
        ("Backup's key", place_words(account.backup_key).into()),
        ("Backup", backup_words(account)),
    ];
    if let Some(coverage) = coverage(visit) {
        facts.push(("Newest messages", coverage_words(coverage)));
    }
    if account.dehydrated {
        facts.push(("While you are away", "A stored device receives keys".into()));
    }
    facts.extend(account.devices.iter().map(|device| {
        let trust = if device.verified { "), verified" } else { "), not verified" };
        ("Your other device", [device_name(device), " (", &device.device_id, trust].concat())
    }));
    if account.devices.is_empty() {
        facts.push(("Your other devices", "None".into()));
    }
    facts
}

/// What its app called it.
pub fn device_name(device: &Device) -> &str {
    device.name.as_deref().unwrap_or("Without a name")
}

fn storage_words(storage: &SecretStorage) -> &'static str {
    match storage {
        SecretStorage::Absent => "None",
        SecretStorage::Dangling => "Named, but missing",
        SecretStorage::Present { has_passphrase: true, .. } => "Present, with a security phrase",
        SecretStorage::Present { has_passphrase: false, .. } => "Present",
    }
}

fn place_words(place: Place) -> &'static str {
    match place {
        Place::Nowhere => "Not stored",
        Place::UnderDefault => "Under the recovery key",
        Place::Elsewhere => "Under an older key only",
    }
}

fn backup_words(account: &Account) -> String {
    let off = if account.backup_switched_off { ", switched off" } else { "" };
    match &account.backup {
        Some(backup) => {
            let signed = if backup.signed { " keys, signed" } else { " keys, not signed" };
            ["Version ", &backup.version, ", ", &thousands(backup.count), signed, off].concat()
        }
        None => ["None", off].concat(),
    }
}

/// The facts as text, without anything secret: ids, public keys and counts.
fn report(visit: &Visit, title: &str, facts: &[(&'static str, String)]) -> String {
    let account = &visit.account;
    let identity = account.identity.as_ref().map_or("none", |identity| identity.master_key.as_str());
    let key = match &account.secret_storage {
        SecretStorage::Absent | SecretStorage::Dangling => "",
        SecretStorage::Present { key_id, .. } => key_id.as_str(),
    };
    let etag = account.backup.as_ref().map_or("", |backup| backup.etag.as_str());
    let mut text = ["Key backup for Matrix ", env!("CARGO_PKG_VERSION"), ": ", title].concat();
    let more = [
        ("This page", account.device_id.as_str()),
        ("Address", visit.server.base_url.as_str()),
        ("Master key", identity),
        ("Default key", key),
        ("Backup etag", etag),
    ];
    for (name, value) in facts.iter().map(|(name, value)| (*name, value.as_str())).chain(more) {
        text = [&*text, "\n", name, ": ", value].concat();
    }
    text
}
