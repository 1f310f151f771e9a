//! Every screen in every interesting state: the one list that tests, screenshots and the
//! accessibility pass use.

use crate::domain::{
    account::{Account, Backup, Device, Identity, SecretStorage},
    address::BaseUrl,
    diagnosis::diagnose,
    discovery::Server,
    guide::{Arrival, Draft, Keeping, MadeKey, Order, Outcome, Pause, ProofMistake, Step, Visit},
    passphrase::{Judgement, Refusal},
    plan::{SET_UP, Task},
    problem::{AddressErrorKind, Part, Problem},
    proved::Proved,
    recovery_key::RecoveryKeyError,
    secret::Secret,
};

/// A well-formed key that opens nothing.
const KEY: &str = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
const HOST: &str = "matrix.example.org";
const USER: &str = "@ada:example.org";

/// All of them, each with the name it is asked for by.
pub fn fixtures() -> Vec<(&'static str, Step)> {
    let mut all = vec![("intro", Step::Intro)];
    all.extend(before_sign_in());
    all.extend(sign_in());
    all.push(("looking", Step::Looking { server: server(), user_id: USER.into() }));
    all.extend(findings());
    all.extend(phrase());
    all.extend(key());
    all.extend(writing());
    all.extend(old_keys());
    all.extend(endings());
    all
}

fn before_sign_in() -> Vec<(&'static str, Step)> {
    let host = || HOST.to_owned();
    let at =
        |entered: &str, trouble: Problem| Step::Server { entered: entered.into(), trouble: Some(trouble) };
    let bad = |entered: &str, kind: AddressErrorKind| at(entered, Problem::NotAnAddress(kind));
    vec![
        ("server", Step::Server { entered: String::new(), trouble: None }),
        ("server-again", Step::Server { entered: USER.into(), trouble: None }),
        ("server-empty", bad("", AddressErrorKind::Empty)),
        ("server-missing", bad("@ada", AddressErrorKind::NoServer)),
        ("server-bad-server", bad("@ada:example org", AddressErrorKind::BadServer)),
        ("server-bad-user", bad("@a da:example.org", AddressErrorKind::BadUser)),
        ("server-insecure", bad("http://example.org", AddressErrorKind::Insecure)),
        ("server-email", bad("ada@example.org", AddressErrorKind::Email)),
        ("server-unknown", at("@ada:exmaple.org", Problem::UnknownServer { server: "exmaple.org".into() })),
        ("server-unreachable", at(USER, Problem::ServerUnreachable { host: host() })),
        ("server-no-cors", at(USER, Problem::NoCors { host: host() })),
        ("server-no-homeserver", at(USER, Problem::NotAHomeserver { host: host() })),
        ("server-well-known-broken", at(USER, Problem::WellKnownBroken { server: "example.org".into() })),
        ("server-no-password", at(USER, Problem::NoPasswordLogin { offers: vec!["m.login.sso".into()] })),
        ("server-rate-limited", at(USER, Problem::RateLimited { wait_ms: 42_000 })),
        ("server-passing", at(USER, Problem::Passing { status: Some(502) })),
        ("discovering", Step::Discovering { entered: USER.into() }),
    ]
}

fn sign_in() -> Vec<(&'static str, Step)> {
    let at =
        |engine_ready, waiting, trouble| Step::SignIn { server: server(), engine_ready, waiting, trouble };
    let nameless = Server { user_id: None, ..server() };
    vec![
        ("sign-in", at(true, false, None)),
        (
            "sign-in-nameless",
            Step::SignIn { server: nameless, engine_ready: true, waiting: false, trouble: None },
        ),
        ("sign-in-engine-coming", at(false, false, None)),
        ("sign-in-waiting-for-engine", at(false, true, None)),
        ("sign-in-waiting", at(true, true, None)),
        ("sign-in-wrong-password", at(true, false, Some(Problem::WrongPassword))),
        ("sign-in-rate-limited", at(true, false, Some(Problem::RateLimited { wait_ms: 298_000 }))),
        ("sign-in-deactivated", at(true, false, Some(Problem::Deactivated))),
        ("sign-in-locked", at(true, false, Some(Problem::Locked))),
        ("sign-in-passing", at(true, false, Some(Problem::Passing { status: None }))),
    ]
}

