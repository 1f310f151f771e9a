use super::*;
use crate::domain::{
    opening::{NotOpened, Opening},
    recovery_key::beginning::Beginning,
};

/// Lists every variant, for tests that must not miss one.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn all() -> Vec<Problem> {
    let host = || "hs.example.org".to_string();
    vec![
        Problem::NotAnAddress(AddressError::Empty),
        Problem::NotAnAddress(AddressError::NoServer),
        Problem::NotAnAddress(AddressError::BadServer),
        Problem::NotAnAddress(AddressError::BadUser),
        Problem::NotAnAddress(AddressError::Insecure),
        Problem::NotAnAddress(AddressError::Email),
        Problem::NotAnAddress(AddressError::Phone),
        Problem::NotAnAddress(AddressError::NotAUser),
        Problem::UnknownServer { server: host() },
        Problem::ServerUnreachable { host: host() },
        Problem::NoCors { host: host() },
        Problem::NotAHomeserver { host: host() },
        Problem::WellKnownBroken { server: host() },
        Problem::NoWayToSignIn { offers: vec!["m.login.jwt".into()] },
        Problem::NoWayToSignIn { offers: vec![] },
        Problem::WindowBlocked,
        Problem::NotLetIn { reason: String::new() },
        Problem::NotLetIn { reason: "server_error".into() },
        Problem::StrayAnswer,
        Problem::AnswerTooLate,
        Problem::PageRefused { reason: "invalid_client_metadata".into() },
        Problem::PageRefused { reason: String::new() },
        Problem::AnotherAccount {
            wanted: "@ada:example.org".into(),
            came: "@bob:example.org".into(),
            is_left: true,
        },
        Problem::AnotherAccount {
            wanted: "@ada:example.org".into(),
            came: "@bob:example.org".into(),
            is_left: false,
        },
        Problem::AnotherDevice { is_left: true },
        Problem::AnotherDevice { is_left: false },
        Problem::AnotherServer { server: host() },
        Problem::WrongPassword,
        Problem::Deactivated,
        Problem::Locked,
        Problem::RateLimited { wait_ms: 5_000 },
        Problem::SignedOut,
        Problem::ProofRefused,
        Problem::KeyAsPassword,
        Problem::TwoRecoveryKeys {
            beginnings: [['E', 's', 'T', 'c'], ['E', 's', 'T', 'i']].map(Beginning::example),
        },
        Problem::TwoRecoveryKeys { beginnings: [['E', 's', 'T', 'c']; 2].map(Beginning::example) },
        Problem::KeyFileAsKey,
        Problem::WeakKey,
        Problem::ProofUnsupported { stages: vec!["m.login.sso".into()] },
        Problem::ProofUnsupported { stages: vec![] },
        Problem::Passing { status: Some(502) },
        Problem::Passing { status: None },
        Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() },
        Problem::Refused { status: 400, errcode: String::new() },
        Problem::Garbled,
        Problem::SomeoneElseIsWriting,
        Problem::Contradicted,
        Problem::NotAsWritten { part: Part::Secrets },
        Problem::KeyNotProved,
        Problem::BackupReplaced,
        Problem::BackupNotUsed,
        Problem::KeyNotPutBack,
        Problem::OpensNothing,
        Problem::DoesNotFit,
        Problem::KeyFile(KeyFileError::NotAnExport),
        Problem::KeyFile(KeyFileError::RecoveryKey),
        Problem::KeyFile(KeyFileError::KeyAsPassphrase),
        Problem::KeyFile(KeyFileError::Damaged),
        Problem::KeyFile(KeyFileError::WrongPassphrase),
        Problem::KeyFile(KeyFileError::TooManyRounds { rounds: u32::MAX }),
        Problem::KeyFile(KeyFileError::UnknownVersion { version: 2 }),
        Problem::KeyFile(KeyFileError::TooLarge),
        Problem::KeyFile(KeyFileError::Empty),
        Problem::KeyFile(KeyFileError::Unreadable),
        Problem::EngineMissing,
        Problem::engine_stopped(),
        Problem::out_of_order(),
    ]
}

