mod config;
mod harvest;
mod sign_in;
mod verdict;

use proptest::{collection::vec, prelude::*};

use super::{key::compare, writing::write, *};
use crate::domain::{
    account::{Account, Backup, Device, Identity, Place, SecretStorage},
    address::BaseUrl,
    coverage::RoomCoverage,
    diagnosis::{Diagnosis, KeyKnown},
    discovery::Server,
    farewell::Farewell,
    handed_over::{HandedBackupKey, HandedOver},
    key_file::{Imported, TakenHome},
    kit::Kit,
    mended::Mended,
    opening::{Found, Nothing, Opening, StoredBackupKey, StoredIdentity},
    passphrase::Judgement,
    plan::{SET_UP, Task, tasks},
    problem::Problem,
    proof::{Last, PageKind, Proof, ProofWay, Wanted},
    proved::{Checked, Proved},
    recovery_key::RecoveryKeyError,
    rotation::{OlderVersion, Rotated},
    sign_in::{Door, Ways},
    verification::{CancelReason, Move, Partner, Shown, Verification},
    web_address::WebAddress,
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
        ways: Ways::password(),
    }
}

fn fresh() -> Account {
    Account {
        devices: vec![Device { device_id: "PHONE".into(), name: None, verified: false }],
        ..Account::fresh("@ada:example.org", "PAGE")
    }
}

fn unfinished() -> Account {
    Account {
        identity: Some(Identity { master_key: "m".into() }),
        stored_secrets: 4,
        identity_keys: Place::Elsewhere,
        backup_key: Place::Elsewhere,
        ..fresh()
    }
}

fn set_up() -> Account {
    Account {
        secret_storage: SecretStorage::Present { key_id: "k".into(), has_passphrase: false },
        identity_keys: Place::UnderDefault,
        backup_key: Place::UnderDefault,
        backup: Some(Backup { version: "1".into(), count: 0, etag: "0".into(), signed: true }),
        devices: Vec::new(),
        ..unfinished()
    }
}

/// The same, with an open app that holds everything.
fn with_app() -> Account {
    Account { devices: vec![Device { device_id: "PHONE".into(), name: None, verified: true }], ..set_up() }
}

/// An identity that nobody holds any more, and a backup.
fn orphaned() -> Account {
    Account {
        secret_storage: SecretStorage::Absent,
        stored_secrets: 0,
        identity_keys: Place::Nowhere,
        backup_key: Place::Nowhere,
        ..set_up()
    }
}

/// A backup of the first years.
fn backup_only() -> Account {
    Account { backup: set_up().backup, ..fresh() }
}

fn found(identity: StoredIdentity, backup: StoredBackupKey) -> Found {
    Found {
        identity,
        backup,
        spare_backup_key: false,
        archived_backup_key: false,
        spare_identity: false,
        cut_short: false,
        coverage: None,
    }
}

fn fits(signed: bool) -> StoredBackupKey {
    StoredBackupKey::Fits { proved: proved(), signed }
}

fn opens(found: Found) -> Opening {
    Opening::SecretStorage { by_phrase: false, found }
}

fn opens_all() -> Opening {
    opens(found(StoredIdentity::Fits, fits(true)))
}

fn unsigned() -> Opening {
    opens(found(StoredIdentity::Fits, fits(false)))
}

fn older_storage() -> Opening {
    Opening::OlderSecretStorage { found: found(StoredIdentity::Fits, fits(true)) }
}

fn rotated() -> Rotated {
    let older =
        |version: &str, room_keys, opened| OlderVersion { version: version.into(), room_keys, opened };
    Rotated { rooms: 2, room_keys: 10, older: vec![older("2", 10, 10), older("1", 5, 3)], maybe_more: false }
}

fn proved() -> Proved {
    Proved { key_id: "k".into(), phrase_opens: false, backup_version: "1".into(), room_keys: 0 }
}

fn engine(event: Event) -> Input {
    Input::Engine(Run(1), event)
}

fn kit() -> Kit {
    Kit { recovery_key: Secret::from(KEY), key_id: "k".into(), qr: Secret::default(), qr_modules: 33 }
}

fn counted(room_keys: u64) -> Event {
    Event::Counted { room_keys, etag: room_keys.to_string() }
}

fn signed_in(user_id: &str) -> Event {
    let farewell = Farewell::Logout { url: "https://hs.example.org/logout".into(), token: Secret::default() };
    Event::SignedIn { user_id: user_id.to_owned(), farewell }
}

