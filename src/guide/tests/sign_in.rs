//! Signing in by the server's page, once more in the middle of everything, and proofs that are not passwords.

use super::*;

pub(super) fn door() -> Door {
    Door::SingleSignOn { provider: None }
}

fn address() -> WebAddress {
    WebAddress::parse("https://account.example.org/").unwrap()
}

/// What the page has to tell the engine when Ada has chosen the server's page.
fn authorize(run: Run) -> Effect {
    Effect::Authorize {
        run,
        base_url: "https://hs.example.org".into(),
        door: door(),
        user_id: Some("@ada:example.org".into()),
    }
}

fn to_sign_in() -> Guide {
    let mut guide = Guide::default();
    walk(
        &mut guide,
        [
            Input::Began,
            Input::EnteredServer("@ada:example.org".into()),
            Input::Discovered(Ok(server())),
            engine(Event::Ready),
        ],
    );
    guide
}

fn attempt_of(guide: &Guide) -> &Attempt {
    match guide.step() {
        Step::SignIn { attempt, .. } | Step::SignInAgain { attempt, .. } => attempt,
        step => panic!("{step:?}"),
    }
}

fn hear(guide: &mut Guide, event: Event) -> Vec<Effect> {
    let run = guide.run();
    guide.handle(Input::Engine(run, event))
}

fn sign_out(guide: &mut Guide, problem: Problem) -> Interrupted {
    assert_eq!(hear(guide, Event::Failed(problem)), [], "{:?}", guide.step());
    let Step::SignInAgain { place, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    *place.clone()
}

/// Signs in again, with the account as it is now; what follows.
fn sign_in(guide: &mut Guide, account: Account) -> Vec<Effect> {
    let user = account.user_id.clone();
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    assert_eq!(hear(guide, signed_in("@ada:example.org")), []);
    hear(guide, Event::Looked(account))
}

#[test]
fn a_window_is_opened_shown_the_page_and_what_it_sends_back_is_told_once() {
    let mut guide = to_sign_in();
    let effects = guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    assert_eq!(effects, [authorize(Run(1))]);
    assert_eq!(guide.handle(Input::CameBack(Secret::from("?early"))), [], "nobody was sent anywhere yet");
    assert_eq!(hear(&mut guide, Event::Authorize { address: address() }), [Effect::ShowPage(address())]);
    let answer = || Secret::from("?state=1&loginToken=2");
    let effects = guide.handle(Input::CameBack(answer()));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::Authorized { answer: answer() })]);
    assert_eq!(guide.handle(Input::CameBack(answer())), [], "told once");
    assert!(!guide.can_go_back(), "the server is being asked");
    hear(&mut guide, signed_in("@ada:example.org"));
    assert!(matches!(guide.step(), Step::Looking { .. }));
}

#[test]
fn a_window_that_was_blocked_is_said_to_be_and_has_a_way_on() {
    let mut guide = to_sign_in();
    guide.handle(Input::ChoseDoor { door: door(), blocked: true });
    assert_eq!(
        hear(&mut guide, Event::Authorize { address: address() }),
        [],
        "there is no window to show it in"
    );
    assert_eq!(guide.trouble(), Some(&Problem::WindowBlocked));
    let Attempt::Window { address: Some(link), .. } = attempt_of(&guide) else { panic!() };
    assert_eq!(link, &address());
    assert!(matches!(guide.handle(Input::CameBack(Secret::from("?x")))[..], [Effect::Tell(_, _)]));
}

#[test]
fn a_window_can_be_given_up_for_another_way() {
    let mut guide = to_sign_in();
    guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    assert_eq!(guide.handle(Input::ClosedDoor), [Effect::CloseWindow]);
    assert_eq!(attempt_of(&guide), &Attempt::None);
    assert_eq!(hear(&mut guide, Event::Authorize { address: address() }), [], "too late");
    guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    let effects = guide.handle(Input::EnteredPassword { user: "ada".into(), password: Secret::from("pw") });
    assert!(
        matches!(effects[..], [Effect::CloseWindow, Effect::Tell(_, Command::SignIn { .. })]),
        "{effects:?}"
    );
}

