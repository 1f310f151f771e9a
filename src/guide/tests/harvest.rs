//! From "backup is on" to "you're safe", and the verification before or within.

use super::*;
use crate::{
    domain::{
        coverage::Tally,
        key_file::{KeyFileError, LARGEST_FILE},
    },
    guide::done::{Line, Remaining, Standing, Verdict, lines},
};

fn partner() -> Partner {
    Partner { device_id: "PHONE".into(), name: Some("Phone".into()) }
}

fn comparing() -> Verification {
    Verification::Comparing { partner: partner(), shown: shown() }
}

fn talk(talk: Verification) -> Event {
    Event::Verification(talk)
}

/// An event in the run that is under way.
fn now(guide: &Guide, event: Event) -> Input {
    Input::Engine(guide.run(), event)
}

fn hear(guide: &mut Guide, event: Event) -> Vec<Effect> {
    let input = now(guide, event);
    guide.handle(input)
}

fn told(effects: &[Effect]) -> Vec<&Command> {
    fn command(effect: &Effect) -> Option<&Command> {
        match effect {
            Effect::Tell(_, command) => Some(command),
            _ => None,
        }
    }
    effects.iter().filter_map(command).collect()
}

/// An identity and a backup that only the open app can open.
fn app_only() -> Account {
    Account { devices: with_app().devices, ..orphaned() }
}

fn to_verify() -> Guide {
    let mut guide = to_findings(app_only());
    guide.handle(Input::Chose(Action::Verify));
    guide
}

fn to_old_keys() -> Guide {
    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    guide
}

fn to_part(part: Part) -> Guide {
    let mut guide = to_old_keys();
    guide.handle(Input::WentTo(part));
    guide
}

fn harvest_of(guide: &Guide) -> &Harvest {
    match guide.step() {
        Step::OldKeys { harvest, .. }
        | Step::Import { harvest, .. }
        | Step::Coverage { harvest, .. }
        | Step::TakeHome { harvest, .. }
        | Step::Done { harvest, .. } => harvest,
        step => panic!("{step:?}"),
    }
}

#[test]
fn what_an_app_handed_over_leads_to_a_new_key_for_it() {
    let mut guide = to_verify();
    assert_eq!(told(&guide.handle(Input::Moved(Move::Ask))), [&Command::Verify(Move::Ask)]);
    hear(&mut guide, talk(Verification::Asked));
    assert_eq!(guide.handle(Input::Moved(Move::Ask)), [], "once");
    hear(&mut guide, talk(comparing()));
    let same = Move::Match(shown());
    assert_eq!(told(&guide.handle(Input::Moved(same.clone()))), [&Command::Verify(same)]);
    hear(&mut guide, talk(Verification::Done(partner())));
    let missing = HandedOver { identity: true, backup: HandedBackupKey::Missing };
    hear(&mut guide, Event::HandedOver(missing));
    assert!(matches!(guide.step(), Step::Verify { .. }), "the backup's key may still come");
    hear(&mut guide, Event::HandedOver(HandedOver { backup: HandedBackupKey::Fits, ..missing }));
    assert_eq!(diagnosis_of(&guide), Diagnosis::HandedOver);
    assert!(guide.has_changed_nothing());
    let run = guide.run();
    guide.handle(Input::Chose(Action::AddKey));
    assert!(matches!(guide.step(), Step::Choose { .. }));
    for input in [
        Input::ChoseKey,
        Input::Engine(run, Event::KeyMade(kit())),
        Input::KeptKey(Keeping::Downloaded),
        Input::WentToProof,
        Input::EnteredKey(Secret::from(KEY)),
    ] {
        guide.handle(input);
    }
    assert_eq!(told(&guide.handle(Input::Agreed)), [&write(Action::AddKey, &Secret::from(KEY))]);
    hear(&mut guide, Event::SetUpDone(proved()));
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
}

#[test]
fn without_the_backups_key_the_person_may_go_on_but_not_without_the_identity() {
    for (identity, leads_on) in [(true, true), (false, false)] {
        let mut guide = to_verify();
        let came = HandedOver { identity, backup: HandedBackupKey::Missing };
        walk(&mut guide, [engine(talk(Verification::Done(partner()))), engine(Event::HandedOver(came))]);
        guide.handle(Input::WentOn);
        assert_eq!(matches!(guide.step(), Step::Findings { .. }), leads_on, "{:?}", guide.step());
    }
}