/// The server wants the account password, or what is done on its page.
fn proof_needed(last: Last) -> Event {
    let address = WebAddress::parse("https://account.example.org/").unwrap();
    let page = ProofWay::Page { address, kind: PageKind::Account };
    Event::ProofNeeded(Wanted { ways: vec![ProofWay::Password, page], last })
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
            engine(signed_in("@ada:example.org")),
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
            engine(Event::KeyMade(kit())),
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
    walk(&mut guide, [Input::ChoseKey, engine(Event::KeyMade(kit())), Input::WentToProof]);
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
fn accounts_that_are_set_up_are_not_set_up_again() {
    for account in [unfinished(), set_up(), with_app(), orphaned()] {
        let mut guide = to_findings(account);
        assert_eq!(walk(&mut guide, [Input::ChoseKey, Input::ChosePhrase, Input::Agreed]), []);
        assert!(matches!(guide.step(), Step::Findings { .. }));
    }
}

#[test]
fn what_was_cut_short_is_finished_with_the_kept_key() {
    let mut guide = to_findings(unfinished());
    let effects =
        walk(&mut guide, [Input::Chose(Action::Finish), Input::EnteredKey(Secret::from("a phrase"))]);
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
    let given = || Input::GaveProof(Proof::Password(Secret::from("pw")));
    assert_eq!(guide.handle(given()), []);
    let effects = walk(&mut guide, [engine(proof_needed(Last::None)), given()]);
    let proof = Proof::Password(Secret::from("pw"));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::GiveProof(proof))]);
    assert_eq!(guide.handle(given()), [], "given once");
}

#[test]
fn what_trying_again_cannot_mend_ends_the_visit_and_takes_the_device_along() {
    let mut guide = to_writing();
    let effects = guide.handle(engine(Event::Failed(Problem::SomeoneElseIsWriting)));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped { .. }));
    for event in [Event::SignedOut, Event::Failed(Problem::Passing { status: None })] {
        let mut stopped = Guide::at(guide.step().clone());
        assert_eq!(stopped.handle(engine(event)), [Effect::EndEngine], "it holds nothing any longer");
        assert_eq!(stopped.step(), guide.step());
    }

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
    let written = Written {
        tasks: vec![Task::StoreSecrets, Task::PublishIdentity],
        perhaps: Some(Task::CreateBackup),
        cut_short: true,
    };
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
    let effects = [Effect::Tell(Run(1), Command::Count), Effect::Tell(Run(1), Command::Listen)];
    assert_eq!(guide.handle(Input::TimePassed), effects, "other apps are heard from now on");
    let counted = |room_keys| engine(counted(room_keys));
    for (room_keys, wait) in [(5, 2_000), (5, 4_000), (5, 8_000), (5, 15_000), (5, 15_000), (6, 2_000)] {
        assert_eq!(guide.handle(counted(room_keys)), [Effect::Wake(wait)], "{room_keys}");
    }
    assert_eq!(
        guide.handle(engine(Event::Failed(Problem::Passing { status: None }))),
        [Effect::Wake(15_000)]
    );
    let Step::OldKeys { harvest, .. } = guide.step() else { panic!() };
    assert_eq!(harvest.arrival.room_keys, 6, "the last number seen stays");
}

/// Looks at an account, enters the key, and sees what it opens.
fn to_checked(account: Account, opening: Opening) -> Guide {
    let mut guide = to_findings(account.clone());
    enter_key(&mut guide, account, opening);
    guide
}

fn enter_key(guide: &mut Guide, account: Account, opening: Opening) -> Vec<Effect> {
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

/// From the cards to agreeing.
fn make_key(guide: &mut Guide) -> Vec<Effect> {
    walk(
        guide,
        [
            Input::ChoseKey,
            engine(Event::KeyMade(kit())),
            Input::KeptKey(Keeping::Downloaded),
            Input::WentToProof,
            Input::EnteredKey(Secret::from(KEY)),
            Input::Agreed,
        ],
    )
}

fn wants(action: Action, kept_key: &str) -> [Effect; 1] {
    [Effect::Tell(Run(1), Command::Write { action, kept_key: Secret::from(kept_key) })]
}

fn diagnosis_of(guide: &Guide) -> Diagnosis {
    let Step::Findings { diagnosis, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    *diagnosis
}

fn outcome_of(mut guide: Guide) -> Outcome {
    let was_unchanged = guide.has_changed_nothing();
    guide.handle(Input::WantedSignOut);
    let Step::SigningOut { outcome } = guide.step() else { panic!("{:?}", guide.step()) };
    let says_unchanged = matches!(outcome, Outcome::NothingChanged | Outcome::Checked(_));
    assert!(says_unchanged || !was_unchanged, "{outcome:?}");
    outcome.clone()
}

#[test]
fn an_account_that_could_not_be_read_is_read_again_or_left() {
    let mut guide = to_findings(fresh());
    guide.step = Step::Looking { server: server(), user_id: "@ada:example.org".into(), trouble: None };
    assert!(!guide.can_sign_out());
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(guide.can_sign_out());
    assert_eq!(guide.handle(Input::TriedAgain), [Effect::Tell(Run(1), Command::Look)]);
    assert_eq!(guide.handle(Input::TriedAgain), [], "once");
    guide.handle(engine(Event::Looked(fresh())));
    assert_eq!(diagnosis_of(&guide), Diagnosis::NothingSetUp);
}

#[test]
fn the_key_is_tried_and_what_it_opens_is_said() {
    let mut guide = to_findings(set_up());
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
    assert_eq!(guide.handle(Input::Chose(Action::EnterKey)), []);
    assert_eq!(guide.handle(Input::EnteredKey(Secret::from(" "))), [], "nothing was entered");
    let effects = guide.handle(Input::EnteredKey(Secret::from("a phrase")));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::TryKey { entry: Secret::from("a phrase") })]);
    assert_eq!(guide.handle(Input::EnteredKey(Secret::from(KEY))), [], "one at a time");
    assert!(!guide.can_go_back() && guide.has_changed_nothing());
    // Rounds may take long.
    assert_eq!(guide.handle(Input::WantedStop), [Effect::Tell(Run(1), Command::Stop)]);
    guide.handle(engine(Event::Stopped));
    assert!(guide.can_go_back() && guide.has_changed_nothing());
    assert_eq!(guide.handle(Input::WantedStop), [], "nothing is under way");
    guide.handle(Input::EnteredKey(Secret::from("a phrase")));
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
    assert_eq!(diagnosis_of(&guide), Diagnosis::AllGood);
    assert!(guide.has_changed_nothing());
    assert_eq!(outcome_of(guide), Outcome::Checked(proved()));
}

