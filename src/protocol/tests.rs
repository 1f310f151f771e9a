use proptest::prelude::*;

use super::{
    messages::{Command, Envelope, Event, Run},
    wire::{Unreadable, decode, encode},
};
use crate::domain::{
    account::{Account, Backup, Device, Identity, Place, SecretStorage},
    coverage::{Coverage, Gap, RoomCoverage},
    farewell::Farewell,
    handed_over::{HandedBackupKey, HandedOver},
    key_file::{Imported, TakenHome},
    kit::Kit,
    mended::Mended,
    opening::{Form, Likeness, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
    passphrase::{Estimate, Judgement, Refusal},
    plan::{Action, Task},
    problem::{Part, Problem},
    proof::{Last, PageKind, Proof, ProofWay, Wanted},
    proved::{Checked, Proved},
    rotation::{OlderVersion, Rotated},
    secret::Secret,
    sign_in::{AuthorizationServer, Door},
    verification::{CancelReason, Emoji, Move, Partner, Shown, Verification},
    web_address::WebAddress,
};

fn shown() -> Shown {
    let emoji = vec![Emoji { symbol: "🐶".into(), name: "Dog".into() }; 7];
    Shown::new(emoji, (1_000, 2_000, 3_000)).unwrap()
}

fn address() -> WebAddress {
    WebAddress::parse("https://account.hs/a?b=c").unwrap()
}

fn commands() -> Vec<Command> {
    let secret = || Secret::from("correct horse battery staple");
    vec![
        Command::SignIn { base_url: "https://hs".into(), user: "@ada:hs".into(), password: secret() },
        Command::Authorize {
            base_url: "https://hs".into(),
            door: Door::SingleSignOn { provider: Some("university".into()) },
            user_id: Some("@ada:hs".into()),
            callback: "https://page/callback.html".into(),
        },
        Command::Authorize {
            base_url: "https://hs".into(),
            door: Door::OAuth(AuthorizationServer {
                issuer: "https://account.hs/".into(),
                answers_name_issuer: true,
                authorization_endpoint: address(),
                token_endpoint: address(),
                registration_endpoint: address(),
                revocation_endpoint: address(),
                account_management_uri: None,
                account_management_actions_supported: vec!["org.matrix.device_delete".into()],
            }),
            user_id: None,
            callback: "https://page/callback.html".into(),
        },
        Command::Authorized { answer: secret() },
        Command::Look,
        Command::Judge {
            number: 7,
            phrase: secret(),
            estimate: Some(Estimate::of(4.0, || "r".into())),
            strength: 12,
            least: 20,
        },
        Command::Suggest { least: 20 },
        Command::MakeKey { phrase: None },
        Command::MakeKey { phrase: Some(secret()) },
        Command::Write { action: Action::Reset, kept_key: secret() },
        Command::Stop,
        Command::TryKey { entry: secret() },
        Command::DeleteOlder { versions: vec!["1".into()] },
        Command::GiveProof(Proof::Password(secret())),
        Command::GiveProof(Proof::Page),
        Command::Withdraw,
        Command::Count,
        Command::Listen,
        Command::Verify(Move::Match(shown())),
        Command::FilePart { first: true, bytes: b"correct horse battery staple".to_vec().into() },
        Command::Import { passphrase: secret() },
        Command::TakeHome { passphrase: secret() },
        Command::Mend,
        Command::Cover { further: true },
        Command::GoFurther,
        Command::Check,
        Command::ShowKit,
        Command::RemoveLeftOver { proof: None },
        Command::RemoveLeftOver { proof: Some(Proof::Password(secret())) },
        Command::SignOut,
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn events() -> Vec<Event> {
    let secret = || Secret::from("correct horse battery staple");
    let device = || Device { device_id: "D".into(), name: None, verified: false };
    let kit = || Kit { recovery_key: secret(), key_id: "k".into(), qr: secret(), qr_modules: 33 };
    let account = Account {
        user_id: "@ada:hs".into(),
        device_id: "PAGE".into(),
        identity: Some(Identity { master_key: "key".into() }),
        secret_storage: SecretStorage::Present { key_id: "k".into(), has_passphrase: true },
        stored_secrets: 4,
        identity_keys: Place::UnderDefault,
        backup_key: Place::Elsewhere,
        backup: Some(Backup { version: "1".into(), count: 3, etag: "e".into(), signed: true, usable: true }),
        backup_untold: true,
        backup_switched_off: true,
        devices: vec![device()],
        dehydrated: true,
    };
    let proved =
        || Proved { key_id: "k".into(), phrase_opens: true, backup_version: "1".into(), room_keys: 3 };
    let found = StoredSecrets {
        identity: StoredIdentity::Fits,
        backup: StoredBackupKey::Fits { proved: proved(), signed: true },
        loose_backup_key: false,
        backup_key_put_aside: false,
        received_identity: true,
        cut_short: true,
        form: Form::UnknownPhrase,
        password: Likeness::Alike,
        coverage: Some(Coverage { seen: 3, covered: 2, rooms_with_gaps: 1 }),
    };
    let older = vec![OlderVersion { version: "0".into(), room_keys: 3, opened: 2 }];
    let refusal = Some(Refusal::UserId);
    vec![
        Event::Ready,
        Event::Authorize { address: address() },
        Event::SignedIn {
            user_id: "@ada:hs".into(),
            farewell: Farewell::Logout { url: "https://hs/logout".into(), token: secret() },
        },
        Event::Farewell(Farewell::Revocation { url: "https://account.hs/revoke".into(), form: secret() }),
        Event::Looked(account),
        Event::Judged { number: 7, judgement: Judgement { score: 3, refusal, reason: "r".into() } },
        Event::Suggested(secret()),
        Event::KeyMade(kit()),
        Event::Tried(Opening::SecretStorage { by_phrase: true, found }),
        Event::Progress { done: 1, total: 2 },
        Event::Rotated {
            proved: proved(),
            rotated: Rotated { rooms: 1, room_keys: 2, older, maybe_more: true },
        },
        Event::Deleted,
        Event::TaskDone(Task::Commit),
        Event::ProofNeeded(Wanted {
            ways: vec![
                ProofWay::Password,
                ProofWay::Page { address: address(), kind: PageKind::Other("m.login.recaptcha".into()) },
            ],
            last: Last::Refused,
        }),
        Event::Withdrawn,
        Event::TakenBack(vec![Task::CheckUnchanged]),
        Event::SetUpDone(proved()),
        Event::Counted { room_keys: 1_284, etag: "e".into() },
        Event::Verification(Verification::Comparing {
            partner: Partner { device_id: "D".into(), name: Some("Phone".into()) },
            shown: shown(),
        }),
        Event::Verification(Verification::Cancelled { by_us: true, reason: CancelReason::Differed }),
        Event::HandedOver(HandedOver { identity: true, backup: HandedBackupKey::Missing }),
        Event::Dropped { malformed: 3 },
        Event::Heard { trouble: Some(Problem::Garbled) },
        Event::Imported(Imported { in_file: 3, new: 2, ..Imported::default() }),
        Event::FilePart(b"correct horse battery staple".to_vec().into()),
        Event::TakenHome(TakenHome { room_keys: 3, bytes: 700, ..TakenHome::default() }),
        Event::RoomCovered(RoomCoverage {
            room_id: "!r:hs".into(),
            name: "Room".into(),
            is_direct: false,
            is_left: true,
            covered: 1,
            missing: 2,
            unopened: 0,
            mendable: 0,
            keys: 0,
            unknown: 3,
            gap: Some(Gap { from_ms: 1, to_ms: 2, senders: vec!["@b:hs".into()], more_senders: 1 }),
            reached_ms: None,
            is_whole: true,
            trouble: false,
        }),
        Event::Mended(Mended { mended: 1, kept: 2 }),
        Event::Covered { at_ms: 7, etag: "e".into() },
        Event::WentFurther { more: true, trouble: Some(Problem::Garbled) },
        Event::Stopped,
        Event::Checked(Checked { proved: proved(), at_ms: 7, left_over: vec![device()] }),
        Event::Kit(kit()),
        Event::SignedOut,
        Event::Failed(Problem::NotAsWritten { part: Part::Secrets }),
        Event::Failed(Problem::out_of_order()),
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
fn the_place_of_a_defect_arrives_with_it() {
    let found = Problem::engine_stopped();
    let sent = Envelope { run: Run(1), message: Event::Failed(found.clone()) };
    let Ok(Envelope { message: Event::Failed(came), .. }) = decode(&encode(&sent).unwrap()) else {
        panic!("it did not arrive")
    };
    assert!(found.report().is_some());
    assert_eq!(came.report(), found.report());
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