fn findings() -> Vec<(&'static str, Step)> {
    let at = |account: Account| {
        let diagnosis = diagnose(&account);
        Step::Findings { visit: Visit { server: server(), account }, diagnosis }
    };
    let present = || SecretStorage::Present { key_id: "abc123".into(), has_passphrase: true };
    let identity = || Some(Identity { master_key: "nqOvzeuGWT/sRx3h7+MHoInYj3Uk2LD/unI9kDYcHwk".into() });
    let backup = || Some(Backup { version: "3".into(), count: 1_284, etag: "17".into() });
    let fresh = account;
    vec![
        ("findings", at(fresh())),
        ("findings-switched-off", at(Account { backup_switched_off: true, ..fresh() })),
        ("findings-alone", at(Account { devices: Vec::new(), ..fresh() })),
        (
            "findings-set-up",
            at(Account {
                identity: identity(),
                secret_storage: present(),
                stored_secrets: 4,
                backup: backup(),
                ..fresh()
            }),
        ),
        ("findings-no-recovery-key", at(Account { identity: identity(), backup: backup(), ..fresh() })),
        ("findings-identity-only", at(Account { identity: identity(), ..fresh() })),
        ("findings-backup-only", at(Account { backup: backup(), ..fresh() })),
        (
            "findings-no-backup",
            at(Account { identity: identity(), secret_storage: present(), stored_secrets: 3, ..fresh() }),
        ),
        ("findings-no-identity", at(Account { secret_storage: present(), ..fresh() })),
        ("findings-dangling", at(Account { secret_storage: SecretStorage::Dangling, ..fresh() })),
        ("findings-unfinished", at(Account { identity: identity(), stored_secrets: 4, ..fresh() })),
    ]
}

fn phrase() -> Vec<(&'static str, Step)> {
    let at = |draft: Draft| Step::Phrase { visit: visit(), draft };
    let judged = |score: u8, refusal: Option<Refusal>, reason: &str| {
        let judgement = Some(Judgement { score, refusal, reason: reason.into() });
        at(Draft { number: 1, judgement, ..Draft::default() })
    };
    let suggestion = Some(Secret::from("copper lantern drift mosaic harbor velvet"));
    vec![
        ("phrase", at(Draft::default())),
        ("phrase-weak", judged(1, None, "This is a very common password.")),
        ("phrase-good", judged(3, None, "")),
        ("phrase-is-password", judged(4, Some(Refusal::AccountPassword), "")),
        ("phrase-is-user", judged(0, Some(Refusal::UserId), "")),
        ("phrase-is-server", judged(0, Some(Refusal::ServerName), "")),
        ("phrase-outer-space", judged(4, Some(Refusal::OuterSpace), "")),
        (
            "phrase-suggested",
            at(Draft {
                number: 2,
                judgement: Some(Judgement { score: 4, refusal: None, reason: String::new() }),
                suggestion,
                choosing: None,
            }),
        ),
        ("repeat", Step::Repeat { visit: visit(), phrase: "copper lantern".into(), differed: false }),
        ("repeat-differed", Step::Repeat { visit: visit(), phrase: "copper lantern".into(), differed: true }),
    ]
}

fn key() -> Vec<(&'static str, Step)> {
    let kept = || vec![Keeping::Downloaded];
    let save = |with_phrase, kept| Step::Save { visit: visit(), made: made(with_phrase), kept };
    let prove = |kept, mistake| Step::Prove { visit: visit(), made: made(false), kept, mistake };
    let wrong = |error| prove(kept(), Some(ProofMistake::Form(error)));
    let resume = |trouble| Step::Resume { visit: visit(), trying: None, trouble };
    let confirm = |with_phrase| Step::Confirm {
        visit: visit(),
        made: made(with_phrase),
        kept: kept(),
        proof: KEY.into(),
    };
    vec![
        ("making-key", Step::MakingKey { visit: visit(), phrase: None }),
        ("making-key-phrase", Step::MakingKey { visit: visit(), phrase: Some("copper lantern".into()) }),
        ("save", save(false, Vec::new())),
        ("save-phrase", save(true, Vec::new())),
        ("save-kept", save(false, vec![Keeping::Downloaded, Keeping::Printed])),
        ("prove", prove(kept(), None)),
        ("prove-by-hand", prove(vec![Keeping::WrittenDown], None)),
        ("prove-empty", wrong(RecoveryKeyError::Empty)),
        ("prove-too-short", wrong(RecoveryKeyError::Length(44))),
        ("prove-too-long", wrong(RecoveryKeyError::Length(49))),
        ("prove-character", wrong(RecoveryKeyError::Character('0'))),
        ("prove-parity", wrong(RecoveryKeyError::Parity)),
        ("prove-not-a-key", wrong(RecoveryKeyError::NotAKey)),
        ("prove-another-key", prove(kept(), Some(ProofMistake::AnotherKey))),
        ("resume", resume(None)),
        ("resume-trying", Step::Resume { visit: visit(), trying: Some(KEY.into()), trouble: None }),
        ("resume-wrong-key", resume(Some(Problem::OpensNothing))),
        ("resume-does-not-fit", resume(Some(Problem::DoesNotFit))),
        ("confirm", confirm(false)),
        ("confirm-phrase", confirm(true)),
    ]
}