#[test]
fn an_entry_that_does_not_lead_on_is_answered_where_it_was_entered() {
    let all = found(StoredIdentity::Fits, fits(true));
    let not_all = found(StoredIdentity::Missing, fits(true));
    let direct = || Opening::BackupDirectly { room_keys: 3 };
    let older = |found: &Found| Opening::OlderSecretStorage { found: found.clone() };
    for (account, opening, expected) in [
        (set_up(), Opening::Nothing(Nothing::AccountPassword), None),
        (set_up(), Opening::Nothing(Nothing::Mistyped), None),
        (set_up(), Opening::Nothing(Nothing::AnotherKey), None),
        (set_up(), direct(), None),
        (set_up(), older(&not_all), None),
        (set_up(), older(&all), Some(Diagnosis::SecretsUnderAnotherKey)),
        (set_up(), unsigned(), Some(Diagnosis::BackupUnsigned)),
        (orphaned(), direct(), Some(Diagnosis::IdentityOrphaned)),
        (orphaned(), older(&not_all), Some(Diagnosis::IdentityOrphaned)),
        (backup_only(), direct(), Some(Diagnosis::BackupOnly)),
    ] {
        let mut guide = to_checked(account, opening.clone());
        match expected {
            Some(diagnosis) => assert_eq!(diagnosis_of(&guide), diagnosis, "{opening:?}"),
            None => {
                let Step::Check { trying: false, opening: said, visit, .. } = guide.step() else { panic!() };
                assert_eq!(said, &Some(opening.clone()));
                assert_eq!(visit.known.key, KeyKnown::NotAsked);
                guide.handle(Input::WentBack);
                assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted, "{opening:?}");
            }
        }
        assert!(guide.has_changed_nothing());
    }
}

#[test]
fn a_try_that_fails_can_be_repeated() {
    let mut guide = to_findings(set_up());
    walk(&mut guide, [Input::Chose(Action::EnterKey), Input::EnteredKey(Secret::from(KEY))]);
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    let Step::Check { trying: false, trouble: Some(_), .. } = guide.step() else { panic!() };
    assert!(matches!(
        guide.handle(Input::EnteredKey(Secret::from(KEY)))[..],
        [Effect::Tell(_, Command::TryKey { .. })]
    ));
    guide.handle(engine(Event::Failed(Problem::EngineStopped)));
    let Step::Stopped { written, .. } = guide.step() else { panic!() };
    assert_eq!(written, &Written::default());
}

#[test]
fn what_the_person_says_changes_the_findings_and_back_takes_it_back() {
    let mut guide = to_findings(with_app());
    for (said, diagnosis) in
        [(Action::SayKeyLost, Diagnosis::KeyLostAppOpen), (Action::SayAppLost, Diagnosis::KeyLost)]
    {
        assert_eq!(guide.handle(Input::Chose(said)), []);
        assert_eq!(diagnosis_of(&guide), diagnosis);
    }
    guide.handle(Input::WentBack);
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyLostAppOpen);
    guide.handle(Input::WentBack);
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
    assert!(!guide.can_go_back());

    let mut guide = to_findings(Account { backup_switched_off: true, ..set_up() });
    assert_eq!(diagnosis_of(&guide), Diagnosis::SwitchedOff);
    guide.handle(Input::Chose(Action::WantBackup));
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
}

#[test]
fn what_is_not_offered_cannot_be_chosen() {
    for (account, action) in [
        (with_app(), Action::Reset),
        (set_up(), Action::SetUp),
        (set_up(), Action::Rotate),
        (fresh(), Action::End),
        (set_up(), Action::BringKeys),
    ] {
        let mut guide = to_findings(account);
        let before = guide.step().clone();
        assert_eq!(guide.handle(Input::Chose(action)), []);
        assert_eq!(guide.step(), &before, "{action:?}");
    }
}