#[test]
fn listening_goes_on_while_somebody_may_speak_and_rests_after_trouble() {
    let mut guide = to_verify();
    assert_eq!(told(&hear(&mut guide, Event::Heard { trouble: None })), [&Command::Listen]);
    let trouble = Some(Problem::Passing { status: None });
    assert_eq!(hear(&mut guide, Event::Heard { trouble: trouble.clone() }), []);
    assert_eq!(told(&guide.handle(Input::TimePassed)), [&Command::Listen]);
    assert_eq!(told(&guide.handle(Input::TimePassed)), [] as [&Command; 0], "it listens already");
    guide.handle(Input::WentBack);
    assert_eq!(guide.handle(engine(Event::Heard { trouble: None })), [], "of a run that is over");
}

#[test]
fn going_back_ends_what_the_other_device_waits_for() {
    let mut guide = to_verify();
    hear(&mut guide, talk(comparing()));
    let effects = guide.handle(Input::WentBack);
    assert_eq!(effects, [Effect::Tell(Run(2), Command::Verify(Move::Cancel))]);
    let mut guide = to_verify();
    assert_eq!(guide.handle(Input::WentBack), [], "nothing to end");
}

#[test]
fn only_moves_that_fit_are_made() {
    use Move::*;
    for (state, fit) in [
        (Verification::Idle, vec![Ask]),
        (Verification::Asked, vec![Cancel]),
        (Verification::AskedBy(partner()), vec![Accept, Cancel]),
        (Verification::Agreed(partner()), vec![Cancel]),
        (comparing(), vec![Match(shown()), Differ, Cancel]),
        (Verification::Confirmed(partner()), vec![Cancel]),
        (Verification::Done(partner()), vec![Ask]),
        (Verification::Cancelled { by_us: false, reason: CancelReason::Differed }, vec![Ask]),
    ] {
        for step in [Ask, Accept, Match(shown()), Differ, Cancel] {
            let mut guide = to_verify();
            hear(&mut guide, talk(state.clone()));
            let may = !guide.handle(Input::Moved(step.clone())).is_empty();
            assert_eq!(may, fit.contains(&step), "{state:?} {step:?}");
        }
    }
}

#[test]
fn an_app_that_asks_while_keys_are_counted_is_answered_by_the_person() {
    let mut guide = to_old_keys();
    assert_eq!(guide.handle(Input::Moved(Move::Accept)), [], "nobody asks");
    hear(&mut guide, talk(Verification::AskedBy(partner())));
    let effects = guide.handle(Input::Moved(Move::Accept));
    assert!(told(&effects).contains(&&Command::Verify(Move::Accept)), "{effects:?}");
    assert!(matches!(guide.step(), Step::Verify { goal: Goal::Give(_), .. }));
    hear(&mut guide, talk(Verification::Done(partner())));
    guide.handle(Input::WentOn);
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
}

#[test]
fn a_file_is_sent_before_it_is_imported_and_a_wrong_passphrase_may_be_corrected() {
    let mut guide = to_part(Part::Import);
    let chose = |bytes| Input::ChoseFile { name: "keys.txt".into(), bytes };
    guide.handle(chose(LARGEST_FILE + 1));
    assert_eq!(guide.trouble(), Some(&Problem::KeyFile(KeyFileError::TooLarge)));
    guide.handle(chose(700));
    assert_eq!(guide.handle(Input::GavePassphrase(Secret::default())), []);
    let given = || Input::GavePassphrase(Secret::from("pass"));
    let run = guide.run();
    let import = Command::Import { passphrase: Secret::from("pass") };
    assert_eq!(guide.handle(given()), [Effect::SendFile(run), Effect::Tell(run, import)]);
    assert!(!guide.can_go_back() && !guide.can_sign_out());
    hear(&mut guide, Event::Failed(Problem::KeyFile(KeyFileError::WrongPassphrase)));
    assert!(matches!(guide.step(), Step::Import { import: Import::Chosen { .. }, .. }));
    guide.handle(given());
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    hear(&mut guide, Event::Stopped);
    assert!(matches!(guide.step(), Step::Import { import: Import::Chosen { .. }, .. }));
    guide.handle(given());
    let imported = Imported { in_file: 9, new: 8, room_keys: 20, ..Imported::default() };
    assert_eq!(hear(&mut guide, Event::Imported(imported)), [Effect::ForgetChosen]);
    assert_eq!(harvest_of(&guide).arrival.room_keys, 20);
    assert_eq!(outcome_of(guide), Outcome::BackupOn(proved()));
}