#[test]
fn what_was_asked_for_a_window_that_was_given_up_is_not_taken_for_the_next_ones() {
    let chosen = || Input::ChoseDoor { door: door(), blocked: false };
    for given_up in [&[Input::ClosedDoor, chosen()][..], &[chosen()]] {
        let mut guide = to_sign_in();
        guide.handle(chosen());
        let first = guide.run();
        walk(&mut guide, given_up.iter().cloned());
        for late in [Event::Authorize { address: address() }, Event::Failed(Problem::Garbled)] {
            assert_eq!(guide.handle(Input::Engine(first, late)), []);
            assert!(matches!(attempt_of(&guide), Attempt::Window { address: None, .. }));
        }
        let effects = hear(&mut guide, Event::Authorize { address: address() });
        assert_eq!(effects, [Effect::ShowPage(address())]);
    }
}

#[test]
fn what_the_page_or_the_server_refused_can_be_tried_again() {
    for problem in [
        Problem::NotLetIn { reason: "access_denied".into() },
        Problem::AnswerTooLate,
        Problem::PageRefused { reason: String::new() },
        Problem::AnotherAccount {
            wanted: "@ada:example.org".into(),
            came: "@bob:example.org".into(),
            is_left: true,
        },
        Problem::Deactivated,
    ] {
        let mut guide = to_sign_in();
        guide.handle(Input::ChoseDoor { door: door(), blocked: false });
        assert_eq!(hear(&mut guide, Event::Failed(problem.clone())), [Effect::CloseWindow]);
        assert_eq!((attempt_of(&guide), guide.trouble()), (&Attempt::None, Some(&problem)));
        let effects = guide.handle(Input::ChoseDoor { door: door(), blocked: false });
        assert_eq!(effects, [authorize(Run(1))], "{problem:?}");
    }
}

#[test]
fn an_answer_of_another_attempt_leaves_this_one_as_it_is() {
    let mut guide = to_sign_in();
    guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    hear(&mut guide, Event::Authorize { address: address() });
    let window = attempt_of(&guide).clone();
    for _ in 0..2 {
        assert_eq!(guide.handle(Input::CameBack(Secret::from("?state=another"))).len(), 1);
        assert_eq!(hear(&mut guide, Event::Failed(Problem::StrayAnswer)), [], "the window stays");
        assert_eq!((attempt_of(&guide), guide.trouble()), (&window, Some(&Problem::StrayAnswer)));
    }
    assert_eq!(guide.handle(Input::CameBack(Secret::from("?state=this"))).len(), 1);
    assert_eq!(guide.trouble(), None);
    // Whatever else goes wrong ends it.
    hear(&mut guide, Event::Failed(Problem::AnswerTooLate));
    assert_eq!(attempt_of(&guide), &Attempt::None);
}

#[test]
fn a_page_is_gone_to_as_proof_as_often_as_the_person_likes() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(Input::GaveProof(Proof::Page)), [], "nobody has asked");
    hear(&mut guide, proof_needed(Last::None));
    for _ in 0..2 {
        let effects = guide.handle(Input::GaveProof(Proof::Page));
        assert_eq!(effects, [Effect::Tell(Run(1), Command::GiveProof(Proof::Page))]);
        let Step::Writing { pause: Some(Pause::Proof(asked)), .. } = guide.step() else { panic!() };
        assert!(asked.went);
    }
    hear(&mut guide, proof_needed(Last::NotYet));
    let Step::Writing { pause: Some(Pause::Proof(asked)), .. } = guide.step() else { panic!() };
    assert_eq!((asked.went, asked.wanted.last), (false, Last::NotYet));
    hear(&mut guide, Event::TaskDone(SET_UP[1]));
    assert!(matches!(guide.step(), Step::Writing { pause: None, .. }), "it was accepted");
}

#[test]
fn a_password_is_not_given_where_only_a_page_counts() {
    let mut guide = to_writing();
    let page = ProofWay::Page { address: address(), kind: PageKind::SingleSignOn };
    hear(&mut guide, Event::ProofNeeded(Wanted { ways: vec![page], last: Last::None }));
    assert_eq!(guide.handle(Input::GaveProof(Proof::Password(Secret::from("pw")))), []);
}

#[test]
fn refusing_the_proof_takes_back_what_was_written_and_leads_to_the_findings() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(Input::Withdrew), [], "only while the server waits");
    hear(&mut guide, proof_needed(Last::None));
    assert_eq!(guide.handle(Input::Withdrew), [Effect::Tell(Run(1), Command::Withdraw)]);
    // What the engine said before it heard of it.
    hear(&mut guide, proof_needed(Last::NotYet));
    assert!(matches!(guide.step(), Step::Writing { pause: Some(Pause::Withdrawing), .. }));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.account, fresh());
    assert!(guide.has_changed_nothing() && guide.can_sign_out());
}

