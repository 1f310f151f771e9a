use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{
    account::{Account, Backup, Device, Identity, Place, SecretStorage},
    address::BaseUrl,
    discovery::Server,
    passphrase::Judgement,
    proved::Proved,
    recovery_key::RecoveryKeyError,
};

const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

/// A well-formed key that is not [`KEY`].
fn other_key() -> String {
    let mut bytes = vec![0x8b, 0x01];
    bytes.extend([7; 32]);
    bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
    bs58::encode(bytes).into_string()
}

fn server() -> Server {
    Server {
        base_url: BaseUrl::parse("https://hs.example.org").unwrap(),
        user_id: Some("@ada:example.org".into()),
    }
}

fn fresh() -> Account {
    Account {
        user_id: "@ada:example.org".into(),
        device_id: "PAGE".into(),
        identity: None,
        secret_storage: SecretStorage::Absent,
        stored_secrets: 0,
        identity_keys: Place::Nowhere,
        backup_key: Place::Nowhere,
        backup: None,
        backup_switched_off: false,
        devices: vec![Device { device_id: "PHONE".into(), name: None, verified: false }],
        dehydrated: false,
    }
}

fn unfinished() -> Account {
    Account { identity: Some(Identity { master_key: "m".into() }), stored_secrets: 4, ..fresh() }
}

fn set_up() -> Account {
    Account {
        secret_storage: SecretStorage::Present { key_id: "k".into(), has_passphrase: false },
        backup: Some(Backup { version: "1".into(), count: 0, etag: "0".into(), signed: true }),
        ..unfinished()
    }
}

fn proved() -> Proved {
    Proved { key_id: "k".into(), phrase_opens: false, backup_version: "1".into(), room_keys: 0 }
}

fn engine(event: Event) -> Input {
    Input::Engine(Run(1), event)
}

fn judged(number: u32, score: u8) -> Input {
    engine(Event::Judged { number, judgement: Judgement { score, refusal: None, reason: String::new() } })
}

/// Goes through inputs and returns the effects of the last one.
fn walk(guide: &mut Guide, inputs: impl IntoIterator<Item = Input>) -> Vec<Effect> {
    inputs.into_iter().map(|input| guide.handle(input)).last().unwrap_or_default()
}

fn to_findings(account: Account) -> Guide {
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
            engine(Event::SignedIn { user_id: "@ada:example.org".into() }),
            engine(Event::Looked(account)),
        ],
    );
    assert!(matches!(guide.step(), Step::Findings { .. }), "{:?}", guide.step());
    guide
}

fn to_confirm() -> Guide {
    let mut guide = to_findings(fresh());
    walk(
        &mut guide,
        [
            Input::ChoseKey,
            engine(Event::KeyMade(Secret::from(KEY))),
            Input::KeptKey(Keeping::Downloaded),
            Input::WentToProof,
            Input::EnteredKey(Secret::from(KEY)),
        ],
    );
    assert!(matches!(guide.step(), Step::Confirm { .. }), "{:?}", guide.step());
    guide
}

fn to_writing() -> Guide {
    let mut guide = to_confirm();
    guide.handle(Input::Agreed);
    guide
}

#[test]
fn the_way_with_a_key_ends_with_what_was_proved_and_a_signed_out_page() {
    let mut guide = to_confirm();
    let effects = guide.handle(Input::Agreed);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::SetUp, kept_key: Secret::from(KEY) })]
    );
    walk(&mut guide, SET_UP.map(|task| engine(Event::TaskDone(task))));
    guide.handle(engine(Event::SetUpDone(proved())));
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert_eq!(guide.handle(Input::WantedSignOut), [Effect::Tell(Run(2), Command::SignOut)]);
    let late = engine(Event::Failed(Problem::Passing { status: None }));
    assert_eq!(guide.handle(late), [], "of a count that was under way");
    assert_eq!(guide.handle(Input::Engine(Run(2), Event::SignedOut)), [Effect::EndEngine]);
    let outcome = Outcome::BackupOn(proved());
    assert_eq!(guide.step(), &Step::Finished { outcome, trouble: None });
}