#[test]
fn keys_of_a_file_make_what_was_seen_of_messages_out_of_date() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(room(3)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::Import));
    guide.handle(Input::ChoseFile { name: "keys.txt".into(), bytes: 700 });
    guide.handle(Input::GavePassphrase(Secret::from("pass")));
    hear(&mut guide, Event::Imported(Imported { new: 1, ..Imported::default() }));
    assert_eq!(harvest_of(&guide).survey, Survey::default());
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: false }]);
}

/// A room of which there is more.
fn longer(covered: u64) -> Event {
    Event::RoomCovered(RoomCoverage { covered, is_whole: false, ..room(0) })
}

fn went_further(more: bool) -> Event {
    Event::WentFurther { more, trouble: None }
}

fn covered(guide: &Guide) -> Vec<u64> {
    harvest_of(guide).survey.rooms.iter().map(|room| room.covered).collect()
}

#[test]
fn looking_back_goes_on_behind_the_screens_until_the_beginning() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    assert_eq!(told(&hear(&mut guide, seen_at(7))), [&Command::GoFurther]);
    let run = guide.run();
    // Elsewhere by now: what is told still counts, and it goes on there.
    assert_eq!(told(&guide.handle(Input::WentTo(Part::TakeHome))), [] as [&Command; 0]);
    assert_eq!(guide.handle(Input::Engine(run, longer(300))), []);
    assert_eq!(covered(&guide), [300]);
    assert_eq!(told(&guide.handle(Input::Engine(run, went_further(true)))), [&Command::GoFurther]);
    let run = guide.run();
    guide.handle(Input::WantedSuggestion);
    assert_eq!(told(&guide.handle(Input::WentOn)), [&Command::Check]);
    guide.handle(Input::Engine(run, Event::RoomCovered(room(0))));
    assert_eq!(guide.handle(Input::Engine(run, went_further(false))), []);
    assert_eq!(covered(&guide), [5]);
    assert!(!Tally::of(&harvest_of(&guide).survey.rooms).goes_further);
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [] as [&Command; 0]);
}

#[test]
fn looking_back_can_be_paused_and_rests_when_the_server_does_not_answer() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    hear(&mut guide, seen_at(7));
    assert_eq!(guide.handle(Input::WantedStop), []);
    assert_eq!(hear(&mut guide, went_further(true)), [], "it rests");
    assert_eq!(told(&guide.handle(Input::WantedFurther)), [&Command::GoFurther]);
    let trouble = Some(Problem::Passing { status: None });
    assert_eq!(hear(&mut guide, Event::WentFurther { more: true, trouble: trouble.clone() }), []);
    assert_eq!(harvest_of(&guide).survey.trouble, trouble);
    assert_eq!(told(&guide.handle(Input::WantedFurther)), [&Command::GoFurther]);
    hear(&mut guide, Event::WentFurther { more: true, trouble: Some(Problem::SignedOut) });
    assert!(matches!(guide.step(), Step::SignInAgain { .. }));
}

#[test]
fn looking_back_and_listening_take_turns() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    hear(&mut guide, seen_at(7));
    let run = guide.run();
    guide.handle(Input::WentTo(Part::OldKeys));
    guide.handle(Input::Engine(run, went_further(true)));
    guide.handle(Input::TimePassed);
    let turns = [went_further(true), Event::Heard { trouble: None }, went_further(true)];
    for (event, next) in turns.into_iter().zip([Command::Listen, Command::GoFurther, Command::Listen]) {
        assert_eq!(told(&hear(&mut guide, event)), [&next]);
    }
    // Anew from the newest: what the look before still tells is not taken for it.
    guide.handle(Input::WentTo(Part::Coverage));
    let run = guide.run();
    assert_eq!(told(&guide.handle(Input::WantedNewLook)), [&Command::Cover { further: false }]);
    guide.handle(Input::Engine(run, longer(300)));
    assert_eq!(covered(&guide), [0; 0]);
}