fn writing() -> Vec<(&'static str, Step)> {
    let at = |tasks: usize, pause| Step::Writing {
        visit: visit(),
        order: Order::SetUp(KEY.into()),
        done: SET_UP[..tasks].to_vec(),
        pause,
    };
    let trouble = |tasks, problem| at(tasks, Some(Pause::Trouble(problem)));
    vec![
        ("writing", at(0, None)),
        ("writing-halfway", at(4, None)),
        ("writing-password", at(2, Some(Pause::Password { refused: false }))),
        ("writing-password-refused", at(2, Some(Pause::Password { refused: true }))),
        ("writing-passing", trouble(3, Problem::Passing { status: None })),
        ("writing-rate-limited", trouble(1, Problem::RateLimited { wait_ms: 12_000 })),
        ("writing-someone-else", trouble(0, Problem::SomeoneElseIsWriting)),
        ("writing-not-as-written", trouble(4, Problem::NotAsWritten { part: Part::Secrets })),
        (
            "writing-proof-unsupported",
            trouble(2, Problem::ProofUnsupported { stages: vec!["m.login.sso".into()] }),
        ),
        ("writing-refused", trouble(2, Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() })),
    ]
}

fn old_keys() -> Vec<(&'static str, Step)> {
    let at = |phrase_opens, visit, room_keys, unchanged, trouble| Step::OldKeys {
        visit,
        proved: proved(phrase_opens),
        arrival: Arrival { room_keys, unchanged, trouble },
    };
    let alone = Visit { account: Account { devices: Vec::new(), ..account() }, ..visit() };
    vec![
        ("old-keys", at(false, visit(), 0, 0, None)),
        ("old-keys-phrase", at(true, visit(), 0, 3, None)),
        ("old-keys-growing", at(false, visit(), 1_284, 0, None)),
        ("old-keys-quiet", at(false, visit(), 1_284, 9, None)),
        ("old-keys-trouble", at(false, visit(), 1_284, 2, Some(Problem::Passing { status: None }))),
        ("old-keys-alone", at(false, alone, 0, 0, None)),
    ]
}

fn endings() -> Vec<(&'static str, Step)> {
    let on = |phrase_opens| Outcome::BackupOn(proved(phrase_opens));
    let stopped = |problem, written: &[Task]| Step::Stopped { problem, written: written.to_vec() };
    let all: Vec<Task> = SET_UP.into_iter().filter(|task| task.writes()).collect();
    let passing = || Some(Problem::Passing { status: Some(502) });
    vec![
        ("signing-out", Step::SigningOut { outcome: on(false) }),
        ("signing-out-unchanged", Step::SigningOut { outcome: Outcome::NothingChanged }),
        ("finished", Step::Finished { outcome: on(false), trouble: None }),
        ("finished-phrase", Step::Finished { outcome: on(true), trouble: None }),
        ("finished-unchanged", Step::Finished { outcome: Outcome::NothingChanged, trouble: None }),
        ("finished-trouble", Step::Finished { outcome: on(false), trouble: passing() }),
        (
            "finished-unchanged-trouble",
            Step::Finished { outcome: Outcome::NothingChanged, trouble: passing() },
        ),
        ("stopped", stopped(Problem::EngineStopped, &[])),
        ("stopped-some-written", stopped(Problem::EngineStopped, &all[..2])),
        ("stopped-all-written", stopped(Problem::EngineStopped, &all)),
        ("stopped-engine-missing", stopped(Problem::EngineMissing, &[])),
        ("stopped-signed-out", stopped(Problem::SignedOut, &[])),
        ("stopped-garbled", stopped(Problem::Garbled, &[])),
        ("stopped-key-not-proved", stopped(Problem::KeyNotProved, &[])),
        ("stopped-out-of-order", stopped(Problem::OutOfOrder, &[])),
        ("stopped-proof-refused", stopped(Problem::ProofRefused, &all[..1])),
    ]
}

#[expect(clippy::expect_used, reason = "a constant, and never shipped")]
fn server() -> Server {
    let base_url = BaseUrl::parse("https://matrix.example.org").expect("the constant is an address");
    Server { base_url, user_id: Some(USER.into()) }
}

fn account() -> Account {
    let device = |id: &str, name: Option<&str>| Device {
        device_id: id.into(),
        name: name.map(str::to_owned),
        verified: false,
    };
    Account {
        user_id: USER.into(),
        device_id: "KEYBACKUPPAGE".into(),
        identity: None,
        secret_storage: SecretStorage::Absent,
        stored_secrets: 0,
        backup: None,
        backup_switched_off: false,
        devices: vec![device("QWERTYUIOP", Some("Element Desktop: Linux")), device("ASDFGHJKL", None)],
    }
}

fn visit() -> Visit {
    Visit { server: server(), account: account() }
}

fn made(with_phrase: bool) -> MadeKey {
    MadeKey { recovery_key: KEY.into(), with_phrase }
}

fn proved(phrase_opens: bool) -> Proved {
    Proved { key_id: "k1".into(), phrase_opens, backup_version: "1".into(), room_keys: 0 }
}
