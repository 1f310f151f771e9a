//! Tests signing in on the server's page, and proofs that are given on a page.

mod again;
mod withdrawal;

use super::*;

pub(super) fn door() -> Door {
    Door::SingleSignOn { provider: None }
}

fn address() -> WebAddress {
    WebAddress::parse("https://account.example.org/").unwrap()
}

/// The effect when the person has chosen the server's page.
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
        Step::SignIn(step::SignIn { attempt, .. }) | Step::SignInAgain(step::SignInAgain { attempt, .. }) => {
            attempt
        }
        step => panic!("{step:?}"),
    }
}

fn hear(guide: &mut Guide, event: Event) -> Vec<Effect> {
    let run = guide.run();
    guide.handle(Input::Engine(run, event))
}

fn sign_out(guide: &mut Guide, problem: Problem) -> Interrupted {
    assert_eq!(hear(guide, Event::Failed(problem)), [], "{:?}", guide.step());
    let Step::SignInAgain(step::SignInAgain { place, .. }) = guide.step() else {
        panic!("{:?}", guide.step())
    };
    *place.clone()
}

/// Signs in again with the account as it is now; returns the effects.
fn sign_in(guide: &mut Guide, account: Account) -> Vec<Effect> {
    let user = account.user_id.clone();
    guide.handle(Input::EnteredPassword { user, password: Secret::from("pw") });
    assert_eq!(hear(guide, signed_in("@ada:example.org")), []);
    hear(guide, Event::Looked(account))
}

#[test]
fn a_window_shows_the_servers_page_and_its_answer_is_used_once() {
    let mut guide = to_sign_in();
    let effects = guide.handle(Input::ChoseDoor { door: door(), blocked: false });
    assert_eq!(effects, [authorize(Run(1))]);
    assert_eq!(guide.handle(Input::CameBack(Secret::from("?early"))), [], "nobody was sent anywhere yet");
    assert_eq!(hear(&mut guide, Event::Authorize { address: address() }), [Effect::ShowPage(address())]);
    let answer = || Secret::from("?state=1&loginToken=2");
    let effects = guide.handle(Input::CameBack(answer()));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::Authorized { answer: answer() })]);
    assert_eq!(guide.handle(Input::CameBack(answer())), [], "the answer is sent once");
    assert!(!guide.can_go_back(), "the server is being asked");
    hear(&mut guide, signed_in("@ada:example.org"));
    assert!(matches!(guide.step(), Step::Looking(_)));
}

#[test]
fn a_blocked_window_is_reported_and_can_be_opened_by_hand() {
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
fn what_is_no_name_is_told_and_no_password_goes_with_it() {
    for (user, error) in [
        ("", AddressError::Empty),
        ("ada@example.org", AddressError::Email),
        ("+49 151 2345678", AddressError::Phone),
        ("https://example.org", AddressError::BadUser),
    ] {
        let mut guide = to_sign_in();
        let enter = |user: &str| Input::EnteredPassword { user: user.into(), password: Secret::from("pw") };
        assert_eq!(guide.handle(enter(user)), [], "{user}");
        assert_eq!(guide.trouble(), Some(&Problem::NotAnAddress(error)));
        assert_eq!(attempt_of(&guide), &Attempt::None);
        // The name goes as the server knows it.
        let effects = guide.handle(enter(" https://matrix.to/#/@ada:example.org\u{200b}"));
        let [Effect::Tell(_, Command::SignIn { user, .. })] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(user, "@ada:example.org");
        assert_eq!(guide.trouble(), None);
    }
}

#[test]
fn an_answer_for_a_window_that_was_given_up_is_ignored() {
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
fn a_refusal_by_the_page_or_the_server_can_be_tried_again() {
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
    // Any other problem ends the attempt.
    hear(&mut guide, Event::Failed(Problem::AnswerTooLate));
    assert_eq!(attempt_of(&guide), &Attempt::None);
}

#[test]
fn a_page_can_be_opened_for_a_proof_any_number_of_times() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(Input::GaveProof(Proof::Page)), [], "nobody has asked");
    hear(&mut guide, proof_needed(Last::None));
    for _ in 0..2 {
        let effects = guide.handle(Input::GaveProof(Proof::Page));
        assert_eq!(effects, [Effect::Tell(Run(1), Command::GiveProof(Proof::Page))]);
        let Step::Writing(step::Writing { pause: Some(Pause::Proof(asked)), .. }) = guide.step() else {
            panic!()
        };
        assert!(asked.went);
    }
    hear(&mut guide, proof_needed(Last::NotYet));
    let Step::Writing(step::Writing { pause: Some(Pause::Proof(asked)), .. }) = guide.step() else {
        panic!()
    };
    assert_eq!((asked.went, asked.wanted.last), (false, Last::NotYet));
    hear(&mut guide, Event::TaskDone(SET_UP[1]));
    assert!(matches!(guide.step(), Step::Writing(step::Writing { pause: None, .. })), "it was accepted");
}

#[test]
fn a_password_is_not_sent_where_the_server_wants_a_page() {
    let mut guide = to_writing();
    let page = ProofWay::Page { address: address(), kind: PageKind::SingleSignOn };
    hear(&mut guide, Event::ProofNeeded(Wanted { ways: vec![page], last: Last::None }));
    assert_eq!(guide.handle(Input::GaveProof(Proof::Password(Secret::from("pw")))), []);
}