#[test]
fn what_was_seen_is_held_against_a_backup_that_has_changed_and_stays() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(room(3)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::OldKeys));
    hear(&mut guide, counted(9));
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: true }]);
    assert_eq!(covered(&guide), [5], "until it is known better");
}

#[test]
fn nobody_is_safe_with_what_does_not_open() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 1, ..room(0) }));
    hear(&mut guide, seen_at(7));
    let tally = Tally::of(&harvest_of(&guide).survey.rooms);
    assert!(!tally.has_no_gaps() && tally.whole_rooms == 0);
    guide.handle(Input::WentTo(Part::Done));
    let standing = lines(harvest_of(&guide), true)[3].1;
    assert_eq!(standing, Standing::Open(Remaining::BringKeys));
}

#[test]
fn how_far_back_is_told_by_the_room_that_was_looked_at_the_least() {
    let at = |is_whole, reached_ms| RoomCoverage { is_whole, reached_ms, ..room(0) };
    for (rooms, to_beginning, reached_ms) in [
        (vec![], 0, None),
        (vec![at(true, Some(3)), at(true, None)], 2, None),
        (vec![at(true, Some(9)), at(false, Some(3)), at(false, Some(5))], 1, Some(5)),
        (vec![at(true, Some(9)), at(false, Some(3)), at(false, None)], 1, None),
    ] {
        let tally = Tally::of(&rooms);
        assert_eq!((tally.to_beginning, tally.reached_ms), (to_beginning, reached_ms));
        assert_eq!(tally.goes_further, to_beginning < rooms.len() as u64);
    }
}

#[test]
fn looking_at_messages_can_be_stopped_and_is_done_again_when_asked() {
    let mut guide = to_old_keys();
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: false }]);
    hear(&mut guide, Event::RoomCovered(room(3)));
    assert_eq!(guide.handle(Input::WentTo(Part::Done)), [], "first it is stopped");
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    assert_eq!(guide.handle(Input::WantedStop), []);
    hear(&mut guide, Event::Stopped);
    assert_eq!(told(&guide.handle(Input::TriedAgain)), [&Command::Cover { further: false }]);
    hear(&mut guide, seen_at(7));
    assert_eq!(told(&guide.handle(Input::TriedAgain)), [&Command::Cover { further: true }]);
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(8));
    assert_eq!(
        harvest_of(&guide).survey,
        Survey { rooms: vec![room(0)], at_ms: Some(8), etag: "5".into(), ..Survey::default() }
    );
    assert_eq!(told(&guide.handle(Input::WentTo(Part::OldKeys))), [] as [&Command; 0]);
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [] as [&Command; 0], "it was looked at");
}

#[test]
fn a_copy_is_saved_only_after_it_was_read_back_and_with_a_passphrase_that_holds() {
    let mut guide = to_part(Part::TakeHome);
    let run = guide.run();
    let weak = |number, score| {
        Input::Engine(
            run,
            Event::Judged { number, judgement: Judgement { score, refusal: None, reason: String::new() } },
        )
    };
    let given = || Input::GavePassphrase(Secret::from("six words"));
    walk(&mut guide, [given(), weak(1, 1)]);
    assert!(matches!(guide.step(), Step::TakeHome { work: None, .. }), "too weak");
    let effects = walk(&mut guide, [given(), weak(2, 4)]);
    assert_eq!(told(&effects), [&Command::TakeHome { passphrase: Secret::from("six words") }]);
    assert_eq!(guide.handle(Input::WantedCopy), [], "there is none yet");
    let save = || [Effect::SaveFile { name: "matrix-keys", user_id: "@ada:example.org".into() }];
    assert_eq!(hear(&mut guide, Event::TakenHome(TakenHome::default())), save());
    assert_eq!(guide.handle(Input::WantedCopy), save());
    guide.handle(Input::WentOn);
    assert_eq!(harvest_of(&guide).copy, CopyHome::Taken(TakenHome::default()));
    let mut guide = to_part(Part::TakeHome);
    guide.handle(Input::WentOn);
    assert_eq!(harvest_of(&guide).copy, CopyHome::Declined);
}