#[test]
fn an_action_that_needs_the_key_asks_for_it_and_then_goes_on() {
    let account = Account { backup_key: Place::Nowhere, ..with_app() };
    let mut guide = to_findings(account.clone());
    assert_eq!(diagnosis_of(&guide), Diagnosis::BackupKeyNotStored);
    guide.handle(Input::Chose(Action::Rotate));
    assert!(matches!(guide.step(), Step::Check { then: Some(Action::Rotate), .. }));
    let opening = opens(found(StoredIdentity::Fits, StoredBackupKey::Missing));
    walk(
        &mut guide,
        [Input::EnteredKey(Secret::from(KEY)), engine(Event::Looked(account)), engine(Event::Tried(opening))],
    );
    assert!(matches!(guide.step(), Step::Consent { job: Job { action: Action::Rotate, .. }, .. }));
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Rotate, ""));
}

#[test]
fn the_key_is_changed_for_a_new_one_that_was_proved() {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::ChangeKey));
    assert!(matches!(guide.step(), Step::Choose { .. }));
    assert_eq!(make_key(&mut guide), wants(Action::ChangeKey, KEY));
    guide.handle(engine(Event::SetUpDone(proved())));
    assert!(matches!(guide.step(), Step::Writing { .. }), "that is no answer to this");
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
    let Step::Findings { diagnosis: Diagnosis::AllGood, news: Some(news), .. } = guide.step() else {
        panic!()
    };
    assert_eq!(news.action, Action::ChangeKey);
    assert!(!guide.has_changed_nothing());
    assert_eq!(outcome_of(guide), Outcome::Changed(Some(proved())));
}

#[test]
fn the_key_of_a_new_identity_that_was_cut_short_leads_to_finishing_it() {
    let stored = |cut_short| Opening::OlderSecretStorage {
        found: Found {
            cut_short,
            ..found(StoredIdentity::Fits, StoredBackupKey::Differs { opens_older: false })
        },
    };
    let mut guide = to_checked(set_up(), stored(true));
    assert_eq!(diagnosis_of(&guide), Diagnosis::Unfinished);
    guide.handle(Input::Chose(Action::Finish));
    assert!(matches!(guide.step(), Step::Resume { .. }));
    let guide = to_checked(set_up(), stored(false));
    assert!(
        matches!(guide.step(), Step::Check { opening: Some(_), .. }),
        "an older key is not made the one that counts"
    );
}

#[test]
fn an_older_key_that_still_opens_everything_becomes_a_new_one() {
    let account = Account { identity_keys: Place::Elsewhere, backup_key: Place::Elsewhere, ..set_up() };
    let mut guide = to_checked(account, older_storage());
    guide.handle(Input::Chose(Action::ChangeKey));
    assert_eq!(make_key(&mut guide), wants(Action::ChangeKey, KEY));
}

#[test]
fn what_can_be_mended_in_place_is_mended_after_a_question() {
    let mut guide = to_checked(set_up(), unsigned());
    guide.handle(Input::Chose(Action::Repair));
    assert_eq!(guide.handle(Input::AgreedWith(NEW_IDENTITY.into())), [], "that is another question");
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Repair, ""));
    guide.handle(engine(Event::TaskDone(Task::CheckUnchanged)));
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(unsigned()))]);
    let Step::Findings { diagnosis: Diagnosis::BackupUnsigned, news: Some(news), .. } = guide.step() else {
        panic!("{:?}", guide.step())
    };
    assert_eq!(news.written, [Task::SignBackup]);
    assert_eq!(outcome_of(guide), Outcome::Changed(None), "it is not called good");
}

#[test]
fn a_new_identity_needs_the_typed_words_and_a_proved_key() {
    let mut guide = to_findings(set_up());
    walk(&mut guide, [Input::Chose(Action::SayKeyLost), Input::Chose(Action::Reset), Input::Agreed]);
    assert!(matches!(guide.step(), Step::Consent { differed: false, .. }));
    guide.handle(Input::AgreedWith("yes".into()));
    assert!(matches!(guide.step(), Step::Consent { differed: true, .. }));
    guide.handle(Input::AgreedWith(" New Identity ".into()));
    assert!(matches!(guide.step(), Step::Choose { .. }));
    assert_eq!(make_key(&mut guide), wants(Action::Reset, KEY));
    walk(&mut guide, [engine(Event::Tried(opens_all())), engine(Event::SetUpDone(proved()))]);
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert!(!guide.can_go_back());
    assert_eq!(outcome_of(guide), Outcome::BackupOn(proved()));
}

fn to_rotating() -> Guide {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::Rotate));
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Rotate, ""));
    guide
}

