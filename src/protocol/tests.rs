use proptest::prelude::*;

use super::{
    messages::{Command, Envelope, Event, Run},
    wire::{Unreadable, decode, encode},
};
use crate::domain::{
    account::{Account, Backup, Device, Identity, Place, SecretStorage},
    coverage::Coverage,
    opening::{Found, Opening, StoredBackupKey, StoredIdentity},
    passphrase::{Judgement, Refusal},
    plan::{Action, Task},
    problem::{Part, Problem},
    proved::Proved,
    rotation::{OlderVersion, Rotated},
    secret::Secret,
};

fn commands() -> Vec<Command> {
    let secret = || Secret::from("correct horse battery staple");
    vec![
        Command::SignIn { base_url: "https://hs".into(), user: "@ada:hs".into(), password: secret() },
        Command::Look,
        Command::Judge { number: 7, phrase: secret() },
        Command::Suggest,
        Command::MakeKey { phrase: None },
        Command::MakeKey { phrase: Some(secret()) },
        Command::Write { action: Action::Reset, kept_key: secret() },
        Command::Stop,
        Command::TryKey { entry: secret() },
        Command::DeleteOlder { versions: vec!["1".into()] },
        Command::GivePassword { password: secret() },
        Command::Count,
        Command::SignOut,
    ]
}

fn events() -> Vec<Event> {
    let secret = || Secret::from("correct horse battery staple");
    let account = Account {
        user_id: "@ada:hs".into(),
        device_id: "PAGE".into(),
        identity: Some(Identity { master_key: "key".into() }),
        secret_storage: SecretStorage::Present { key_id: "k".into(), has_passphrase: true },
        stored_secrets: 4,
        identity_keys: Place::UnderDefault,
        backup_key: Place::Elsewhere,
        backup: Some(Backup { version: "1".into(), count: 3, etag: "e".into(), signed: true }),
        backup_switched_off: true,
        devices: vec![Device { device_id: "D".into(), name: None, verified: false }],
        dehydrated: true,
    };
    let proved =
        || Proved { key_id: "k".into(), phrase_opens: true, backup_version: "1".into(), room_keys: 3 };
    let found = Found {
        identity: StoredIdentity::Fits,
        backup: StoredBackupKey::Fits { proved: proved(), signed: true },
        spare_backup_key: false,
        cut_short: true,
        coverage: Some(Coverage { seen: 3, covered: 2, rooms_with_gaps: 1 }),
    };
    let older = vec![OlderVersion { version: "0".into(), room_keys: 3, opened: 2 }];
    let refusal = Some(Refusal::UserId);
    vec![
        Event::Ready,
        Event::SignedIn { user_id: "@ada:hs".into() },
        Event::Looked(account),
        Event::Judged { number: 7, judgement: Judgement { score: 3, refusal, reason: "r".into() } },
        Event::Suggested(secret()),
        Event::KeyMade(secret()),
        Event::Tried(Opening::SecretStorage { by_phrase: true, found }),
        Event::Progress { done: 1, total: 2 },
        Event::Rotated {
            proved: proved(),
            rotated: Rotated { rooms: 1, room_keys: 2, older, maybe_more: true },
        },
        Event::Deleted,
        Event::TaskDone(Task::Commit),
        Event::PasswordNeeded { refused: true },
        Event::SetUpDone(proved()),
        Event::Counted { room_keys: 1_284 },
        Event::SignedOut,
        Event::Failed(Problem::NotAsWritten { part: Part::Secrets }),
    ]
}

#[test]
fn every_message_arrives_as_it_was_sent_and_its_debug_leaks_nothing() {
    for (number, message) in (0..).zip(commands()) {
        let sent = Envelope { run: Run(number), message };
        assert_eq!(decode(&encode(&sent).unwrap()), Ok(sent.clone()));
        assert!(!format!("{sent:?}").contains("horse"));
    }
    for (number, message) in (0..).zip(events()) {
        let sent = Envelope { run: Run(number), message };
        assert_eq!(decode(&encode(&sent).unwrap()), Ok(sent.clone()));
        assert!(!format!("{sent:?}").contains("horse"));
    }
}

#[test]
fn a_message_that_is_cut_or_too_long_is_unreadable() {
    for message in commands() {
        let bytes = encode(&Envelope { run: Run(300), message }).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(decode::<Command>(&bytes[..end]), Err(Unreadable));
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode::<Command>(&longer), Err(Unreadable));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_unreadable(bytes: Vec<u8>) {
        let _ = decode::<Command>(&bytes);
        let _ = decode::<Event>(&bytes);
    }
}
