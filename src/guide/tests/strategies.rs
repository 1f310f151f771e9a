//! Generates any input, in any order.

use super::*;

pub(super) fn any_opening() -> impl Strategy<Value = Opening> {
    let missing = || opens(StoredSecrets::only(StoredIdentity::Fits, StoredBackupKey::Missing));
    prop_oneof![
        3 => Just(opens_all()),
        2 => Just(unsigned()),
        1 => Just(missing()),
        1 => Just(opens(StoredSecrets::only(StoredIdentity::Missing, fits(true)))),
        1 => Just(older_storage()),
        1 => Just(Opening::BackupDirectly { room_keys: 1, by_phrase: false }),
        1 => Just(Opening::Nothing(NotOpened::AnotherKey)),
    ]
}

pub(super) fn any_talk() -> impl Strategy<Value = Verification> {
    let partner = || Partner { device_id: "PHONE".into(), name: None };
    proptest::sample::select(vec![
        Verification::Idle,
        Verification::Asked,
        Verification::AskedBy(partner()),
        Verification::Agreed(partner()),
        Verification::Comparing { partner: partner(), shown: shown() },
        Verification::Confirmed(partner()),
        Verification::Done(partner()),
        Verification::Cancelled { by_us: false, reason: CancelReason::Declined },
    ])
}

pub(super) fn any_handed_over() -> impl Strategy<Value = HandedOver> {
    use HandedBackupKey::*;
    let backup = proptest::sample::select(vec![Fits, NoBackup, Missing, Differs]);
    (any::<bool>(), backup).prop_map(|(identity, backup)| HandedOver { identity, backup })
}

pub(super) fn any_part() -> impl Strategy<Value = Part> {
    use Part::*;
    proptest::sample::select(vec![OldKeys, Verify, Import, Coverage, TakeHome, Done])
}

pub(super) fn any_move() -> impl Strategy<Value = Move> {
    use Move::*;
    proptest::sample::select(vec![Ask, Accept, Match(shown()), Differ, Cancel])
}

pub(super) fn any_action() -> impl Strategy<Value = Action> {
    use Action::*;
    proptest::sample::select(vec![
        SetUp, Finish, EnterKey, SayKeyLost, SayAppLost, WantBackup, Repair, ChangeKey, Rotate, Reset,
        Verify, AddKey, BringKeys, Cover, End,
    ])
}

pub(super) fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Ready),
        Just(signed_in("@ada:example.org")),
        (0..STARTS).prop_map(|at| Event::Looked(any_account(at))),
        (0..4u32, 0..5u8).prop_map(|(number, score)| Event::Judged {
            number,
            judgement: Judgement { score, refusal: None, reason: String::new() }
        }),
        Just(Event::Suggested(Secret::from("six words"))),
        Just(Event::KeyMade(kit())),
        (0..SET_UP.len()).prop_map(|at| Event::TaskDone(SET_UP[at])),
        prop_oneof![Just(Last::None), Just(Last::Refused), Just(Last::NotYet)].prop_map(proof_needed),
        Just(Event::Withdrawn),
        Just(Event::TakenBack(vec![Task::CheckUnchanged])),
        Just(Event::Authorize { address: WebAddress::parse("https://account.example.org/").unwrap() }),
        Just(Event::SetUpDone(proved())),
        any_opening().prop_map(Event::Tried),
        any_opening().prop_map(Event::Tried),
        Just(Event::Rotated { proved: proved(), rotated: rotated() }),
        Just(Event::Deleted),
        any::<u64>().prop_map(|done| Event::Progress { done, total: 9 }),
        any::<u64>().prop_map(counted),
        any_talk().prop_map(Event::Verification),
        any_handed_over().prop_map(Event::HandedOver),
        any::<bool>().prop_map(|bad| Event::Heard { trouble: bad.then_some(Problem::Garbled) }),
        Just(Event::Imported(Imported { in_file: 2, new: 1, ..Imported::default() })),
        Just(Event::TakenHome(TakenHome::default())),
        (any::<bool>(), any::<bool>()).prop_map(|(missing, is_whole)| {
            Event::RoomCovered(RoomCoverage { is_whole, ..room(missing.into()) })
        }),
        Just(Event::RoomCovered(RoomCoverage { unopened: 1, mendable: 1, ..room(0) })),
        (0..2u64).prop_map(|kept| Event::Mended(Mended { mended: 1, kept })),
        any::<u64>().prop_map(|at_ms| Event::Covered { at_ms, etag: (at_ms % 3).to_string() }),
        Just(Event::Stopped),
        (any::<bool>(), any::<bool>())
            .prop_map(|(more, bad)| Event::WentFurther { more, trouble: bad.then_some(Problem::Garbled) }),
        Just(Event::Checked(checked())),
        Just(Event::Kit(kit())),
        Just(Event::SignedOut),
        prop_oneof![
            Just(Problem::Passing { status: None }),
            Just(Problem::OpensNothing),
            Just(Problem::SignedOut)
        ]
        .prop_map(Event::Failed),
    ]
}

