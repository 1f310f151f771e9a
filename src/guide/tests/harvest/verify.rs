//! Tests comparing emoji with an app.

use super::*;

#[test]
fn secrets_that_an_app_handed_over_get_a_new_key() {
    let mut guide = to_verify();
    assert_eq!(told(&guide.handle(Input::Moved(Move::Ask))), [&Command::Verify(Move::Ask)]);
    assert_eq!(guide.handle(Input::Moved(Move::Ask)), [], "the app is being asked already");
    hear(&mut guide, talk(Verification::Asked));
    assert_eq!(guide.handle(Input::Moved(Move::Ask)), [], "the app was asked already");
    hear(&mut guide, talk(comparing()));
    let same = Move::Match(shown());
    assert_eq!(told(&guide.handle(Input::Moved(same.clone()))), [&Command::Verify(same)]);
    hear(&mut guide, talk(Verification::Done(partner())));
    let missing = HandedOver { identity: true, backup: HandedBackupKey::Missing };
    hear(&mut guide, Event::HandedOver(missing));
    assert!(matches!(guide.step(), Step::Verify(_)), "the backup's key may still come");
    hear(&mut guide, Event::HandedOver(HandedOver { backup: HandedBackupKey::Fits, ..missing }));
    assert_eq!(diagnosis_of(&guide), Diagnosis::HandedOver);
    assert!(guide.has_changed_nothing());
    let run = guide.run();
    guide.handle(Input::Chose(Action::AddKey));
    assert!(matches!(guide.step(), Step::Choose(_)));
    for input in [
        Input::ChoseKey,
        Input::Engine(run, Event::KeyMade(kit())),
        Input::KeptKey(Keeping::Downloaded),
        Input::WentToEnterKey,
        Input::EnteredKey(Secret::from(KEY)),
    ] {
        guide.handle(input);
    }
    assert_eq!(told(&guide.handle(Input::Agreed)), [&write(Action::AddKey, &Secret::from(KEY))]);
    hear(&mut guide, Event::SetUpDone(proved()));
    assert!(matches!(guide.step(), Step::OldKeys(_)));
}

#[test]
fn an_app_is_said_to_be_asked_at_once_and_no_longer_where_it_could_not_be() {
    let mut guide = to_verify();
    let talk_of = |guide: &Guide| match guide.step() {
        Step::Verify(step::Verify { talk, trouble, .. }) => (talk.clone(), trouble.is_some()),
        other => panic!("{other:?}"),
    };
    guide.handle(Input::Moved(Move::Ask));
    assert_eq!(talk_of(&guide), (Verification::Asked, false));
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert_eq!(talk_of(&guide), (Verification::Idle, true));
    assert_eq!(told(&guide.handle(Input::Moved(Move::Ask))), [&Command::Verify(Move::Ask)]);
}

#[test]
fn without_the_backups_key_the_person_may_go_on_but_not_without_the_identity() {
    for (identity, leads_on) in [(true, true), (false, false)] {
        let mut guide = to_verify();
        let came = HandedOver { identity, backup: HandedBackupKey::Missing };
        walk(&mut guide, [engine(talk(Verification::Done(partner()))), engine(Event::HandedOver(came))]);
        guide.handle(Input::WentOn);
        assert_eq!(matches!(guide.step(), Step::Findings(_)), leads_on, "{:?}", guide.step());
    }
}

#[test]
fn going_back_cancels_the_verification() {
    let mut guide = to_verify();
    hear(&mut guide, talk(comparing()));
    let effects = guide.handle(Input::WentBack);
    assert_eq!(effects, [Effect::Tell(Run(2), Command::Verify(Move::Cancel))]);
    let mut guide = to_verify();
    assert_eq!(guide.handle(Input::WentBack), [], "nothing to end");
}

#[test]
fn only_moves_that_fit_the_verification_are_made() {
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
    assert!(matches!(guide.step(), Step::Verify(step::Verify { goal: Goal::Give(_), .. })));
    hear(&mut guide, talk(Verification::Done(partner())));
    assert!(matches!(guide.step(), Step::OldKeys(_)));
}

#[test]
fn secrets_from_an_app_are_stored_under_the_key_that_was_entered() {
    let account = Account { devices: with_app().devices, ..set_up() };
    let mut lacks = StoredSecrets::only(StoredIdentity::Missing, fits(false));
    let mut guide = to_checked(account.clone(), opens(lacks.clone()));
    assert_eq!(diagnosis_of(&guide), Diagnosis::IdentityNotStored);
    guide.handle(Input::Chose(Action::Verify));
    lacks.received_identity = true;
    let came = HandedOver { identity: true, backup: HandedBackupKey::Fits };
    walk(
        &mut guide,
        [Event::Looked(account), Event::Tried(opens(lacks)), Event::HandedOver(came)].map(engine),
    );
    assert_eq!(diagnosis_of(&guide), Diagnosis::IdentityNotStored);
    let Step::Findings(step::Findings { visit, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.plan().recommended, Action::Repair);
    let tasks = tasks(Action::Repair, &visit.account, &visit.known);
    assert!(tasks.contains(&Task::StoreIdentity), "{tasks:?}");
}

#[test]
fn an_app_that_may_have_forgotten_the_question_is_asked_anew_each_minute_for_ten_minutes() {
    let asks = [&Command::Verify(Move::Ask)];
    let asked_after = |state: Verification| {
        let mut guide = to_verify();
        hear(&mut guide, talk(state));
        let mut after = Vec::new();
        for seconds in (5..1_200).step_by(5) {
            if told(&guide.handle(Input::TimePassed)) == asks {
                after.push(seconds);
                // The engine tells the state after each move, whether it has changed or not.
                hear(&mut guide, talk(Verification::Asked));
            }
        }
        after
    };
    assert_eq!(asked_after(Verification::Asked), [60, 120, 180, 240, 300, 360, 420, 480, 540, 600]);
    for state in [
        Verification::Idle,
        Verification::AskedBy(partner()),
        Verification::Agreed(partner()),
        comparing(),
        Verification::Confirmed(partner()),
        Verification::Done(partner()),
        Verification::Cancelled { by_us: true, reason: CancelReason::Declined },
    ] {
        assert_eq!(asked_after(state.clone()), [] as [u32; 0], "{state:?}");
    }
}