#[test]
fn a_withdrawal_that_fails_is_gone_on_with_and_nothing_is_written_any_more() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    for _ in 0..2 {
        hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
        assert!(guide.trouble().is_some());
        assert_eq!(guide.handle(Input::TriedAgain), [Effect::Tell(Run(1), Command::Withdraw)]);
    }
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings { .. }) && guide.has_changed_nothing());
}

#[test]
fn a_refusal_that_the_server_has_overtaken_leads_on_with_what_is_written() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::TaskDone(Task::PublishIdentity));
    assert!(matches!(guide.step(), Step::Writing { pause: None, .. }), "nobody says that it is taken back");
    let nothing_to_withdraw = || Event::Failed(Problem::OutOfOrder);
    let mut broken = Guide::at(guide.step().clone());
    let withdrawing = guide.run();
    hear(&mut guide, Event::SetUpDone(proved()));
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert_eq!(guide.handle(Input::Engine(withdrawing, nothing_to_withdraw())), []);
    assert!(matches!(guide.step(), Step::OldKeys { .. }) && guide.trouble().is_none());

    // The same where something after it goes wrong.
    hear(&mut broken, Event::Failed(Problem::Passing { status: Some(503) }));
    let step = broken.step().clone();
    assert!(matches!(step, Step::Writing { pause: Some(Pause::Trouble(_)), .. }));
    assert_eq!(hear(&mut broken, nothing_to_withdraw()), []);
    assert!(matches!(broken.step(), Step::Writing { pause: Some(Pause::Trouble(_)), .. }));
    let effects = broken.handle(Input::TriedAgain);
    assert!(matches!(effects[..], [Effect::Tell(_, Command::Write { .. })]), "{effects:?}");
}

#[test]
fn a_proof_that_fails_while_it_is_refused_does_not_hide_that_all_was_taken_back() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
    hear(&mut guide, Event::Looked(fresh()));
    hear(&mut guide, Event::Withdrawn);
    assert!(matches!(guide.step(), Step::Findings { .. }) && guide.has_changed_nothing());
}

#[test]
fn what_a_key_opened_is_not_counted_on_once_it_went_with_an_order_that_was_taken_back() {
    let mut guide = to_writing();
    let Step::Writing { mut job, kept_key, work, pause } = guide.step().clone() else { panic!() };
    let opening = Opening::BackupDirectly { room_keys: 7 };
    job.visit.known.key = KeyKnown::Tried(opening);
    job.visit.earlier.push(job.visit.known.clone());
    guide = Guide::at(Step::Writing { job, kept_key, work, pause });
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    hear(&mut guide, Event::Withdrawn);
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.known.key, KeyKnown::NotAsked);
    assert!(!guide.can_go_back(), "nor is there a way back to it");
}

#[test]
fn a_key_in_place_of_the_password_is_sent_nowhere_and_the_server_asks_again() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::GaveProof(Proof::Password(Secret::from(KEY))));
    assert_eq!(hear(&mut guide, Event::Failed(Problem::KeyAsPassword)), []);
    assert_eq!(guide.trouble(), Some(&Problem::KeyAsPassword));
    let effects = guide.handle(Input::TriedAgain);
    assert!(matches!(effects[..], [Effect::Tell(_, Command::Write { .. })]), "{effects:?}");
}

#[test]
fn whoever_stops_once_signed_in_again_takes_the_device_along() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    let mut waiting = Guide::at(guide.step().clone());
    assert_eq!(waiting.handle(Input::WantedSignOut), [Effect::EndEngine], "there is none");
    let user = fresh().user_id;
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::Passing { status: Some(503) }));
    let effects = guide.handle(Input::WantedSignOut);
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::SignOut)]);
    assert!(matches!(guide.step(), Step::Stopped { .. }));
    assert_eq!(hear(&mut guide, Event::SignedOut), [Effect::EndEngine]);
}

#[test]
fn signed_out_once_more_while_coming_back_means_signing_in_once_more() {
    let mut guide = to_confirm();
    sign_out(&mut guide, Problem::SignedOut);
    let user = fresh().user_id;
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::SignedOut));
    let Step::SignInAgain { place, attempt: Attempt::None, .. } = guide.step() else { panic!() };
    assert!(!place.is_back, "the form is there again");
}

