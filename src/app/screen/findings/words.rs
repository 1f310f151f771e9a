//! The sentences for the findings and for what can be done.

use crate::{
    app::part::number::{count, thousands},
    domain::{
        coverage::Coverage,
        diagnosis::Diagnosis,
        handed_over::{HandedBackupKey, HandedOver},
        plan::Action,
    },
    guide::Visit,
};

/// Says the diagnosis in a sentence, and what it means.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn sentences(diagnosis: Diagnosis) -> (&'static str, &'static str) {
    match diagnosis {
        Diagnosis::NothingSetUp => {
            ("Your messages are not backed up yet", "If you lose your apps, you lose your messages.")
        }
        Diagnosis::BackupWithoutRecoveryKey => (
            "Your messages are backed up, but you have no recovery key",
            "Only an app you're signed in to can open the backup. Signed out everywhere, you'd lose it.",
        ),
        Diagnosis::IdentityOnly => (
            "Nothing is backed up yet",
            "Your apps trust each other, but only they have the keys to your messages.",
        ),
        Diagnosis::AllGood => (
            "You are covered: your key opens everything",
            "Even if you're signed out everywhere, you can read every message whose key is in the backup.",
        ),
        Diagnosis::KeyLostAppOpen => (
            "Your recovery key is lost, but an app you're signed in to can replace it",
            "Nothing is lost while you're signed in to that app. Don't sign out of it.",
        ),
        Diagnosis::KeyLost => (
            "Your recovery key is lost, and no app is left to replace it",
            "What is in the backup stays locked without that key. Do you still have an old phone or computer where you can read your chats? Don't sign out there; come back when it is online.",
        ),
        Diagnosis::IdentityOrphaned => (
            "Your account can't confirm new devices any more",
            "No app and no recovery key of yours can do it. You need to start over before a backup can work.",
        ),
        Diagnosis::IdentityNotStored => (
            "Your recovery key does not open your identity",
            "It can't confirm a new app as yours. Don't enter it in other apps yet: they might replace your digital identity.",
        ),
        Diagnosis::BackupKeyNotStored => (
            "Your recovery key does not open the backup",
            "The backup has a key of its own, which was not stored with your recovery key.",
        ),
        Diagnosis::BackupKeyStale => (
            "Your recovery key opens an older backup, not the newest",
            "An app began a new backup later, and did not store that backup's key with yours.",
        ),
        Diagnosis::BackupNobodyOpens => (
            "Your backup may be locked for good",
            "The backup's own key is not stored. But an app you're signed in to still has its own message keys.",
        ),
        Diagnosis::BackupUnsigned => (
            "Your apps may not trust your backup",
            "Your key opens it, but it isn't signed by your digital identity. Apps don't use such a backup.",
        ),
        Diagnosis::StoredForFewClients => (
            "Your key opens everything here, but not in every app",
            "An app stored your keys in a form that other apps cannot read.",
        ),
        Diagnosis::IdentityReplaced => (
            "Your recovery key belongs to an earlier identity",
            "An app replaced your digital identity, and did not store the new one with this key.",
        ),
        Diagnosis::SecretsUnderAnotherKey => (
            "Your account has two recovery keys, and your apps ask for the wrong one",
            "We can fix this with the key that opens everything, probably the older one.",
        ),
        Diagnosis::Unfinished => {
            ("A set-up was begun and not finished", "Some parts are stored, but the last step is missing.")
        }
        Diagnosis::IdentityUnpublished => (
            "Your account has a recovery key, but no identity",
            "Something was set up once, and never finished.",
        ),
        Diagnosis::BackupKeyDamaged => (
            "The stored key to your backup is damaged",
            "Your recovery key works, but the backup's own key was saved wrongly.",
        ),
        Diagnosis::SwitchedOff => (
            "Backup is switched off",
            "One of your apps switched it off. Until it is on again, no new message keys are saved.",
        ),
        // `Sentence::at_findings` says more of these.
        Diagnosis::DeviceUnverified | Diagnosis::Gaps | Diagnosis::KeysNobodyHas => {
            ("Your key works", "It opens everything that is in the backup.")
        }
        Diagnosis::DeviceDehydrated => (
            "You are covered: your key opens everything",
            "Your account can also receive keys while you are signed out. That stays as it is.",
        ),
        Diagnosis::KeyWanted => (
            "A recovery key is set up. Does yours still work?",
            "Enter it and we'll check that it still opens everything.",
        ),
        Diagnosis::BackupOnly => (
            "Your account has an old backup, but no identity",
            "Some keys are saved. But your newer apps can't tell that this backup is yours.",
        ),
        Diagnosis::NoBackup => (
            "Your key works, but there is no backup",
            "It opens your digital identity. But the keys to your messages are not saved.",
        ),
        Diagnosis::BackupUnusable => (
            "Your key works, but no app can use the newest backup",
            "An app has made a backup that is not valid, or your server cannot read it any more. A fresh one takes its place; the old one stays as it is.",
        ),
        Diagnosis::HandedOver => (
            "Done: your app has handed over what we need",
            "Next: a recovery key, so that you no longer depend on that app.",
        ),
        Diagnosis::BackupKeyPutAside => (
            "Your recovery key does not open the backup now, but it can again",
            "This page once kept a copy of the backup's own key, and yours opens that copy. What is stored now opens another backup, or none.",
        ),
        Diagnosis::RotationUnfinished => (
            "A fresh backup was begun and not finished",
            "Nothing is lost: the older backup is still there, with everything in it.",
        ),
    }
}