#[test]
fn a_fresh_backup_ends_with_what_was_compared_and_keeps_the_older_ones() {
    let mut guide = to_rotating();
    let progress = engine(Event::Progress { done: 5, total: 10 });
    walk(&mut guide, [engine(Event::TaskDone(Task::CheckUnchanged)), progress]);
    let Step::Writing { work, .. } = guide.step() else { panic!() };
    assert_eq!(work.progress, Some((5, 10)));
    guide.handle(engine(Event::TaskDone(Task::Download)));
    let Step::Writing { work, .. } = guide.step() else { panic!() };
    assert_eq!(work.progress, None, "of another task");
    let done = Event::Rotated { proved: proved(), rotated: rotated() };
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(done)]);
    assert!(matches!(guide.step(), Step::Rotated { deletion: Deletion::Kept, .. }));
    assert_eq!(guide.handle(Input::WentOn), [Effect::Wake(2_000)]);
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert_eq!(outcome_of(guide), Outcome::BackupOn(proved()));
}

#[test]
fn only_superseded_versions_are_deleted_and_only_when_agreed() {
    let mut guide = to_rotating();
    guide.handle(engine(Event::Rotated { proved: proved(), rotated: rotated() }));
    let deletes = [Effect::Tell(Run(1), Command::DeleteOlder { versions: vec!["2".into()] })];
    assert_eq!(guide.handle(Input::AgreedToDelete), deletes);
    for input in [Input::AgreedToDelete, Input::WentOn, Input::WantedSignOut, Input::WentBack] {
        assert_eq!(guide.handle(input), []);
    }
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(matches!(guide.step(), Step::Rotated { deletion: Deletion::Kept, trouble: Some(_), .. }));
    assert_eq!(guide.handle(Input::AgreedToDelete), deletes);
    guide.handle(engine(Event::Deleted));
    assert!(matches!(guide.step(), Step::Rotated { deletion: Deletion::Done, trouble: None, .. }));

    let mut guide = to_rotating();
    let rotated = Rotated { older: vec![rotated().older[1].clone()], ..rotated() };
    guide.handle(engine(Event::Rotated { proved: proved(), rotated }));
    assert_eq!(guide.handle(Input::AgreedToDelete), [], "the only one holds keys that nothing could open");
}

#[test]
fn a_rotation_can_be_stopped_and_says_what_it_wrote() {
    for (done, wrote) in [
        (vec![Task::CheckUnchanged], vec![]),
        (vec![Task::CheckUnchanged, Task::Download], vec![Task::Archive]),
    ] {
        let mut guide = to_rotating();
        walk(&mut guide, done.into_iter().map(|task| engine(Event::TaskDone(task))));
        assert_eq!(guide.handle(Input::WantedStop), [Effect::Tell(Run(1), Command::Stop)]);
        assert_eq!(guide.handle(Input::WantedStop), [], "once");
        walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
        let Step::Findings { news: Some(news), .. } = guide.step() else { panic!("{:?}", guide.step()) };
        assert_eq!(news, &News { action: Action::Rotate, written: wrote.clone() });
        assert_eq!(guide.has_changed_nothing(), wrote.is_empty());
    }
    assert_eq!(to_writing().handle(Input::WantedStop), [], "a set-up cannot be stopped");
}

/// What was put back is not said to be written, neither while the page is there nor when it stops.
#[test]
fn what_was_taken_back_is_told_as_not_written() {
    for (problem, stays) in [(Problem::KeyNotPutBack, true), (Problem::BackupNotUsed, false)] {
        let mut guide = to_writing();
        for task in &SET_UP[..2] {
            guide.handle(engine(Event::TaskDone(*task)));
        }
        assert!(!guide.written().tasks.is_empty());
        guide.handle(engine(Event::TakenBack(vec![Task::CheckUnchanged])));
        assert_eq!(guide.written(), Written::default());
        guide.handle(engine(Event::Failed(problem)));
        assert_eq!(matches!(guide.step(), Step::Writing { pause: Some(Pause::Trouble(_)), .. }), stays);
        assert_eq!(guide.written(), Written::default());
        if stays {
            guide.handle(Input::TriedAgain);
            assert_eq!(guide.written().perhaps, Some(SET_UP[1]), "it is begun again");
        }
    }
}

#[test]
fn keys_are_brought_without_changing_anything_and_one_may_come_back() {
    let account = Account { devices: fresh().devices, ..set_up() };
    let mut guide = to_checked(account, opens_all());
    assert_eq!(diagnosis_of(&guide), Diagnosis::DeviceUnverified);
    assert_eq!(guide.handle(Input::Chose(Action::BringKeys)), [Effect::Wake(2_000)]);
    guide.handle(Input::TimePassed);
    guide.handle(Input::WentBack);
    let late = engine(Event::Failed(Problem::Passing { status: None }));
    assert_eq!(guide.handle(late), [], "of a count that was under way");
    assert_eq!(diagnosis_of(&guide), Diagnosis::DeviceUnverified);
    guide.handle(Input::Chose(Action::BringKeys));
    assert_eq!(outcome_of(guide), Outcome::Checked(proved()));
}