#[test]
fn a_sign_out_in_the_middle_of_writing_loses_nothing_and_the_same_order_goes_on() {
    for problem in [Problem::SignedOut, Problem::Locked] {
        let mut guide = to_writing();
        walk(&mut guide, SET_UP[..3].iter().map(|task| engine(Event::TaskDone(*task))));
        let before = guide.written();
        sign_out(&mut guide, problem.clone());
        assert_eq!(guide.written(), before);
        assert_eq!(guide.trouble().is_some(), problem == Problem::Locked);
        assert!(guide.has_something_to_lose() && !guide.has_changed_nothing());
        // The account is not what it was: that is our doing.
        let effects = sign_in(&mut guide, unfinished());
        let order = Command::Write { action: Action::SetUp, kept_key: Secret::from(KEY) };
        assert_eq!(effects, [Effect::Tell(guide.run(), order)]);
        let Step::Writing { work, pause: None, .. } = guide.step() else { panic!("{:?}", guide.step()) };
        assert_eq!(work.done, SET_UP[..3]);
    }
}

#[test]
fn a_withdrawal_that_was_cut_short_by_a_sign_out_is_gone_on_with() {
    let mut guide = to_writing();
    hear(&mut guide, proof_needed(Last::None));
    guide.handle(Input::Withdrew);
    sign_out(&mut guide, Problem::SignedOut);
    let effects = sign_in(&mut guide, unfinished());
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::Withdraw)], "and nothing is written");
}

#[test]
fn after_signing_in_again_the_key_on_screen_is_still_there() {
    let mut guide = to_findings(fresh());
    walk(&mut guide, [Input::ChoseKey, engine(Event::KeyMade(kit()))]);
    let step = guide.step().clone();
    // Some other device may ask for something while the key is looked at.
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
    let Step::Findings { visit, .. } = guide.step() else { panic!("{:?}", guide.step()) };
    assert_eq!(visit.account, set_up());
}

#[test]
fn nobody_else_takes_the_place_and_whoever_does_not_want_to_sign_in_again_can_stop() {
    let mut guide = to_writing();
    walk(&mut guide, SET_UP[..3].iter().map(|task| engine(Event::TaskDone(*task))));
    let written = guide.written();
    sign_out(&mut guide, Problem::SignedOut);
    guide.handle(Input::EnteredPassword { user: "@bob:example.org".into(), password: Secret::from("pw") });
    hear(&mut guide, signed_in("@bob:example.org"));
    hear(&mut guide, Event::Looked(fresh()));
    assert!(matches!(guide.step(), Step::SignInAgain { .. }), "{:?}", guide.step());
    assert_eq!(guide.handle(Input::WantedSignOut), [Effect::EndEngine]);
    assert_eq!(guide.step(), &Step::Stopped { problem: Problem::SignedOut, written });
}

#[test]
fn whoever_signs_in_again_on_the_servers_page_has_to_be_the_same_person() {
    let mut guide = to_confirm();
    let mut place = sign_out(&mut guide, Problem::SignedOut);
    // Before signing in for the first time nobody was named.
    place.server.user_id = None;
    let (attempt, place) = (Attempt::None, Box::new(place));
    let mut guide = Guide::at(Step::SignInAgain { place, attempt, trouble: None });
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
    // Let in, but the account could not be read.
    guide.handle(Input::EnteredPassword { user: "ada".into(), password: Secret::from("pw") });
    hear(&mut guide, signed_in("@ada:example.org"));
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    let effects = guide.handle(Input::TriedAgain);
    assert_eq!(effects, [Effect::Tell(guide.run(), Command::Look)]);
    hear(&mut guide, Event::Looked(fresh()));
    assert!(matches!(guide.step(), Step::Confirm { .. }));
}

#[test]
fn a_sign_out_that_is_heard_while_listening_counts_too() {
    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    hear(&mut guide, Event::Heard { trouble: Some(Problem::SignedOut) });
    assert!(matches!(guide.step(), Step::SignInAgain { .. }));
    let effects = sign_in(&mut guide, set_up());
    assert!(matches!(guide.step(), Step::OldKeys { .. }));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Wake(_))),
        "keys are counted again: {effects:?}"
    );
}
