//! Tests signing in again, on any step.

use super::*;

#[test]
fn stopping_after_signing_in_again_removes_the_device() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    let mut waiting = Guide::at(guide.step().clone());
    assert_eq!(waiting.handle(Input::WantedSignOut), [Effect::EndEngine], "there is no device to remove");
    let user = fresh().user_id;
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
    let effects = guide.handle(Input::WantedSignOut);
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped(_)));
    assert_eq!(hear(&mut guide, Event::SignedOut), [Effect::EndEngine]);
}

#[test]
fn a_sign_out_while_signing_in_again_asks_for_it_once_more() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    let user = fresh().user_id;
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::SignedOut));
    let Step::SignInAgain(step::SignInAgain { place, attempt: Attempt::None, .. }) = guide.step() else {
        panic!()
    };
    assert!(!place.is_back, "the page asks to sign in");
}

#[test]
fn a_sign_out_in_the_middle_of_writing_loses_nothing_and_the_same_order_goes_on() {
    for problem in [Problem::SignedOut, Problem::Locked] {
        let mut guide = to_writing();
        walk(&mut guide, SET_UP[..3].iter().map(|task| engine(Event::TaskDone(*task))));
        let before = guide.step().written();
        sign_out(&mut guide, problem.clone());
        assert_eq!(guide.step().written(), before);
        assert_eq!(guide.trouble().is_some(), problem == Problem::Locked);
        assert!(guide.has_something_to_lose() && !guide.has_changed_nothing());
        // The account has changed by this order's own tasks.
        let effects = sign_in(&mut guide, unfinished());
        let order = Command::Write { action: Action::SetUp, kept_key: Secret::from(KEY) };
        assert_eq!(effects, [Effect::Tell(guide.run(), order)]);
        let Step::Writing(step::Writing { work, pause: None, .. }) = guide.step() else {
            panic!("{:?}", guide.step())
        };
        assert_eq!(work.done, SET_UP[..3]);
    }
}

#[test]
fn a_withdrawal_that_a_sign_out_cut_short_goes_on_afterwards() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    sign_out(&mut guide, Problem::SignedOut);
    let effects = sign_in(&mut guide, unfinished());
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::Withdraw)], "only the withdrawal goes on");
}

#[test]
fn after_signing_in_again_the_key_on_screen_is_still_there() {
    let mut guide = to_findings(fresh());
    walk(&mut guide, [Input::ChoseKey, engine(Event::KeyMade(kit()))]);
    let step = guide.step().clone();
    // The page is signed out while the key is on the screen.
    let place = sign_out(&mut guide, Problem::SignedOut);
    assert_eq!(place.step, step);
    assert_eq!(sign_in(&mut guide, fresh()), []);
    assert_eq!(guide.step(), &step);
}

#[test]
fn an_account_that_changed_meanwhile_is_shown_anew() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    sign_in(&mut guide, set_up());
    let Step::Findings(step::Findings { visit, .. }) = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.account, set_up());
}

#[test]
fn another_account_cannot_go_on_and_signing_in_again_can_be_declined() {
    let mut guide = to_writing();
    walk(&mut guide, SET_UP[..3].iter().map(|task| engine(Event::TaskDone(*task))));
    let written = guide.step().written();
    sign_out(&mut guide, Problem::SignedOut);
    guide.handle(Input::EnteredPassword { user: "@bob:example.org".into(), password: Secret::from("pw") });
    hear(&mut guide, signed_in("@bob:example.org"));
    hear(&mut guide, Event::Looked(fresh()));
    assert!(matches!(guide.step(), Step::SignInAgain(_)), "{:?}", guide.step());
    assert_eq!(guide.handle(Input::WantedSignOut), [Effect::EndEngine]);
    assert_eq!(guide.step(), &Step::Stopped(step::Stopped { problem: Problem::SignedOut, written }));
}

#[test]
fn signing_in_again_on_the_servers_page_names_the_same_person() {
    let mut guide = to_confirm();
    let mut place = sign_out(&mut guide, Problem::SignedOut);
    // A person who first entered a server only had named nobody.
    place.server.user_id = None;
    let (attempt, place) = (Attempt::None, Box::new(place));
    let mut guide = Guide::at(Step::SignInAgain(step::SignInAgain { place, attempt, trouble: None }));
    let effects = guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    assert_eq!(effects, [authorize(guide.run())]);
}

#[test]
fn signing_in_again_can_fail_and_be_repeated() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    for problem in [Problem::WrongPassword, Problem::Locked, Problem::SignedOut, Problem::Deactivated] {
        guide.handle(Input::EnteredPassword { user: "ada".into(), password: Secret::from("pw") });
        hear(&mut guide, Event::Failed(problem.clone()));
        assert_eq!((attempt_of(&guide), guide.trouble()), (&Attempt::None, Some(&problem)));
    }
    // The sign-in works, but the account cannot be read.
    guide.handle(Input::EnteredPassword { user: "ada".into(), password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    let effects = guide.handle(Input::TriedAgain);
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::Look)]);
    hear(&mut guide, Event::Looked(fresh()));
    assert!(matches!(guide.step(), Step::Confirm(_)));
}

#[test]
fn a_sign_out_that_is_heard_while_listening_counts_too() {
    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    hear(&mut guide, Event::Heard { trouble: Some(Problem::SignedOut) });
    assert!(matches!(guide.step(), Step::SignInAgain(_)));
    let effects = sign_in(&mut guide, set_up());
    assert!(matches!(guide.step(), Step::OldKeys(_)));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Wake(_))),
        "keys are counted again: {effects:?}"
    );
}