#[test]
fn every_problem_says_what_happened_and_what_to_do_in_short_sentences() {
    for problem in all() {
        let words = problem.words();
        assert!(!words.title.is_empty() && !words.action.is_empty(), "{problem:?}");
        for text in [&words.title, &words.meaning, &words.action] {
            assert!(!text.contains('!') && !text.contains("“”"), "{text}");
            for sentence in text.split(['.', ':']) {
                assert!(sentence.split_whitespace().count() < 20, "{sentence}");
            }
        }
    }
}

#[test]
fn a_problem_that_ends_the_visit_asks_only_for_what_can_be_done_then() {
    for problem in all() {
        let Words { action, .. } = problem.words_at_the_end();
        // Its screen has the button “Start again”, and nothing to enter, to open or to wait for.
        for gone in ["try again", "go back", "below", "that window", "countdown", "once more", "choose"] {
            assert!(!action.to_lowercase().contains(gone), "{problem:?}: {action}");
        }
        if problem.remedy() != Remedy::AskSomebody {
            assert!(action.to_lowercase().contains("start again"), "{problem:?}: {action}");
        }
    }
}

#[test]
fn only_what_went_wrong_looks_like_an_alarm() {
    let calm: Vec<_> = all().into_iter().filter(|problem| problem.words().tone != Tone::Alarm).collect();
    let expected = [
        Problem::NotLetIn { reason: String::new() },
        Problem::RateLimited { wait_ms: 5_000 },
        Problem::Passing { status: Some(502) },
        Problem::Passing { status: None },
    ];
    assert_eq!(calm, expected);
    // A key that opens something is no mistake, even where it does not lead on.
    let direct = |by_phrase| Opening::BackupDirectly { room_keys: 3, by_phrase };
    for (opening, tone) in [
        (direct(false), Tone::Good),
        (direct(true), Tone::Good),
        (Opening::Nothing(NotOpened::OlderBackup), Tone::Calm),
        (Opening::Nothing(NotOpened::AnotherKey), Tone::Alarm),
        (Opening::Nothing(NotOpened::NotAllTried), Tone::Alarm),
    ] {
        assert_eq!(opening.tone(), tone, "{opening:?}");
    }
}

#[test]
fn nobody_is_asked_to_copy_what_no_button_copies() {
    // Only findings and the end of a visit have “Copy for support”.
    for problem in all() {
        for Words { title, meaning, action, .. } in [problem.words(), problem.words_at_the_end()] {
            let text = [title, meaning, action].join(" ").to_lowercase();
            assert!(!text.contains("copy this") && !text.contains("copy the"), "{problem:?}: {text}");
        }
    }
}

#[test]
fn no_sentence_stands_outside_the_words() {
    for text in [include_str!("mod.rs"), include_str!("remedy.rs")] {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            assert!(!line.contains('"'), "{line}");
        }
    }
}

#[test]
fn the_text_for_support_names_the_place_in_our_source_and_nothing_else_of_the_cause() {
    let cause: Result<(), _> = Err("a text of others");
    let (problem, line) = (cause.map_err(|_| Problem::engine_stopped()).unwrap_err(), line!());
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "Key backup for Matrix {version}: The page stopped to be safe\n\
         Place in the code: src/domain/problem/tests.rs:{line}"
    );
    assert_eq!(problem.report(), Some(text));
    let (problem, line) = (Problem::out_of_order(), line!());
    let place = format!("\nPlace in the code: src/domain/problem/tests.rs:{line}");
    assert!(problem.report().unwrap().ends_with(&place));
    // Only a defect of this page has a place; what a server said is in no such text.
    for problem in all() {
        let is_ours = matches!(problem, Problem::EngineStopped(_) | Problem::OutOfOrder(_));
        assert_eq!(problem.report().is_some(), is_ours, "{problem:?}");
    }
}

#[test]
fn a_problem_is_the_same_one_wherever_it_showed() {
    let (here, there) = (Problem::out_of_order(), Problem::out_of_order());
    assert_eq!(here, there);
    assert_ne!(here, Problem::engine_stopped());
}