#[test]
fn a_typed_phrase_is_judged_and_repeated_before_a_key_is_made_from_it() {
    let mut guide = to_findings(fresh());
    let phrase = || Secret::from("glass otter fifty moons");
    walk(&mut guide, [Input::ChosePhrase, Input::ChosePhraseText(phrase()), judged(1, 2)]);
    assert!(matches!(guide.step(), Step::Phrase { .. }), "too weak");
    walk(&mut guide, [Input::ChosePhraseText(phrase()), judged(1, 4)]);
    assert!(matches!(guide.step(), Step::Phrase { .. }), "a late judgement on something else");
    walk(&mut guide, [judged(2, 4), Input::RepeatedPhrase(Secret::from("glass otter"))]);
    assert!(matches!(guide.step(), Step::Repeat { differed: true, .. }));
    let effects = guide.handle(Input::RepeatedPhrase(phrase()));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::MakeKey { phrase: Some(phrase()) })]);
}

#[test]
fn a_proposed_phrase_need_not_be_typed_again() {
    let mut guide = to_findings(fresh());
    let phrase = || Secret::from("glass otter fifty moons");
    walk(&mut guide, [Input::ChosePhrase, Input::WantedSuggestion, engine(Event::Suggested(phrase()))]);
    let effects = walk(&mut guide, [Input::ChosePhraseText(phrase()), judged(2, 4)]);
    assert_eq!(effects, [Effect::Tell(Run(1), Command::MakeKey { phrase: Some(phrase()) })]);
}

#[test]
fn the_key_must_be_kept_and_shown_before_anything_can_be_agreed_to() {
    let mut guide = to_findings(fresh());
    walk(&mut guide, [Input::ChoseKey, engine(Event::KeyMade(Secret::from(KEY))), Input::WentToProof]);
    assert!(matches!(guide.step(), Step::Save { .. }), "not kept yet");
    walk(&mut guide, [Input::KeptKey(Keeping::Copied), Input::WentToProof]);
    for (entry, mistake) in [
        (other_key(), ProofMistake::AnotherKey),
        (String::new(), ProofMistake::Form(RecoveryKeyError::Empty)),
        (KEY[..40].to_owned(), ProofMistake::Form(RecoveryKeyError::Length(40))),
    ] {
        guide.handle(Input::EnteredKey(Secret::from(entry.as_str())));
        let Step::Prove { mistake: found, .. } = guide.step() else { panic!("{:?}", guide.step()) };
        assert_eq!(found, &Some(mistake), "{entry}");
        assert_eq!(guide.handle(Input::Agreed), []);
    }
}

#[test]
fn accounts_that_are_set_up_are_only_looked_at() {
    for account in [unfinished(), set_up()] {
        let mut guide = to_findings(account);
        assert_eq!(walk(&mut guide, [Input::ChoseKey, Input::ChosePhrase, Input::Agreed]), []);
        assert!(matches!(guide.step(), Step::Findings { .. }));
    }
}

#[test]
fn what_was_cut_short_is_finished_with_the_kept_key() {
    let mut guide = to_findings(unfinished());
    let effects = walk(&mut guide, [Input::WantedToFinish, Input::EnteredKey(Secret::from("a phrase"))]);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::Finish, kept_key: Secret::from("a phrase") })]
    );
    assert!(!guide.can_sign_out(), "the engine may be writing already");
    guide.handle(engine(Event::Failed(Problem::OpensNothing)));
    assert!(matches!(guide.step(), Step::Resume { trouble: Some(_), .. }));
    walk(&mut guide, [Input::EnteredKey(Secret::from(KEY)), engine(Event::TaskDone(SET_UP[0]))]);
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(matches!(guide.step(), Step::Writing { pause: Some(Pause::Trouble(_)), .. }));
    let effects = guide.handle(Input::TriedAgain);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::Finish, kept_key: Secret::from(KEY) })]
    );
}

#[test]
fn the_account_password_goes_to_the_engine_only_when_the_server_asked() {
    let mut guide = to_writing();
    let given = || Input::GavePassword(Secret::from("pw"));
    assert_eq!(guide.handle(given()), []);
    let effects = walk(&mut guide, [engine(Event::PasswordNeeded { refused: false }), given()]);
    assert_eq!(effects, [Effect::Tell(Run(1), Command::GivePassword { password: Secret::from("pw") })]);
    assert_eq!(guide.handle(given()), [], "given once");
}

#[test]
fn what_trying_again_cannot_mend_ends_the_visit_and_takes_the_device_along() {
    let mut guide = to_writing();
    let effects = guide.handle(engine(Event::Failed(Problem::SomeoneElseIsWriting)));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped { .. }));

    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    let effects = guide.handle(engine(Event::Failed(Problem::BackupReplaced)));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped { .. }), "the good news is withdrawn");
}

