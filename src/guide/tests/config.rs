//! Tests the host's settings, and what they can never bring about.

use super::*;
use crate::domain::{
    address::Address,
    config::{Config, Home, Offers},
    contact::Contact,
    diagnosis::tests::for_every_case,
    passphrase::Strength,
};

pub(super) fn home(address: &str, is_locked: bool) -> Option<Home> {
    Some(Home { name: address.into(), address: Address::parse(address).unwrap(), is_locked })
}

fn locked() -> Config {
    Config { home: home("example.org", true), ..Config::default() }
}

fn configured(config: Config) -> Guide {
    let mut guide = Guide::waiting();
    guide.handle(Input::Configured(Box::new(config)));
    guide
}

fn password(user: &str) -> Input {
    Input::EnteredPassword { user: user.into(), password: Secret::from("pw") }
}

pub(super) fn any_config() -> impl Strategy<Value = Config> {
    let home = proptest::option::of((
        prop_oneof![Just("example.org"), Just("other.org"), Just("https://hs.example.org")],
        any::<bool>(),
    ));
    (home, any::<[bool; 4]>(), any::<u8>()).prop_map(
        |(at, [change_key, rotate, import, inside_element], power)| Config {
            home: at.and_then(|(address, locked)| self::home(address, locked)),
            offers: Offers { change_key, rotate, import, inside_element },
            strength: Strength::at_least(power),
            ..Config::default()
        },
    )
}

#[test]
fn nobody_begins_before_the_hosts_settings_are_known() {
    for (config, step, effects) in [
        (Config::default(), Step::Server(step::Server { entered: String::new(), trouble: None }), vec![]),
        (
            locked(),
            Step::Discovering(step::Discovering { entered: "example.org".into() }),
            vec![Effect::Discover(Address::parse("example.org").unwrap())],
        ),
    ] {
        let mut guide = Guide::waiting();
        assert_eq!(
            (guide.handle(Input::Began), guide.step(), guide.is_held_up()),
            // Whoever pressed "Start" is likely to need the engine.
            (vec![Effect::FetchEngine], &Step::Intro(step::Intro), true)
        );
        let effects = [vec![Effect::FetchEngine], effects].concat();
        assert_eq!(guide.handle(Input::Configured(Box::new(config))), effects);
        assert_eq!((guide.step(), guide.is_held_up()), (&step, false));
    }
    // A person who still reads the first screen is not moved on.
    let mut guide = Guide::waiting();
    assert_eq!(guide.handle(Input::Configured(Box::new(locked()))), []);
    assert_eq!(guide.step(), &Step::Intro(step::Intro));
    // Later settings are ignored.
    guide.handle(Input::Configured(Box::default()));
    assert_eq!(guide.config(), &locked());
}

#[test]
fn the_only_homeserver_is_looked_for_whatever_is_entered() {
    let address = || Address::parse("example.org").unwrap();
    let mut guide = configured(locked());
    assert_eq!(guide.handle(Input::Began), [Effect::FetchEngine, Effect::Discover(address())]);
    guide.handle(Input::WentBack);
    assert_eq!(guide.step(), &Step::Intro(step::Intro));
    let problem = || Problem::ServerUnreachable { host: "example.org".into() };
    walk(&mut guide, [Input::Began, Input::Discovered(Err(problem()))]);
    let trouble = Some(problem());
    assert_eq!(guide.step(), &Step::Server(step::Server { entered: "example.org".into(), trouble }));
    assert_eq!(guide.handle(Input::EnteredServer("@ada:other.org".into())), [Effect::Discover(address())]);
    walk(&mut guide, [Input::Discovered(Ok(server()))]);

    // The password of another server's account does not leave the page.
    assert_eq!(guide.handle(password("@ada:other.org")), []);
    assert_eq!(guide.trouble(), Some(&Problem::AnotherServer { server: "example.org".into() }));
    for user in ["@ada:example.org", "ada"] {
        let mut guide = Guide::at(guide.step().clone()).with(locked());
        assert_eq!(told_to_sign_in(&guide.handle(password(user))), [user]);
    }
}

fn told_to_sign_in(effects: &[Effect]) -> Vec<&str> {
    let users = effects.iter().map(|effect| match effect {
        Effect::Tell(_, Command::SignIn { user, .. }) => Some(user.as_str()),
        _ => None,
    });
    users.flatten().collect()
}