/// Returns the text of an action's button, and a sentence on why to press it and what it leaves alone.
fn action_words(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::SetUp => ("Set up backup", ""),
        Action::Finish => {
            ("Finish it", "If you still have the recovery key or phrase from then, you can finish now.")
        }
        Action::EnterKey => ("Enter my key or phrase", "Trying a key changes nothing."),
        Action::SayKeyLost => ("I no longer have the key", ""),
        Action::SayAppLost => ("I no longer have that app", ""),
        Action::WantBackup => (
            "I want backup",
            "Go on if you want it after all. We first look at what is there, and switch nothing on unasked.",
        ),
        Action::Repair => {
            ("Repair", "We can repair this in place. Nothing is replaced, and your key stays the same.")
        }
        Action::ChangeKey => (
            "Get a new recovery key",
            "The new key opens what this one opens. Your digital identity and your backup stay the same.",
        ),
        Action::Rotate => (
            "Make a fresh backup",
            "A fresh backup takes in every key that can be opened. Older backups stay as they are.",
        ),
        Action::Reset => (
            "Start over with a new identity",
            "Starting over makes backup work again, for new messages and for old ones an app still has. The old backup is not deleted.",
        ),
        Action::Verify => (
            "Confirm it's you, with your open app",
            "Open the app and compare seven emoji with it. It then shares what this page needs. Nothing is changed yet.",
        ),
        Action::AddKey => (
            "Get a new recovery key",
            "You save the key, then enter it once to check. Your digital identity stays the same.",
        ),
        Action::BringKeys => (
            "Bring in the other apps' keys",
            "Your app gets the key to the backup and uploads its message keys. You see them arrive here.",
        ),
        Action::Cover => (
            "See which messages are safe",
            "We look, room by room, which messages have their keys in the backup. Then you can take a copy home.",
        ),
        Action::End => ("Sign out and finish", "There is nothing left to do."),
    }
}

/// Says why to do it. What an app does that never sends a key is said at once.
pub(super) fn reason(action: Action, visit: &Visit) -> &'static str {
    match visit.silent_app() {
        Some(app) if action == Action::BringKeys => app.facts().remedy,
        _ => action_words(action).1,
    }
}

pub(super) fn label(action: Action, visit: &Visit) -> &'static str {
    match action {
        Action::BringKeys if !visit.has_app() || visit.silent_app().is_some() => "Bring in keys from a file",
        Action::Repair if visit.account.backup_switched_off => "Switch backup on",
        _ => action_words(action).0,
    }
}

/// Says what the app handed over, and what that means for the backup.
pub(super) fn handed_over_words(came: HandedOver) -> &'static str {
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

pub(super) fn coverage_words(coverage: Coverage) -> String {
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
        [&*text, " Keys are missing in ", &count(rooms_with_gaps.into(), "room"), "."].concat()
    }
}