#[test]
fn a_copy_that_is_not_complete_is_forgotten_and_the_file_that_was_chosen_is_not() {
    let passing = Problem::Passing { status: None };
    for end in [Event::Stopped, Event::Failed(passing), Event::Failed(Problem::SignedOut)] {
        let mut guide = to_part(Part::TakeHome);
        let judgement = Judgement { score: 4, refusal: None, reason: String::new() };
        guide.handle(Input::GavePassphrase(Secret::from("six words")));
        let effects = hear(&mut guide, Event::Judged { number: 1, judgement });
        let making = Effect::Tell(guide.run(), Command::TakeHome { passphrase: Secret::from("six words") });
        assert_eq!(effects, [Effect::ForgetMade, making], "what was made before");
        assert_eq!(hear(&mut guide, end.clone()), [Effect::ForgetMade], "{end:?}");
    }
}

fn seen_at(at_ms: u64) -> Event {
    Event::Covered { at_ms, etag: "5".into() }
}

/// Everything that leads to safety, but for what is named.
fn safe_but_for(left_out: Option<Line>) -> Guide {
    let mut guide = to_part(Part::Coverage);
    let missing = u64::from(left_out == Some(Line::KeysArrived));
    hear(&mut guide, Event::RoomCovered(room(missing)));
    hear(&mut guide, seen_at(7));
    if left_out != Some(Line::CopyOffered) {
        guide.handle(Input::WentTo(Part::TakeHome));
        guide.handle(Input::WentOn);
    } else {
        guide.handle(Input::WentTo(Part::Done));
    }
    if left_out != Some(Line::KeyOpens) {
        hear(&mut guide, Event::Checked(checked()));
    }
    // The app's keys have come, and nothing since.
    for _ in 0..9 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, counted(5));
    }
    guide
}

#[test]
fn safe_is_said_only_when_every_line_was_seen() {
    assert!(Verdict::of(harvest_of(&safe_but_for(None))).is_safe());
    for line in [Line::KeyOpens, Line::KeysArrived, Line::CopyOffered] {
        assert!(!Verdict::of(harvest_of(&safe_but_for(Some(line)))).is_safe(), "{line:?}");
    }
    let guide = safe_but_for(None);
    let [.., (line, standing)] = lines(harvest_of(&guide), false);
    assert_eq!((line, standing), (Line::SignedOut, Standing::Open(Remaining::SignOut)));
    let Outcome::Done(harvest) = outcome_of(guide) else { panic!() };
    assert!(Verdict::of(&harvest).is_safe());
}

#[test]
fn keys_that_still_come_in_are_not_called_arrived_before_half_a_minute_has_passed() {
    let mut guide = safe_but_for(None);
    hear(&mut guide, counted(6));
    assert_eq!(lines(harvest_of(&guide), true)[3].1, Standing::Open(Remaining::Look), "what was seen is old");
    let mut guide = to_old_keys();
    hear(&mut guide, counted(5));
    for part in [Part::Coverage, Part::Done] {
        guide.handle(Input::WentTo(part));
        hear(&mut guide, seen_at(7));
    }
    let mut waited = 0;
    while lines(harvest_of(&guide), true)[3].1 == Standing::Open(Remaining::Wait) {
        let effects = [guide.handle(Input::TimePassed), hear(&mut guide, counted(5))].concat();
        let wake = |effect: &Effect| if let Effect::Wake(ms) = effect { Some(*ms) } else { None };
        waited += effects.iter().find_map(wake).unwrap();
        assert!(waited < 60_000);
    }
    assert!(waited >= 30_000, "{waited}");
}