#[test]
fn an_app_that_must_help_is_named_and_nothing_is_done() {
    let mut guide = to_findings(Account { devices: with_app().devices, ..orphaned() });
    let effects = [Effect::Wake(5_000), Effect::Tell(Run(1), Command::Listen)];
    assert_eq!(guide.handle(Input::Chose(Action::Verify)), effects);
    assert!(matches!(guide.step(), Step::Verify { .. }));
    assert_eq!(outcome_of(guide), Outcome::NothingChanged);
}

#[test]
fn what_an_app_hands_over_is_stored_under_the_key_that_was_entered() {
    let account = Account { devices: with_app().devices, ..set_up() };
    let mut lacks = found(StoredIdentity::Missing, fits(false));
    let mut guide = to_checked(account.clone(), opens(lacks.clone()));
    assert_eq!(diagnosis_of(&guide), Diagnosis::IdentityNotStored);
    guide.handle(Input::Chose(Action::Verify));
    lacks.spare_identity = true;
    let came = HandedOver { identity: true, backup: HandedBackupKey::Fits };
    walk(
        &mut guide,
        [Event::Looked(account), Event::Tried(opens(lacks)), Event::HandedOver(came)].map(engine),
    );
    assert_eq!(diagnosis_of(&guide), Diagnosis::IdentityNotStored);
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.plan().recommended, Action::Repair);
    let tasks = tasks(Action::Repair, &visit.account, &visit.known);
    assert!(tasks.contains(&Task::StoreIdentity), "{tasks:?}");
}

#[test]
fn an_engine_lost_while_signing_out_does_not_take_the_good_news_along() {
    let mut guide = to_writing();
    walk(&mut guide, [engine(Event::SetUpDone(proved())), Input::WantedSignOut]);
    guide.handle(Input::EngineLost(Problem::EngineStopped));
    let outcome = Outcome::BackupOn(proved());
    assert_eq!(guide.step(), &Step::Finished { outcome, trouble: Some(Problem::EngineStopped) });
}

fn any_opening() -> impl Strategy<Value = Opening> {
    let missing = || opens(found(StoredIdentity::Fits, StoredBackupKey::Missing));
    prop_oneof![
        3 => Just(opens_all()),
        2 => Just(unsigned()),
        1 => Just(missing()),
        1 => Just(opens(found(StoredIdentity::Missing, fits(true)))),
        1 => Just(older_storage()),
        1 => Just(Opening::BackupDirectly { room_keys: 1 }),
        1 => Just(Opening::Nothing(Nothing::AnotherKey)),
    ]
}

fn shown() -> Shown {
    Shown::new(Vec::new(), (1_000, 2_000, 3_000)).unwrap()
}