#[test]
fn writing_cannot_be_left_by_going_back_or_signing_out() {
    let mut guide = to_writing();
    for input in [Input::WentBack, Input::WantedSignOut] {
        assert_eq!(guide.handle(input), []);
        assert!(matches!(guide.step(), Step::Writing { .. }));
    }
}

#[test]
fn a_lost_engine_is_told_with_what_had_been_written() {
    let mut guide = to_writing();
    let done = [Task::CheckUnchanged, Task::StoreSecrets, Task::PublishIdentity];
    walk(&mut guide, done.map(|task| engine(Event::TaskDone(task))));
    assert_eq!(guide.handle(Input::EngineLost(Problem::EngineStopped)), [Effect::EndEngine]);
    // The last one was under way.
    let written = vec![Task::StoreSecrets, Task::PublishIdentity, Task::CreateBackup];
    assert_eq!(guide.step(), &Step::Stopped { problem: Problem::EngineStopped, written });
    assert_eq!(guide.handle(engine(Event::SetUpDone(proved()))), [], "late, from the ended run");
    assert!(matches!(guide.step(), Step::Stopped { .. }));
}

#[test]
fn going_back_leads_one_step_back_and_keeps_what_was_entered() {
    let mut guide = Guide::default();
    walk(&mut guide, [Input::Began, Input::EnteredServer("@ada:example.org".into()), Input::WentBack]);
    assert_eq!(guide.step(), &Step::Server { entered: "@ada:example.org".into(), trouble: None });
    guide.handle(Input::Discovered(Ok(server())));
    assert!(matches!(guide.step(), Step::Server { .. }), "a late discovery");
    let mut guide = to_confirm();
    guide.handle(Input::WentBack);
    assert!(matches!(guide.step(), Step::Save { kept, .. } if *kept == [Keeping::Downloaded]));
}

#[test]
fn a_narrowed_policy_cannot_be_widened_so_another_server_means_a_reload() {
    let mut guide = Guide::default();
    walk(
        &mut guide,
        [Input::Began, Input::EnteredServer("@a:b.org".into()), Input::Discovered(Ok(server()))],
    );
    assert_eq!(guide.handle(Input::WentBack), [Effect::EndEngine, Effect::Reload]);
}

#[test]
fn counting_goes_on_and_becomes_rarer_while_nothing_changes() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(engine(Event::SetUpDone(proved()))), [Effect::Wake(2_000)]);
    assert_eq!(guide.handle(Input::TimePassed), [Effect::Tell(Run(1), Command::Count)]);
    let counted = |room_keys| engine(Event::Counted { room_keys });
    for (room_keys, wait) in [(5, 2_000), (5, 4_000), (5, 8_000), (5, 15_000), (5, 15_000), (6, 2_000)] {
        assert_eq!(guide.handle(counted(room_keys)), [Effect::Wake(wait)], "{room_keys}");
    }
    assert_eq!(
        guide.handle(engine(Event::Failed(Problem::Passing { status: None }))),
        [Effect::Wake(15_000)]
    );
    let Step::OldKeys { arrival, .. } = guide.step() else { panic!() };
    assert_eq!(arrival.room_keys, 6, "the last number seen stays");
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Ready),
        Just(Event::SignedIn { user_id: "@ada:example.org".into() }),
        prop_oneof![Just(fresh()), Just(unfinished()), Just(set_up())].prop_map(Event::Looked),
        (0..4u32, 0..5u8).prop_map(|(number, score)| Event::Judged {
            number,
            judgement: Judgement { score, refusal: None, reason: String::new() }
        }),
        Just(Event::Suggested(Secret::from("six words"))),
        Just(Event::KeyMade(Secret::from(KEY))),
        (0..SET_UP.len()).prop_map(|at| Event::TaskDone(SET_UP[at])),
        any::<bool>().prop_map(|refused| Event::PasswordNeeded { refused }),
        Just(Event::SetUpDone(proved())),
        any::<u64>().prop_map(|room_keys| Event::Counted { room_keys }),
        Just(Event::SignedOut),
        prop_oneof![
            Just(Problem::Passing { status: None }),
            Just(Problem::OpensNothing),
            Just(Problem::SignedOut)
        ]
        .prop_map(Event::Failed),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let text =
        || prop_oneof![Just(Secret::from(KEY)), Just(Secret::from("six words")), Just(Secret::default())];
    prop_oneof![
        8 => (1..3u32, any_event()).prop_map(|(run, event)| Input::Engine(Run(run), event)),
        1 => Just(Input::Began),
        1 => Just(Input::WentBack),
        1 => prop_oneof![Just("@ada:example.org"), Just("nonsense")].prop_map(|s| Input::EnteredServer(s.into())),
        1 => prop_oneof![Just(Ok(server())), Just(Err(Problem::Garbled))].prop_map(Input::Discovered),
        1 => text().prop_map(|password| Input::EnteredPassword { user: "ada".into(), password }),
        1 => Just(Input::ChoseKey),
        1 => Just(Input::ChosePhrase),
        1 => Just(Input::WantedToFinish),
        1 => text().prop_map(Input::TypedPhrase),
        1 => Just(Input::WantedSuggestion),
        1 => text().prop_map(Input::ChosePhraseText),
        1 => text().prop_map(Input::RepeatedPhrase),
        1 => Just(Input::KeptKey(Keeping::Copied)),
        1 => Just(Input::WentToProof),
        2 => text().prop_map(Input::EnteredKey),
        2 => Just(Input::Agreed),
        1 => text().prop_map(Input::GavePassword),
        1 => Just(Input::TriedAgain),
        1 => Just(Input::WantedSignOut),
        1 => Just(Input::TimePassed),
        1 => Just(Input::EngineLost(Problem::EngineStopped)),
    ]
}