#[test]
fn the_last_screen_checks_again_and_again_and_withdraws_good_news_that_is_not_true() {
    let mut guide = safe_but_for(None);
    let asked: Vec<_> = (0..8).flat_map(|_| guide.handle(Input::TimePassed)).collect();
    let asked = told(&asked);
    assert!(asked.contains(&&Command::Check) && asked.contains(&&Command::Count), "{asked:?}");
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert!(matches!(guide.step(), Step::Done { trouble: Some(_), .. }));
    hear(&mut guide, Event::Failed(Problem::BackupReplaced));
    assert!(matches!(guide.step(), Step::Stopped { .. }));
}

#[test]
fn devices_of_earlier_visits_go_only_when_the_person_wants_it() {
    let mut guide = to_part(Part::Done);
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    hear(&mut guide, Event::Checked(Checked { left_over: left_over.clone(), ..checked() }));
    let effects = guide.handle(Input::WantedRemoval);
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof: None }]);
    assert_eq!(guide.handle(Input::WantedRemoval), []);
    assert!(!guide.can_sign_out(), "the server is being asked");
    hear(&mut guide, proof_needed(Last::None));
    let effects = guide.handle(Input::GaveProof(Proof::Page));
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof: Some(Proof::Page) }]);
    hear(&mut guide, proof_needed(Last::NotYet));
    let effects = guide.handle(Input::GaveProof(Proof::Password(Secret::from("pw"))));
    let proof = Some(Proof::Password(Secret::from("pw")));
    assert_eq!(told(&effects), [&Command::RemoveLeftOver { proof }]);
    hear(&mut guide, Event::Checked(checked()));
    assert!(harvest_of(&guide).checked.as_ref().is_some_and(|checked| checked.left_over.is_empty()));
}

#[test]
fn a_good_account_is_asked_about_its_messages_at_once() {
    let mut guide = to_checked(set_up(), opens_all());
    assert_eq!(diagnosis_of(&guide), Diagnosis::AllGood);
    let effects = guide.handle(Input::Chose(Action::Cover));
    assert_eq!(told(&effects), [&Command::Cover { further: false }]);
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::Done));
    hear(&mut guide, Event::Checked(checked()));
    let Outcome::Done(harvest) = outcome_of(guide) else { panic!() };
    assert_eq!(
        lines(&harvest, true)[3],
        (Line::KeysArrived, Standing::Green),
        "no app that could bring more"
    );
}

#[test]
fn time_in_which_nothing_could_be_counted_is_not_rest() {
    let mut guide = to_old_keys();
    for _ in 0..9 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    }
    hear(&mut guide, counted(0));
    assert!(!harvest_of(&guide).arrival.is_resting());
}

#[test]
fn what_was_changed_besides_is_not_called_nothing() {
    let account = || Account { devices: fresh().devices, ..set_up() };
    let mut guide = to_checked(account(), opens_all());
    guide.handle(Input::Chose(Action::BringKeys));
    guide.handle(Input::WentTo(Part::Verify));
    hear(&mut guide, talk(comparing()));
    assert!(guide.has_changed_nothing());
    hear(&mut guide, talk(Verification::Done(partner())));
    assert!(!guide.has_changed_nothing(), "the app was confirmed");
    assert_eq!(outcome_of(guide), Outcome::BackupOn(proved()));

    let mut guide = to_checked(account(), opens_all());
    guide.handle(Input::Chose(Action::BringKeys));
    guide.handle(Input::WentTo(Part::Import));
    guide.handle(Input::ChoseFile { name: "keys.txt".into(), bytes: 700 });
    guide.handle(Input::GavePassphrase(Secret::from("pass")));
    hear(&mut guide, Event::Imported(Imported { new: 1, ..Imported::default() }));
    guide.handle(Input::WentBack);
    guide.handle(Input::WentBack);
    assert_eq!(outcome_of(guide), Outcome::Changed(Some(proved())), "back at the findings, too");
}

#[test]
fn a_copy_that_lacks_imported_keys_is_not_called_a_copy() {
    let mut harvest = harvest_of(&safe_but_for(None)).clone();
    harvest.copy = CopyHome::Taken(TakenHome::default());
    harvest.took(Imported { already_there: 1, ..Imported::default() });
    assert!(matches!(harvest.copy, CopyHome::Taken(_)));
    harvest.took(Imported { new: 1, ..Imported::default() });
    assert_eq!(lines(&harvest, true)[4].1, Standing::Open(Remaining::TakeCopy));
}