fn any_talk() -> impl Strategy<Value = Verification> {
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

fn any_handed_over() -> impl Strategy<Value = HandedOver> {
    use HandedBackupKey::*;
    let backup = proptest::sample::select(vec![Fits, NoBackup, Missing, Differs]);
    (any::<bool>(), backup).prop_map(|(identity, backup)| HandedOver { identity, backup })
}

fn any_part() -> impl Strategy<Value = Part> {
    use Part::*;
    proptest::sample::select(vec![OldKeys, Verify, Import, Coverage, TakeHome, Done])
}

fn any_move() -> impl Strategy<Value = Move> {
    use Move::*;
    proptest::sample::select(vec![Ask, Accept, Match(shown()), Differ, Cancel])
}

fn checked() -> Checked {
    Checked { proved: proved(), at_ms: 7, left_over: Vec::new() }
}

fn room(missing: u64) -> RoomCoverage {
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

fn any_action() -> impl Strategy<Value = Action> {
    use Action::*;
    proptest::sample::select(vec![
        SetUp, Finish, EnterKey, SayKeyLost, SayAppLost, WantBackup, Repair, ChangeKey, Rotate, Reset,
        Verify, AddKey, BringKeys, Cover, End,
    ])
}

fn any_event() -> impl Strategy<Value = Event> {
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

fn any_input() -> impl Strategy<Value = Input> {
    let text =
        || prop_oneof![Just(Secret::from(KEY)), Just(Secret::from("six words")), Just(Secret::default())];
    prop_oneof![
        8 => (1..3u32, any_event()).prop_map(|(run, event)| Input::Engine(Run(run), event)),
        1 => Just(Input::Began),
        1 => config::any_config().prop_map(|config| Input::Configured(Box::new(config))),
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
        1 => Just(Input::WentToProof),
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
        1 => Just(Input::EngineLost(Problem::EngineStopped)),
    ]
}

const STARTS: u8 = 7;

fn any_account(at: u8) -> Account {
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

/// The first screen, the findings for each account, and those after a key was entered.
fn any_start() -> impl Strategy<Value = (u8, Option<Opening>)> {
    (0..=STARTS, proptest::option::of(any_opening()))
}

fn start((at, opening): (u8, Option<Opening>)) -> Guide {
    match (at, opening) {
        (STARTS, _) => Guide::waiting(),
        (at, None) => to_findings(any_account(at)),
        (at, Some(opening)) => to_checked(any_account(at), opening),
    }
}

/// Anything but what an engine says, and more often what leads on there.
fn any_input_at_the_entrance() -> impl Strategy<Value = Input> {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Before the engine is here, the page has no more of the guide than its entrance, and nobody can tell.
    #[test]
    fn the_entrance_does_what_the_whole_guide_does(inputs in vec(any_input_at_the_entrance(), 0..60)) {
        let (mut entrance, mut whole) = (Guide::waiting(), Guide::waiting());
        for input in inputs {
            prop_assert_eq!(entrance.enter(input.clone()), whole.handle(input));
            prop_assert_eq!(&entrance.step, &whole.step);
            prop_assert_eq!(&entrance.config, &whole.config);
            prop_assert_eq!(entrance.run, whole.run);
        }
    }

    /// No sequence of inputs panics, and whatever it is, the engine is told to write only what the
    /// person agreed to right then, with the very key they proved, and only what the findings offer; what
    /// works with the old key, only once that was entered and opened something.
    #[test]
    fn no_sequence_writes_without_consent_and_proof(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        for input in inputs {
            let before = guide.step().clone();
            for effect in guide.handle(input.clone()) {
                let Effect::Tell(_, command) = effect else { continue };
                match (command, &before) {
                    (Command::Write { action, kept_key }, Step::Confirm { job, made, proof, .. }) => {
                        prop_assert_eq!(&input, &Input::Agreed);
                        prop_assert!(action == job.action && action.makes_key());
                        prop_assert!(job.visit.offers(action));
                        prop_assert!(!action.needs_key() || job.visit.has_key_for(action));
                        prop_assert_eq!(&kept_key, proof);
                        prop_assert!(compare(&kept_key, &made.kit.recovery_key).is_ok());
                    }
                    (Command::Write { action, kept_key }, Step::Consent { job, .. }) => {
                        prop_assert_eq!(&input, &Input::Agreed);
                        prop_assert!(action == job.action && !action.makes_key() && kept_key.is_blank());
                        prop_assert!(job.visit.offers(action) && job.visit.has_key_for(action));
                    }
                    (Command::Write { action: Action::Finish, .. }, Step::Resume { visit, .. }) => {
                        prop_assert!(matches!(input, Input::EnteredKey(_)), "{input:?}");
                        prop_assert_eq!(visit.diagnosis(), Diagnosis::Unfinished);
                    }
                    // The same order again, after a failure, and only because the person asked.
                    (command @ Command::Write { .. }, Step::Writing { job, kept_key, .. }) => {
                        prop_assert_eq!(&input, &Input::TriedAgain);
                        prop_assert_eq!(command, write(job.action, kept_key));
                    }
                    // The same order again, because the person has signed in again for it.
                    (command @ Command::Write { .. }, Step::SignInAgain { place, .. }) => {
                        prop_assert!(place.is_back);
                        let Step::Writing { job, kept_key, .. } = &place.step else { panic!("{place:?}") };
                        prop_assert_eq!(command, write(job.action, kept_key));
                    }
                    (Command::GiveProof(_), Step::Writing { pause: Some(Pause::Proof(_)), .. }) => {}
                    (Command::Withdraw, Step::Writing { pause: Some(Pause::Proof(_)), .. }) => {
                        prop_assert_eq!(&input, &Input::Withdrew);
                    }
                    (Command::DeleteOlder { versions }, Step::Rotated { rotated, .. }) => {
                        prop_assert_eq!(&input, &Input::AgreedToDelete);
                        let superseded: Vec<_> = rotated.superseded().map(|older| older.version.clone()).collect();
                        prop_assert_eq!(versions, superseded);
                    }
                    (Command::Stop, Step::Writing { job: Job { action: Action::Rotate, .. }, .. }) => {}
                    // These only add, or only look.
                    (
                        Command::Stop,
                        Step::Check { trying: true, .. }
                        | Step::Import { .. }
                        | Step::Coverage { .. }
                        | Step::TakeHome { .. },
                    ) => {}
                    (
                        command @ (Command::Write { .. }
                        | Command::GiveProof(_)
                        | Command::DeleteOlder { .. }
                        | Command::Stop),
                        step,
                    ) => {
                        prop_assert!(false, "{command:?} at {step:?}");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Behind the screen one thing goes on at a time, and only where it does not end what the person waits for.
    #[test]
    fn behind_the_screen_one_thing_goes_on_at_a_time(at in any_start(), inputs in vec(any_input(), 0..80)) {
        let mut guide = start(at);
        let mut under_way = None;
        for input in inputs {
            let before = guide.run();
            match &input {
                Input::Engine(run, Event::Heard { .. }) if under_way == Some((*run, Command::Listen)) => {
                    under_way = None;
                }
                Input::Engine(run, Event::WentFurther { .. }) if under_way == Some((*run, Command::GoFurther)) => {
                    under_way = None;
                }
                _ => {}
            }
            let asks_anew = input == Input::WantedNewLook || matches!(input, Input::EngineLost(_));
            let effects = guide.handle(input);
            // Who listened before is not waited for elsewhere; looking back is, since it tells what was seen.
            if guide.run() != before && (asks_anew || matches!(under_way, Some((_, Command::Listen)))) {
                under_way = None;
            }
            for effect in effects {
                let Effect::Tell(run, command @ (Command::Listen | Command::GoFurther)) = effect else { continue };
                prop_assert_eq!(&under_way, &None);
                prop_assert_eq!(run, guide.run());
                if command == Command::GoFurther {
                    let harvest = match guide.step() {
                        Step::OldKeys { harvest, .. }
                        | Step::Coverage { harvest, work: None, .. }
                        | Step::TakeHome { harvest, work: None, .. }
                        | Step::Done { harvest, removal: Removal::Offered, .. } => harvest,
                        step => panic!("{step:?}"),
                    };
                    prop_assert!(harvest.survey.at_ms.is_some() && !harvest.survey.rests());
                }
                under_way = Some((run, command));
            }
        }
    }

    /// A new identity is written only after the words were typed, and never while an app could help.
    #[test]
    fn no_identity_is_replaced_without_the_typed_words(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        let mut typed = false;
        for input in inputs {
            typed |= matches!(&input, Input::AgreedWith(words) if words == NEW_IDENTITY);
            for effect in guide.handle(input) {
                let Effect::Tell(_, Command::Write { action: Action::Reset, .. }) = effect else { continue };
                prop_assert!(typed);
                let Step::Writing { job, .. } = guide.step() else { panic!() };
                let account = &job.visit.account;
                prop_assert!(!account.has_verified_device() || job.visit.known.app_lost);
            }
        }
    }

    /// Good news is shown only after the engine said that it proved it, in this very run.
    #[test]
    fn nothing_is_called_done_that_the_engine_did_not_prove(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at.clone());
        let mut proved_in_run = at.1.is_some_and(|opening| opening.is_all_right());
        for input in inputs {
            if let Input::Engine(run, event) = &input && *run == guide.run() {
                proved_in_run |= match event {
                    Event::SetUpDone(_) | Event::Rotated { .. } => matches!(guide.step(), Step::Writing { .. }),
                    Event::Tried(opening) => {
                        opening.is_all_right()
                            && matches!(
                                guide.step(),
                                Step::Writing { .. }
                                    | Step::Check { trying: true, .. }
                                    | Step::Verify { goal: Goal::Receive(_), .. }
                            )
                    }
                    _ => false,
                };
            }
            guide.handle(input);
            let says_done = match guide.step() {
                Step::OldKeys { .. }
                | Step::Import { .. }
                | Step::Coverage { .. }
                | Step::TakeHome { .. }
                | Step::Done { .. }
                | Step::Verify { goal: Goal::Give(_), .. }
                | Step::Rotated { .. } => true,
                Step::Findings { diagnosis, .. } => diagnosis.is_covered(),
                Step::SigningOut { outcome } | Step::Finished { outcome, .. } => {
                    !matches!(outcome, Outcome::NothingChanged | Outcome::Changed(None))
                }
                _ => false,
            };
            prop_assert!(!says_done || proved_in_run);
        }
    }

    /// As long as the page says that nothing was changed, no order to write has left it.
    #[test]
    fn nothing_changed_is_said_only_while_it_is_true(at in any_start(), inputs in vec(any_input(), 0..60)) {
        let mut guide = start(at);
        let mut ordered = false;
        for input in inputs {
            let before = guide.step().clone();
            let withdrawn = input == Input::Engine(guide.run(), Event::Withdrawn);
            let effects = guide.handle(input);
            ordered |= effects.iter().any(|effect| matches!(effect, Effect::Tell(_, Command::Write { .. })));
            // Refused before anything was written; or stopped before that.
            ordered &= !matches!(guide.step(), Step::Resume { trying: None, .. });
            ordered &= !(withdrawn && matches!(before, Step::Writing { pause: Some(Pause::Withdrawing), .. }));
            ordered &= !matches!(guide.step(), Step::Findings { news: Some(news), .. } if news.written.is_empty());
            let says = guide.has_changed_nothing()
                || matches!(guide.step(), Step::SigningOut { outcome: Outcome::NothingChanged | Outcome::Checked(_) })
                || matches!(guide.step(), Step::Stopped { written, .. }
                    if *written == Written::default() && !knows_its_tasks(&before));
            prop_assert!(!(says && ordered), "{before:?} {:?}", guide.step());
        }
    }
}

/// Whether a stop here says what was written by the tasks that are done: none that writes may have begun.
fn knows_its_tasks(step: &Step) -> bool {
    match step {
        Step::SignInAgain { place, .. } => knows_its_tasks(&place.step),
        step => matches!(step, Step::Writing { .. } | Step::Stopped { .. }),
    }
}