#[test]
fn a_proposed_homeserver_stands_in_the_field_and_completes_a_name() {
    let mut guide = configured(Config { home: home("example.org", false), ..Config::default() });
    guide.handle(Input::Began);
    assert_eq!(guide.step(), &Step::Server(step::Server { entered: "example.org".into(), trouble: None }));
    for (entered, address) in [
        ("example.org", "example.org"),
        ("ada", "@ada:example.org"),
        ("@ada", "@ada:example.org"),
        ("@ada:other.org", "@ada:other.org"),
        ("other.org", "other.org"),
    ] {
        let mut guide = Guide::at(guide.step().clone()).with(guide.config().clone());
        let effects = guide.handle(Input::EnteredServer(entered.into()));
        assert_eq!(effects, [Effect::Discover(Address::parse(address).unwrap())], "{entered}");
    }
    let trouble = Some(Problem::NotAnAddress(crate::domain::address::AddressError::Email));
    guide.handle(Input::EnteredServer("ada@example.org".into()));
    assert_eq!(guide.step(), &Step::Server(step::Server { entered: "ada@example.org".into(), trouble }));
}

#[test]
fn what_the_host_and_the_homeserver_ask_of_phrases_is_told_with_each_question() {
    let phrase = || Secret::from("glass otter");
    for (power, strength) in [(0, 10), (10, 10), (12, 12), (255, 16)] {
        let judge = Command::Judge { number: 1, phrase: phrase(), estimate: None, strength, least: 20 };
        let user_id = "@ada:example.org".to_owned();
        let estimate = Effect::Estimate { run: Run(1), judge: judge.clone(), user_id };
        for (input, effect) in [
            (Input::TypedPhrase(phrase()), estimate.clone()),
            (Input::ChosePhraseText(phrase()), estimate),
            // Nothing has to be fetched for what the engine proposed.
            (engine(Event::Suggested(phrase())), Effect::Tell(Run(1), judge)),
            (Input::WantedSuggestion, Effect::Tell(Run(1), Command::Suggest { least: 20 })),
        ] {
            let config = Config { strength: Strength::at_least(power), ..Config::default() };
            let mut guide = to_findings(fresh()).with(config);
            walk(&mut guide, [Input::FoundLeastPhrase(20), Input::ChosePhrase]);
            assert_eq!(guide.handle(input), [effect]);
        }
    }
}

#[test]
fn a_length_is_that_of_the_homeserver_entered_last_and_comes_at_any_time() {
    let mut guide = configured(Config::default());
    let enter = || Input::EnteredServer("example.org".into());
    walk(&mut guide, [Input::Began, enter(), Input::FoundLeastPhrase(20), Input::WentBack, enter()]);
    assert_eq!(guide.memory.least_phrase, 0);
    walk(&mut guide, [Input::Discovered(Ok(server())), password("ada"), Input::FoundLeastPhrase(30)]);
    assert_eq!(guide.memory.least_phrase, 30);
}

#[test]
fn the_hosts_contact_comes_before_those_of_the_homeserver() {
    let contact = |text: &str| Contact::parse(text).unwrap();
    let mut guide = configured(Config::default());
    guide.handle(Input::FoundContacts(vec![contact("admin@example.org")]));
    assert_eq!(guide.contacts(), [contact("admin@example.org")]);
    let mut guide = configured(Config { contact: Some(contact("Room 12")), ..Config::default() });
    guide.handle(Input::FoundContacts(vec![contact("admin@example.org")]));
    assert_eq!(guide.contacts(), [contact("Room 12")]);
}

#[test]
fn contacts_are_looked_for_only_if_somebody_else_has_to_mend_something() {
    let contact = || Contact::parse("admin@example.org").unwrap();
    let at = |problem: &Problem| {
        Guide::at(Step::Server(step::Server { entered: String::new(), trouble: Some(problem.clone()) }))
    };
    let stopped = |problem| Guide::at(Step::Stopped(step::Stopped { problem, written: Written::default() }));
    assert!(!Guide::default().lacks_contacts());
    assert!(stopped(Problem::engine_stopped()).lacks_contacts());
    assert!(!stopped(Problem::SignedOut).lacks_contacts());
    let broken = Problem::WellKnownBroken { server: "example.org".into() };
    assert!(at(&broken).lacks_contacts());
    assert!(!at(&Problem::Passing { status: None }).lacks_contacts());
    assert!(!at(&broken).with(Config { contact: Some(contact()), ..Config::default() }).lacks_contacts());
    let mut guide = at(&broken);
    guide.handle(Input::FoundContacts(vec![contact()]));
    assert!(!guide.lacks_contacts());
    guide.handle(Input::EnteredServer("@ada:other.org".into()));
    assert_eq!(guide.contacts(), [], "these belong to the server before");
}