pub(super) fn any_input() -> impl Strategy<Value = Input> {
    let text =
        || prop_oneof![Just(Secret::from(KEY)), Just(Secret::from("six words")), Just(Secret::default())];
    prop_oneof![
        8 => (1..3u32, any_event()).prop_map(|(run, event)| Input::Engine(Run(run), event)),
        1 => Just(Input::Began),
        1 => config::any_config().prop_map(|config| Input::Configured(Box::new(config))),
        1 => any::<u8>().prop_map(Input::FoundLeastPhrase),
        1 => Just(Input::WentBack),
        1 => prop_oneof![Just("@ada:example.org"), Just("nonsense")].prop_map(|s| Input::EnteredServer(s.into())),
        1 => prop_oneof![Just(Ok(server())), Just(Err(Problem::Garbled))].prop_map(Input::Discovered),
        1 => text().prop_map(|password| Input::EnteredPassword { user: "ada".into(), password }),
        1 => Just(Input::ChoseKey),
        1 => Just(Input::ChosePhrase),
        6 => any_action().prop_map(Input::Chose),
        1 => text().prop_map(Input::TypedPhrase),
        1 => Just(Input::WantedSuggestion),
        1 => text().prop_map(Input::ChosePhraseText),
        1 => text().prop_map(Input::RepeatedPhrase),
        1 => Just(Input::KeptKey(Keeping::Copied)),
        1 => Just(Input::WentToEnterKey),
        2 => text().prop_map(Input::EnteredKey),
        3 => Just(Input::Agreed),
        1 => prop_oneof![Just("new identity"), Just("no")].prop_map(|s| Input::AgreedWith(s.into())),
        1 => Just(Input::WantedStop),
        1 => Just(Input::AgreedToDelete),
        1 => Just(Input::WentOn),
        1 => text().prop_map(|password| Input::GaveProof(Proof::Password(password))),
        1 => any::<bool>().prop_map(|blocked| Input::ChoseDoor { door: sign_in::door(), blocked }),
        1 => text().prop_map(Input::CameBack),
        1 => Just(Input::ClosedDoor),
        1 => Just(Input::GaveProof(Proof::Page)),
        1 => Just(Input::Withdrew),
        1 => Just(Input::TriedAgain),
        1 => Just(Input::WantedSignOut),
        2 => any_part().prop_map(Input::WentTo),
        2 => any_move().prop_map(Input::Moved),
        1 => any::<u32>().prop_map(|bytes| Input::ChoseFile { name: "keys.txt".into(), bytes: bytes.into() }),
        1 => text().prop_map(Input::GavePassphrase),
        1 => Just(Input::WantedFurther),
        1 => Just(Input::WantedMending),
        1 => Just(Input::WantedNewLook),
        1 => Just(Input::WantedCopy),
        1 => Just(Input::WantedKit),
        1 => Just(Input::WantedRemoval),
        1 => Just(Input::TimePassed),
        1 => Just(Input::Returned),
        1 => Just(Input::EngineLost(Problem::engine_stopped())),
    ]
}

pub(super) const STARTS: u8 = 7;

pub(super) fn any_account(at: u8) -> Account {
    match at {
        0 => fresh(),
        1 => unfinished(),
        2 => set_up(),
        3 => with_app(),
        4 => orphaned(),
        5 => backup_only(),
        _ => Account { backup_switched_off: true, ..set_up() },
    }
}

/// Starts at the first screen, at the findings for each account, or after a key was entered.
pub(super) fn any_start() -> impl Strategy<Value = (u8, Option<Opening>)> {
    (0..=STARTS, proptest::option::of(any_opening()))
}

pub(super) fn start((at, opening): (u8, Option<Opening>)) -> Guide {
    match (at, opening) {
        (STARTS, _) => Guide::waiting(),
        (at, None) => to_findings(any_account(at)),
        (at, Some(opening)) => to_checked(any_account(at), opening),
    }
}

/// Generates inputs that need no engine, most of them ones that lead on from the first steps.
pub(super) fn any_input_at_the_entrance() -> impl Strategy<Value = Input> {
    let leads_on = prop_oneof![
        2 => Just(Input::Began),
        2 => config::any_config().prop_map(|config| Input::Configured(Box::new(config))),
        1 => Just(Input::WentBack),
        2 => Just(Input::EnteredServer("@ada:example.org".into())),
        2 => Just(Input::Discovered(Ok(server()))),
        1 => Just(Input::EnteredPassword { user: "ada".into(), password: Secret::from("pw") }),
        2 => any::<bool>().prop_map(|blocked| Input::ChoseDoor { door: sign_in::door(), blocked }),
        1 => Just(Input::ClosedDoor),
        1 => Just(Input::TriedAgain),
    ];
    let any = any_input().prop_filter("an engine", |input| !matches!(input, Input::Engine(..)));
    prop_oneof![3 => leads_on, 1 => any]
}