#[test]
fn a_copy_that_lacks_keys_is_not_shown_again_but_asked_for_anew() {
    let copied = |room_keys| {
        let mut guide = to_part(Part::Coverage);
        hear(&mut guide, Event::RoomCovered(RoomCoverage { keys: 2, ..room(0) }));
        hear(&mut guide, seen_at(7));
        guide.handle(Input::WentTo(Part::TakeHome));
        guide.handle(Input::GavePassphrase("six words nobody else would choose".into()));
        let judgement = Judgement { score: 4, refusal: None, reason: String::new() };
        hear(&mut guide, Event::Judged { number: 1, judgement });
        hear(&mut guide, Event::TakenHome(TakenHome { room_keys, ..TakenHome::default() }));
        assert!(matches!(harvest_of(&guide).copy, CopyHome::Taken(_)));
        guide.handle(Input::WentOn);
        guide.handle(Input::WentTo(Part::TakeHome));
        harvest_of(&guide).copy.clone()
    };
    assert!(matches!(copied(2), CopyHome::Taken(_)));
    assert_eq!(copied(1), CopyHome::Older);
}

#[test]
fn devices_of_earlier_visits_are_not_passed_over() {
    let mut harvest = harvest_of(&safe_but_for(None)).clone();
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    harvest.checked = Some(Checked { left_over, ..checked() });
    assert_eq!(lines(&harvest, true)[5].1, Standing::Open(Remaining::RemoveLeftOver));
    assert_eq!(Verdict::of(&harvest), Verdict::Untidy, "they alone put no chat at risk");
    harvest.copy = CopyHome::NotOffered;
    assert_eq!(Verdict::of(&harvest), Verdict::Almost);
    assert!(Verdict::of(harvest_of(&safe_but_for(None))).is_safe(), "none are left");
}

/// Messages were seen whose keys only this page can read.
fn to_mendable() -> Guide {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::Cover));
    assert_eq!(guide.handle(Input::WantedMending), [], "the look is under way");
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 4, mendable: 4, ..room(0) }));
    hear(&mut guide, seen_at(7));
    guide
}

#[test]
fn what_only_this_page_reads_is_put_back_whole_when_the_person_wants_it_and_looked_at_again() {
    let mut guide = to_mendable();
    assert_eq!(guide.handle(Input::Chose(Action::Rotate)), [], "not before it was tried in place");
    assert!(matches!(guide.step(), Step::Coverage { .. }));
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
    assert_eq!(guide.handle(Input::WantedMending), []);
    let effects = hear(&mut guide, Event::Mended(Mended { mended: 2, kept: 0 }));
    assert_eq!(told(&effects), [&Command::Cover { further: true }], "held against the backup as it is now");
    assert!(!guide.has_changed_nothing());
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(8));
    assert_eq!(guide.handle(Input::WantedMending), [], "nothing is left");
    assert_eq!(outcome_of(guide), Outcome::BackupOn(proved()));
}

#[test]
fn what_the_server_keeps_as_it_was_is_carried_along_by_a_fresh_backup() {
    let mut guide = to_mendable();
    guide.handle(Input::WantedMending);
    hear(&mut guide, Event::Mended(Mended { mended: 0, kept: 2 }));
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 4, mendable: 4, ..room(0) }));
    hear(&mut guide, seen_at(8));
    assert_eq!(Verdict::of(harvest_of(&guide)), Verdict::Unchecked);
    assert_eq!(lines(harvest_of(&guide), true)[3].1, Standing::Open(Remaining::Mend));
    assert_eq!(guide.handle(Input::Chose(Action::Rotate)), []);
    assert!(matches!(guide.step(), Step::Consent { job, .. } if job.action == Action::Rotate), "asked first");
    let effects = guide.handle(Input::Agreed);
    assert!(matches!(told(&effects)[..], [Command::Write { action: Action::Rotate, .. }]));
}

#[test]
fn mending_can_be_stopped_and_tried_again() {
    let mut guide = to_mendable();
    guide.handle(Input::WantedMending);
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    hear(&mut guide, Event::Stopped);
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert!(matches!(guide.step(), Step::Coverage { work: None, trouble: Some(_), .. }));
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
}