#[test]
fn actions_that_a_host_switches_off_leave_everybody_a_way_on() {
    let offers = Offers { change_key: false, rotate: false, import: false, inside_element: false };
    let mut withheld = 0;
    let server = server();
    for_every_case(|account, known| {
        let mut visit = Visit { known: known.clone(), ..*Visit::new(server.clone(), account.clone()) };
        let (plan, free) = (visit.plan(), visit.others());
        assert_eq!(free, plan.others, "nothing is withheld by default");
        visit.offers = offers;
        let left = visit.others();
        if left == free {
            return;
        }
        withheld += 1;
        let gone = free.iter().filter(|action| !left.contains(action));
        for action in gone {
            assert!(matches!(action, Action::ChangeKey | Action::Rotate), "{action:?}");
        }
        // Looking and bringing keys in is all there is to do for such an account, and both are still offered.
        assert!(visit.proved().is_some(), "{account:?} {known:?}");
        assert!([Action::Cover, Action::BringKeys].into_iter().all(|action| visit.offers(action)));
    });
    assert!(withheld > 0, "something is withheld somewhere");
}

#[test]
fn an_action_that_the_host_switched_off_cannot_be_chosen() {
    let opened = opens_all();
    for (rotate, chosen) in [(true, true), (false, false)] {
        let mut guide = Guide { step: to_checked(with_app(), opened.clone()).step, ..Guide::default() };
        let Step::Findings(step::Findings { visit, .. }) = &mut guide.step else {
            panic!("{:?}", guide.step)
        };
        visit.offers = Offers { rotate, ..Offers::default() };
        guide.handle(Input::Chose(Action::Rotate));
        assert_eq!(matches!(guide.step(), Step::Consent(_)), chosen);
    }
}

#[test]
fn the_hosts_offers_reach_the_findings() {
    let offers = Offers { rotate: false, ..Offers::default() };
    let mut guide = configured(Config { offers, ..Config::default() });
    let user_id = || "@ada:example.org".to_owned();
    walk(
        &mut guide,
        [
            Input::Began,
            Input::EnteredServer(user_id()),
            Input::Discovered(Ok(server())),
            engine(Event::Ready),
            password(&user_id()),
            engine(signed_in(&user_id())),
            engine(Event::Looked(with_app())),
        ],
    );
    assert!(matches!(guide.step(), Step::Findings(step::Findings { visit, .. }) if visit.offers == offers));
}

#[test]
fn import_is_offered_where_no_app_can_send_keys_or_keys_are_missing() {
    let none = Offers { import: false, ..Offers::default() };
    let gap = |missing| RoomCoverage {
        room_id: "!r:hs".into(),
        name: "Room".into(),
        is_direct: false,
        is_left: false,
        covered: 1,
        missing,
        unopened: 0,
        mendable: 0,
        keys: 0,
        unknown: 0,
        gap: None,
        reached_ms: None,
        is_whole: true,
        trouble: false,
    };
    let with = |account: Account, app_lost: bool, missing: u64, offers: Offers| {
        let mut visit = Visit { offers, ..*Visit::new(server(), account) };
        visit.known.app_lost = app_lost;
        let mut harvest = Harvest::new(Box::new(visit), proved());
        harvest.survey.rooms = vec![gap(missing)];
        harvest
    };
    for (harvest, offered) in [
        (with(with_app(), false, 0, none), false),
        (with(with_app(), false, 0, Offers::default()), true),
        (with(set_up(), false, 0, none), true),
        (with(with_app(), true, 0, none), true),
        (with(with_app(), false, 1, none), true),
    ] {
        let mut guide = Guide::at(Step::OldKeys(step::OldKeys { harvest, talk: Verification::Idle }));
        guide.handle(Input::WentTo(Part::Import));
        assert_eq!(matches!(guide.step(), Step::Import(_)), offered);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// In any order of inputs: if the host accepts one homeserver only, the page looks for no other. No password of
    /// another server's account reaches the engine.
    #[test]
    fn a_locked_homeserver_is_the_only_one(
        name in prop_oneof![Just("example.org"), Just("https://hs.example.org")],
        late in any::<bool>(),
        inputs in vec(prop_oneof![
            3 => any_input_at_the_entrance(),
            1 => prop_oneof![Just("@ada:other.org"), Just("ada:other.org"), Just("@ada:example.org")].prop_map(password),
        ], 0..40),
    ) {
        let config = Config { home: home(name, true), ..Config::default() };
        let mut guide = if late { Guide::waiting() } else { configured(config.clone()) };
        let given = inputs.into_iter().filter(|input| !matches!(input, Input::Configured(_)));
        let half = if late { 5 } else { 0 };
        let (first, then): (Vec<_>, Vec<_>) = given.enumerate().partition(|(number, _)| *number < half);
        let told = Input::Configured(Box::new(config));
        let inputs = first.into_iter().map(|(_, input)| input)
            .chain(late.then_some(told))
            .chain(then.into_iter().map(|(_, input)| input));
        for input in inputs {
            let effects = guide.handle(input);
            for effect in &effects {
                if let Effect::Discover(address) = effect {
                    prop_assert_eq!(address, &Address::parse(name).unwrap());
                }
            }
            if name == "example.org" {
                prop_assert!(told_to_sign_in(&effects).iter().all(|user| !user.contains("other.org")));
            }
        }
    }
}