fn any_start() -> impl Strategy<Value = u8> {
    0..4u8
}

fn start(at: u8) -> Guide {
    match at {
        0 => Guide::default(),
        1 => to_findings(fresh()),
        2 => to_findings(unfinished()),
        _ => to_findings(set_up()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// No sequence of inputs panics, and whatever it is, the engine is told to write only what the
    /// person agreed to right then, with the very key they proved, on an account that was looked at
    /// and is fresh (or was left unfinished).
    #[test]
    fn no_sequence_writes_without_consent_and_proof(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        for input in inputs {
            let before = guide.step().clone();
            for effect in guide.handle(input.clone()) {
                let Effect::Tell(_, command) = effect else { continue };
                match (command, &before) {
                    (Command::Write { action: Action::SetUp, kept_key }, Step::Confirm { visit, made, proof, .. }) => {
                        prop_assert_eq!(&input, &Input::Agreed);
                        prop_assert_eq!(diagnose(&visit.account, &visit.known), Diagnosis::NothingSetUp);
                        prop_assert_eq!(&kept_key, proof);
                        prop_assert!(compare(&kept_key, &made.recovery_key).is_ok());
                    }
                    (Command::Write { action: Action::Finish, .. }, Step::Resume { visit, .. }) => {
                        prop_assert!(matches!(input, Input::EnteredKey(_)), "{input:?}");
                        prop_assert_eq!(diagnose(&visit.account, &visit.known), Diagnosis::Unfinished);
                    }
                    // The same order again, after a failure, and only because the person asked.
                    (command @ Command::Write { .. }, Step::Writing { order, .. }) => {
                        prop_assert_eq!(&input, &Input::TriedAgain);
                        prop_assert_eq!(command, order.command());
                    }
                    (Command::GivePassword { .. }, Step::Writing { pause: Some(Pause::Password { .. }), .. }) => {}
                    (command @ (Command::Write { .. } | Command::GivePassword { .. }), step) => {
                        prop_assert!(false, "{command:?} at {step:?}");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Good news is shown only after the engine said that it proved it, in this very run.
    #[test]
    fn nothing_is_called_done_that_the_engine_did_not_prove(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        let mut proved_in_run = false;
        for input in inputs {
            let was_writing = matches!(guide.step(), Step::Writing { .. });
            if was_writing && matches!(&input, Input::Engine(run, Event::SetUpDone(_)) if *run == guide.run()) {
                proved_in_run = true;
            }
            guide.handle(input);
            let says_done = matches!(
                guide.step(),
                Step::OldKeys { .. }
                    | Step::SigningOut { outcome: Outcome::BackupOn(_) }
                    | Step::Finished { outcome: Outcome::BackupOn(_), .. }
            );
            prop_assert!(!says_done || proved_in_run);
        }
    }
}
