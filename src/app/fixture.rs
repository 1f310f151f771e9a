//! Every screen in every interesting state: the one list that tests, screenshots and the
//! accessibility pass use.

mod configured;
mod proof;
mod sign_in;

use crate::{
    domain::{
        account::{Account, Backup, Device, Identity, Place, SecretStorage},
        address::{AddressError, BaseUrl},
        coverage::{Coverage, Gap, RoomCoverage},
        diagnosis::{KeyKnown, Known},
        discovery::Server,
        handed_over::{HandedBackupKey, HandedOver},
        key_file::{Imported, KeyFileError, TakenHome},
        kit::Kit,
        mended::Mended,
        opening::{Found, Nothing, Opening, StoredBackupKey, StoredIdentity},
        passphrase::{Judgement, Refusal},
        plan::{Action, SET_UP, Task, tasks},
        problem::Problem,
        proof::Last,
        proved::{Checked, Proved},
        recovery_key::RecoveryKeyError,
        rotation::{OlderVersion, Rotated},
        secret::Secret,
        sign_in::Ways,
        verification::{CancelReason, Emoji, Partner, Shown, Verification},
    },
    guide::{
        Arrival, CopyHome, Deletion, Draft, Goal, Guide, Harvest, Import, Job, Keeping, Long, MadeKey, News,
        Outcome, Pause, ProofMistake, Removal, Step, Survey, Visit, Work, Written,
    },
};

/// A well-formed key that opens nothing.
const KEY: &str = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
const HOST: &str = "matrix.example.org";
const USER: &str = "@ada:example.org";
/// A moment.
const NOON: u64 = 1_752_062_400_000;

/// All of them, each with the name it is asked for by.
pub fn fixtures() -> Vec<(&'static str, Guide)> {
    let plain = plain().into_iter().map(|(name, step)| (name, Guide::at(step)));
    plain.chain(configured::configured()).collect()
}

/// Those where no host has set anything.
fn plain() -> Vec<(&'static str, Step)> {
    let mut all = vec![("intro", Step::Intro)];
    all.extend(before_sign_in());
    all.extend(sign_in::sign_in());
    all.extend(sign_in::again());
    all.extend(looking());
    all.extend(findings());
    all.extend(findings_with_key());
    all.extend(check());
    all.extend(consent());
    all.extend(phrase());
    all.extend(key());
    all.extend(writing());
    all.extend(proof::proof());
    all.extend(writing_more());
    all.extend(rotated());
    all.extend(verify());
    all.extend(old_keys());
    all.extend(import());
    all.extend(covered());
    all.extend(take_home());
    all.extend(done());
    all.extend(endings());
    all
}

fn before_sign_in() -> Vec<(&'static str, Step)> {
    let host = || HOST.to_owned();
    let at =
        |entered: &str, trouble: Problem| Step::Server { entered: entered.into(), trouble: Some(trouble) };
    let bad = |entered: &str, kind: AddressError| at(entered, Problem::NotAnAddress(kind));
    vec![
        ("server", Step::Server { entered: String::new(), trouble: None }),
        ("server-again", Step::Server { entered: USER.into(), trouble: None }),
        ("server-empty", bad("", AddressError::Empty)),
        ("server-missing", bad("@ada", AddressError::NoServer)),
        ("server-bad-server", bad("@ada:example org", AddressError::BadServer)),
        ("server-bad-user", bad("@a da:example.org", AddressError::BadUser)),
        ("server-insecure", bad("http://example.org", AddressError::Insecure)),
        ("server-email", bad("ada@example.org", AddressError::Email)),
        ("server-unknown", at("@ada:exmaple.org", Problem::UnknownServer { server: "exmaple.org".into() })),
        ("server-unreachable", at(USER, Problem::ServerUnreachable { host: host() })),
        ("server-no-cors", at(USER, Problem::NoCors { host: host() })),
        ("server-no-homeserver", at(USER, Problem::NotAHomeserver { host: host() })),
        ("server-well-known-broken", at(USER, Problem::WellKnownBroken { server: "example.org".into() })),
        ("server-no-way", at(USER, Problem::NoWayToSignIn { offers: vec!["m.login.jwt".into()] })),
        ("server-rate-limited", at(USER, Problem::RateLimited { wait_ms: 42_000 })),
        ("server-passing", at(USER, Problem::Passing { status: Some(502) })),
        ("discovering", Step::Discovering { entered: USER.into() }),
    ]
}

fn looking() -> Vec<(&'static str, Step)> {
    let at = |trouble| Step::Looking { server: server(), user_id: USER.into(), trouble };
    vec![
        ("looking", at(None)),
        ("looking-trouble", at(Some(Problem::Passing { status: Some(502) }))),
        ("looking-rate-limited", at(Some(Problem::RateLimited { wait_ms: 5_000 }))),
    ]
}

fn at(account: Account, known: Known) -> Step {
    let visit = Box::new(Visit { known, ..*Visit::new(server(), account) });
    let diagnosis = visit.diagnosis();
    Step::Findings { visit, diagnosis, news: None }
}

fn findings() -> Vec<(&'static str, Step)> {
    let ask = |account| at(account, Known::default());
    let fresh = account;
    let lost = || Known { key: KeyKnown::Lost, ..Known::default() };
    let no_storage =
        || Account { secret_storage: SecretStorage::Absent, stored_secrets: 0, ..bare(with_app()) };
    let without_key = |devices: Account| Account { backup_key: Place::Nowhere, stored_secrets: 3, ..devices };
    let elsewhere = Account { identity_keys: Place::Elsewhere, backup_key: Place::Elsewhere, ..with_app() };
    vec![
        ("findings", ask(fresh())),
        ("findings-fresh-switched-off", at(off(fresh()), Known { wants_backup: true, ..Known::default() })),
        ("findings-alone", ask(alone(fresh()))),
        ("findings-key-wanted", ask(with_app())),
        ("findings-backup-without-key", ask(no_storage())),
        ("findings-identity-only", ask(Account { backup: None, ..no_storage() })),
        ("findings-key-lost-app-open", at(with_app(), lost())),
        ("findings-key-lost", at(alone(with_app()), lost())),
        ("findings-app-lost", {
            let visit = Box::new(Visit {
                known: Known { app_lost: true, ..lost() },
                earlier: vec![Known::default(), lost()],
                ..*Visit::new(server(), with_app())
            });
            let diagnosis = visit.diagnosis();
            Step::Findings { visit, diagnosis, news: None }
        }),
        ("findings-identity-orphaned", ask(alone(no_storage()))),
        ("findings-identity-not-stored", ask(bare(with_app()))),
        ("findings-backup-key-not-stored", ask(without_key(with_app()))),
        ("findings-backup-nobody-opens", ask(without_key(alone(with_app())))),
        ("findings-another-key", ask(elsewhere.clone())),
        ("findings-unfinished", ask(Account { secret_storage: SecretStorage::Absent, ..elsewhere })),
        ("findings-dangling", ask(Account { secret_storage: SecretStorage::Dangling, ..fresh() })),
        ("findings-identity-unpublished", ask(Account { identity: None, ..with_app() })),
        ("findings-switched-off", ask(off(with_app()))),
        ("findings-backup-only", ask(Account { backup: with_app().backup, ..fresh() })),
    ]
}

/// What an entered key tells.
fn findings_with_key() -> Vec<(&'static str, Step)> {
    let with = |account, found| at(account, tried(storage(found)));
    let gaps = |found: Found| Found {
        coverage: Some(Coverage { seen: 1_204, covered: 1_180, rooms_with_gaps: 3 }),
        ..found
    };
    let covered = |found: Found| Found {
        coverage: Some(Coverage { seen: 1_204, covered: 1_204, rooms_with_gaps: 0 }),
        ..found
    };
    let stored = |backup| found(StoredIdentity::Fits, backup);
    let unverified = || Account { devices: account().devices, ..with_app() };
    let wants = |known| Known { wants_backup: true, ..known };
    let direct = Opening::BackupDirectly { room_keys: 1_284 };
    let no_key = || Account { secret_storage: SecretStorage::Absent, stored_secrets: 0, ..bare(with_app()) };
    let news = |action, written: &[Task], opening| {
        let visit = Box::new(Visit {
            known: tried(opening),
            written: written.to_vec(),
            ..*Visit::new(server(), with_app())
        });
        let diagnosis = visit.diagnosis();
        Step::Findings { visit, diagnosis, news: Some(News { action, written: written.to_vec() }) }
    };
    vec![
        ("findings-all-good", with(with_app(), covered(all_right()))),
        ("findings-identity-missing", with(with_app(), found(StoredIdentity::Missing, fits(false)))),
        ("findings-backup-key-missing", with(with_app(), stored(StoredBackupKey::Missing))),
        (
            "findings-spare-backup-key",
            with(with_app(), Found { spare_backup_key: true, ..stored(StoredBackupKey::Missing) }),
        ),
        (
            "findings-backup-key-stale",
            with(alone(with_app()), stored(StoredBackupKey::Differs { opens_older: true })),
        ),
        (
            "findings-backup-key-put-aside",
            with(
                with_app(),
                Found {
                    archived_backup_key: true,
                    cut_short: true,
                    ..stored(StoredBackupKey::Differs { opens_older: false })
                },
            ),
        ),
        ("findings-backup-key-damaged", with(with_app(), stored(StoredBackupKey::Damaged))),
        ("findings-backup-unsigned", with(with_app(), stored(fits(false)))),
        ("findings-identity-replaced", with(with_app(), found(StoredIdentity::Differs, fits(false)))),
        (
            "findings-identity-replaced-alone",
            with(alone(with_app()), found(StoredIdentity::Differs, fits(false))),
        ),
        ("findings-older-key", at(with_app(), tried(Opening::OlderSecretStorage { found: all_right() }))),
        (
            "findings-identity-unpublished-key",
            with(Account { identity: None, ..with_app() }, found(StoredIdentity::Unpublished, fits(false))),
        ),
        ("findings-switch-on", at(off(with_app()), wants(tried(storage(all_right()))))),
        ("findings-device-unverified", with(unverified(), all_right())),
        ("findings-gaps", with(with_app(), gaps(all_right()))),
        ("findings-keys-nobody-has", with(alone(with_app()), gaps(all_right()))),
        ("findings-dehydrated", with(Account { dehydrated: true, ..with_app() }, all_right())),
        ("findings-backup-only-key", at(Account { backup: with_app().backup, ..account() }, tried(direct))),
        (
            "findings-no-backup",
            with(Account { backup: None, ..with_app() }, stored(StoredBackupKey::NoBackup)),
        ),
        (
            "findings-rotation-unfinished",
            with(with_app(), Found { cut_short: true, ..stored(StoredBackupKey::Missing) }),
        ),
        ("findings-handed-over", at(no_key(), handed(HandedBackupKey::Fits))),
        ("findings-handed-over-no-backup", {
            at(Account { backup: None, ..no_key() }, handed(HandedBackupKey::NoBackup))
        }),
        (
            "findings-handed-over-some",
            at(with_app(), Known { key: KeyKnown::Lost, ..handed(HandedBackupKey::Missing) }),
        ),
        ("findings-key-changed", news(Action::ChangeKey, &[Task::Commit], storage(all_right()))),
        (
            "findings-mended",
            news(Action::Repair, &[Task::StoreBackupKey, Task::SignBackup], storage(all_right())),
        ),
        ("findings-rotation-stopped", news(Action::Rotate, &[Task::Archive], storage(all_right()))),
    ]
}

fn check() -> Vec<(&'static str, Step)> {
    let visit = || Visit::new(server(), with_app());
    let at = |opening, trouble| Step::Check { visit: visit(), then: None, trying: false, opening, trouble };
    let nothing = |why| at(Some(Opening::Nothing(why)), None);
    let older = |backup| Opening::OlderSecretStorage { found: found(StoredIdentity::Missing, backup) };
    let then = Some(Action::Rotate);
    vec![
        ("check", at(None, None)),
        ("check-needed", Step::Check { visit: visit(), then, trying: false, opening: None, trouble: None }),
        (
            "check-trying",
            Step::Check { visit: visit(), then: None, trying: true, opening: None, trouble: None },
        ),
        ("check-password", nothing(Nothing::AccountPassword)),
        ("check-mistyped", nothing(Nothing::Mistyped)),
        ("check-another-key", nothing(Nothing::AnotherKey)),
        ("check-another-phrase", nothing(Nothing::AnotherPhrase)),
        ("check-no-phrase", nothing(Nothing::NoPhraseHere)),
        ("check-uncheckable", nothing(Nothing::Uncheckable)),
        ("check-older", at(Some(older(StoredBackupKey::Missing)), None)),
        ("check-older-backup", at(Some(older(fits(true))), None)),
        ("check-backup-directly", at(Some(Opening::BackupDirectly { room_keys: 1_284 }), None)),
        ("check-passing", at(None, Some(Problem::Passing { status: None }))),
        ("check-rate-limited", at(None, Some(Problem::RateLimited { wait_ms: 42_000 }))),
    ]
}

fn consent() -> Vec<(&'static str, Step)> {
    let unsigned = || tried(storage(found(StoredIdentity::Fits, fits(false))));
    let direct = || tried(Opening::BackupDirectly { room_keys: 1_284 });
    let lost = || Known { key: KeyKnown::Lost, ..Known::default() };
    let reset = |known, differed| Step::Consent { job: job(Action::Reset, known), differed };
    let confirm = |action, known| Step::Confirm {
        job: job(action, known),
        made: made(false),
        kept: vec![Keeping::Copied],
        proof: KEY.into(),
    };
    let key = || tried(storage(all_right()));
    vec![
        ("consent-repair", Step::Consent { job: job(Action::Repair, unsigned()), differed: false }),
        ("consent-rotate", Step::Consent { job: job(Action::Rotate, key()), differed: false }),
        ("consent-reset", reset(lost(), false)),
        ("consent-reset-differed", reset(lost(), true)),
        ("consent-reset-keeping", reset(direct(), false)),
        ("choose-change-key", Step::Choose { job: job(Action::ChangeKey, key()) }),
        ("choose-reset", Step::Choose { job: job(Action::Reset, lost()) }),
        ("choose-add-key", Step::Choose { job: job(Action::AddKey, handed(HandedBackupKey::Fits)) }),
        ("confirm-add-key", confirm(Action::AddKey, handed(HandedBackupKey::Fits))),
        ("confirm-add-key-fresh-backup", confirm(Action::AddKey, handed(HandedBackupKey::Missing))),
        ("confirm-change-key", confirm(Action::ChangeKey, key())),
        ("confirm-reset", confirm(Action::Reset, lost())),
        ("confirm-reset-keeping", confirm(Action::Reset, direct())),
    ]
}

fn phrase() -> Vec<(&'static str, Step)> {
    let at = |draft: Draft| Step::Phrase { job: set_up(), draft };
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
        ("phrase-not-for-this-host", judged(4, Some(Refusal::NotForThisHost), "")),
        ("phrase-outer-space", judged(4, Some(Refusal::OuterSpace), "")),
        ("phrase-invisible", judged(4, Some(Refusal::Invisible), "")),
        (
            "phrase-suggested",
            at(Draft {
                number: 2,
                judgement: Some(Judgement { score: 4, refusal: None, reason: String::new() }),
                suggestion,
                choosing: None,
            }),
        ),
        ("repeat", Step::Repeat { job: set_up(), phrase: "copper lantern".into(), differed: false }),
        ("repeat-differed", Step::Repeat { job: set_up(), phrase: "copper lantern".into(), differed: true }),
    ]
}

fn key() -> Vec<(&'static str, Step)> {
    let kept = || vec![Keeping::Downloaded];
    let save = |with_phrase, kept| Step::Save { job: set_up(), made: made(with_phrase), kept };
    let prove = |kept, mistake| Step::Prove { job: set_up(), made: made(false), kept, mistake };
    let wrong = |error| prove(kept(), Some(ProofMistake::Form(error)));
    let visit = || Visit::new(server(), Account { stored_secrets: 4, ..account() });
    let resume = |trouble| Step::Resume { visit: visit(), trying: None, trouble };
    let confirm = |with_phrase| Step::Confirm {
        job: set_up(),
        made: made(with_phrase),
        kept: kept(),
        proof: KEY.into(),
    };
    vec![
        ("making-key", Step::MakingKey { job: set_up(), phrase: None }),
        ("making-key-phrase", Step::MakingKey { job: set_up(), phrase: Some("copper lantern".into()) }),
        ("save", save(false, Vec::new())),
        ("save-phrase", save(true, Vec::new())),
        ("save-in-manager", save(false, vec![Keeping::InManager])),
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
        job: set_up(),
        kept_key: KEY.into(),
        work: Work { done: SET_UP[..tasks].to_vec(), ..Work::default() },
        pause,
    };
    let trouble = |tasks, problem| at(tasks, Some(Pause::Trouble(problem)));
    vec![
        ("writing", at(0, None)),
        ("writing-halfway", at(4, None)),
        ("writing-passing", trouble(3, Problem::Passing { status: None })),
        ("writing-rate-limited", trouble(1, Problem::RateLimited { wait_ms: 12_000 })),
        ("writing-refused", trouble(2, Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() })),
    ]
}

/// What the other actions write.
fn writing_more() -> Vec<(&'static str, Step)> {
    let at = |action, known: Known, done: usize, progress, stopping, pause| {
        let job = job(action, known);
        let done = tasks(action, &job.visit.account, &job.visit.known).into_iter().take(done).collect();
        let work = Work { done, progress, stopping, ..Work::default() };
        Step::Writing { job, kept_key: Secret::default(), work, pause }
    };
    let key = || tried(storage(all_right()));
    let lost = Known { key: KeyKnown::Lost, ..Known::default() };
    let unsigned = tried(storage(found(StoredIdentity::Fits, fits(false))));
    let passing = Some(Pause::Trouble(Problem::Passing { status: None }));
    vec![
        ("writing-add-key", at(Action::AddKey, handed(HandedBackupKey::Fits), 2, None, false, None)),
        ("writing-change-key", at(Action::ChangeKey, key(), 2, None, false, None)),
        ("writing-repair", at(Action::Repair, unsigned, 1, None, false, None)),
        ("writing-reset", at(Action::Reset, lost, 3, None, false, None)),
        ("writing-rotate", at(Action::Rotate, key(), 1, Some((1_284, 20_000)), false, None)),
        ("writing-rotate-stopping", at(Action::Rotate, key(), 5, Some((12_000, 20_000)), true, None)),
        ("writing-rotate-passing", at(Action::Rotate, key(), 5, Some((12_000, 20_000)), false, passing)),
    ]
}

fn rotated() -> Vec<(&'static str, Step)> {
    let older =
        |version: &str, room_keys, opened| OlderVersion { version: version.into(), room_keys, opened };
    let at = |older: Vec<OlderVersion>, deletion, trouble| Step::Rotated {
        visit: visit(),
        proved: proved(false),
        rotated: Rotated { rooms: 18, room_keys: 1_284, maybe_more: older.len() == 1, older },
        deletion,
        trouble,
    };
    let both = || vec![older("2", 1_284, 1_284), older("1", 97, 12)];
    vec![
        ("rotated", at(vec![older("2", 1_284, 1_284)], Deletion::Kept, None)),
        ("rotated-unreadable", at(both(), Deletion::Kept, None)),
        ("rotated-only-unreadable", at(vec![older("1", 97, 12)], Deletion::Kept, None)),
        ("rotated-first", at(Vec::new(), Deletion::Kept, None)),
        ("rotated-deleting", at(both(), Deletion::Asked, None)),
        ("rotated-deleted", at(both(), Deletion::Done, None)),
        ("rotated-trouble", at(both(), Deletion::Kept, Some(Problem::Passing { status: None }))),
    ]
}

fn partner() -> Partner {
    Partner { device_id: "QWERTYUIOP".into(), name: Some("Element Desktop: Linux".into()) }
}

fn verify() -> Vec<(&'static str, Step)> {
    let receive = || Goal::Receive(Visit::new(server(), with_app()));
    let give = || Goal::Give(harvest());
    let came = |identity, backup| Some(HandedOver { identity, backup });
    let at =
        |goal, talk, handed_over, waited| Step::Verify { goal, talk, handed_over, waited, trouble: None };
    let talk = |talk| at(receive(), talk, None, 5);
    let ended = |by_us, reason| talk(Verification::Cancelled { by_us, reason });
    let nameless = Partner { name: None, ..partner() };
    let emoji = [
        ("🐶", "Dog"),
        ("☂️", "Umbrella"),
        ("🎅", "Santa"),
        ("🔧", "Spanner"),
        ("🦋", "Butterfly"),
        ("⏰", "Clock"),
        ("👍", "Thumbs Up"),
    ];
    let emoji = emoji.map(|(symbol, name)| Emoji { symbol: symbol.into(), name: name.into() }).to_vec();
    let decimals = (4_321, 1_000, 8_191);
    let comparing = |emoji| {
        let shown = Shown::new(emoji, decimals);
        shown.map_or(Verification::Idle, |shown| Verification::Comparing { partner: partner(), shown })
    };
    let done = || Verification::Done(partner());
    let trouble = Some(Problem::Passing { status: None });
    let failed =
        Step::Verify { goal: receive(), talk: Verification::Idle, handed_over: None, waited: 5, trouble };
    vec![
        ("verify", talk(Verification::Idle)),
        ("verify-give", at(give(), Verification::Idle, None, 0)),
        ("verify-asked", talk(Verification::Asked)),
        ("verify-asked-long", at(receive(), Verification::Asked, None, 75)),
        ("verify-asked-by", talk(Verification::AskedBy(partner()))),
        ("verify-asked-by-nameless", talk(Verification::AskedBy(nameless))),
        ("verify-agreed", talk(Verification::Agreed(partner()))),
        ("verify-comparing", talk(comparing(emoji))),
        ("verify-comparing-numbers", talk(comparing(Vec::new()))),
        ("verify-confirmed", talk(Verification::Confirmed(partner()))),
        ("verify-waiting", at(receive(), done(), None, 5)),
        ("verify-late", at(receive(), done(), None, 35)),
        ("verify-some", at(receive(), done(), came(true, HandedBackupKey::Missing), 5)),
        ("verify-some-late", at(receive(), done(), came(true, HandedBackupKey::Missing), 35)),
        ("verify-differs-late", at(receive(), done(), came(true, HandedBackupKey::Differs), 35)),
        ("verify-given", at(give(), done(), None, 0)),
        ("verify-stopped", ended(true, CancelReason::Declined)),
        ("verify-declined", ended(false, CancelReason::Declined)),
        ("verify-timed-out", ended(false, CancelReason::TimedOut)),
        ("verify-differed", ended(true, CancelReason::Differed)),
        ("verify-answered-elsewhere", ended(false, CancelReason::AnsweredElsewhere)),
        ("verify-unsupported", ended(false, CancelReason::Unsupported)),
        ("verify-keys-differ", ended(false, CancelReason::KeysDiffer)),
        ("verify-swapped", ended(true, CancelReason::Swapped)),
        ("verify-failed", ended(true, CancelReason::Failed)),
        ("verify-trouble", failed),
    ]
}

fn old_keys() -> Vec<(&'static str, Step)> {
    let at = |harvest, room_keys, unchanged, trouble| {
        let still_ms = [0, 2_000, 6_000, 14_000].get(unchanged).copied().unwrap_or(75_000);
        let arrival = Arrival { room_keys, still_ms, trouble, ..Arrival::default() };
        Step::OldKeys { harvest: Box::new(Harvest { arrival, ..harvest }), talk: Verification::Idle }
    };
    let of = |visit: Box<Visit>| *Harvest::new(visit, proved(false));
    let phrase = *Harvest::new(visit(), proved(true));
    let here = Box::new(Visit { account: alone(account()), ..*visit() });
    let unchanged =
        Box::new(Visit { known: tried(storage(all_right())), ..*Visit::new(server(), with_app()) });
    let rotated = Box::new(Visit { written: vec![Task::CreateBackup, Task::Upload], ..*visit() });
    let full = Harvest { proved: Proved { room_keys: 1_284, ..proved(false) }, ..of(rotated) };
    let asked = Step::OldKeys { harvest: harvest(), talk: Verification::AskedBy(partner()) };
    vec![
        ("old-keys", at(of(visit()), 0, 0, None)),
        ("old-keys-phrase", at(phrase, 0, 3, None)),
        ("old-keys-growing", at(of(visit()), 1_284, 0, None)),
        ("old-keys-quiet", at(of(visit()), 1_284, 9, None)),
        ("old-keys-trouble", at(of(visit()), 1_284, 2, Some(Problem::Passing { status: None }))),
        ("old-keys-alone", at(of(here), 0, 0, None)),
        ("old-keys-unchanged", at(of(unchanged), 1_284, 0, None)),
        (
            "old-keys-app-with-key",
            at(of(Box::new(Visit { written: vec![Task::StoreSecrets], ..*visit() })), 1_284, 0, None),
        ),
        (
            "old-keys-app-finds-it",
            at(
                of(Box::new(Visit { written: vec![Task::StoreSecrets, Task::CreateBackup], ..*visit() })),
                0,
                0,
                None,
            ),
        ),
        ("old-keys-rotated", at(full, 1_284, 5, None)),
        ("old-keys-asked", asked),
    ]
}

fn import() -> Vec<(&'static str, Step)> {
    let at = |import, trouble| Step::Import { harvest: harvest(), import, trouble };
    let chosen = || Import::Chosen { name: "element-keys.txt".into(), bytes: 1_612_345 };
    let wrong = |error| at(chosen(), Some(Problem::KeyFile(error)));
    let running = |progress, stopping| {
        let work = Long { progress, stopping, mends: false };
        at(Import::Running { name: "element-keys.txt".into(), bytes: 125_000_000, work }, None)
    };
    let imported = Imported {
        in_file: 1_300,
        new: 1_180,
        better: 4,
        already_there: 104,
        unreadable: 12,
        rooms: 18,
        room_keys: 1_288,
    };
    let same = Imported { new: 0, better: 0, already_there: 1_300, unreadable: 0, ..imported };
    let passing = Some(Problem::Passing { status: Some(502) });
    vec![
        ("import", at(Import::Choosing, None)),
        ("import-too-large", at(Import::Choosing, Some(Problem::KeyFile(KeyFileError::TooLarge)))),
        ("import-chosen", at(chosen(), None)),
        ("import-wrong-passphrase", wrong(KeyFileError::WrongPassphrase)),
        ("import-not-an-export", wrong(KeyFileError::NotAnExport)),
        ("import-damaged", wrong(KeyFileError::Damaged)),
        ("import-rounds", wrong(KeyFileError::TooManyRounds { rounds: 4_000_000_000 })),
        ("import-version", wrong(KeyFileError::UnknownVersion { version: 7 })),
        ("import-empty", wrong(KeyFileError::Empty)),
        ("import-unreadable", wrong(KeyFileError::Unreadable)),
        ("import-passing", at(chosen(), passing)),
        ("import-opening", running(None, false)),
        ("import-saving", running(Some((20_000, 100_000)), false)),
        ("import-stopping", running(Some((20_000, 100_000)), true)),
        ("import-done", at(Import::Done(imported), None)),
        ("import-nothing-new", at(Import::Done(same), None)),
    ]
}

/// Some rooms as they are in a life.
fn rooms(missing: u64) -> Vec<RoomCoverage> {
    let room = |name: &str, covered: u64| RoomCoverage {
        room_id: ["!", name, ":example.org"].concat(),
        name: name.into(),
        is_direct: false,
        is_left: false,
        covered,
        missing: 0,
        unopened: 0,
        mendable: 0,
        keys: covered.div_ceil(4),
        unknown: 0,
        gap: None,
        reached_ms: None,
        is_whole: true,
        trouble: false,
    };
    let gap = Gap {
        from_ms: 1_709_460_000_000,
        to_ms: 1_712_650_000_000,
        senders: vec!["@grace:example.org".into(), "@alan:example.com".into()],
        more_senders: 2,
    };
    let mut all = vec![
        RoomCoverage {
            is_direct: true,
            is_whole: false,
            reached_ms: Some(1_709_460_000_000),
            ..room("Grace", 812)
        },
        RoomCoverage { unknown: 41, ..room("Allotment association", 390) },
        RoomCoverage { is_left: true, ..room("", 2) },
        RoomCoverage { covered: 0, ..room("New room", 0) },
    ];
    if missing > 0 {
        all.push(RoomCoverage { missing, gap: Some(gap), ..room("Choir, tenors and basses, Thursday", 120) });
    }
    all
}

/// The same, with one in which only this page can read the keys.
fn mendable() -> Vec<RoomCoverage> {
    let mut all = rooms(0);
    all.extend(rooms(1).pop().map(|room| RoomCoverage {
        covered: 0,
        missing: 0,
        gap: None,
        unopened: 10,
        mendable: 10,
        ..room
    }));
    all
}

fn covered() -> Vec<(&'static str, Step)> {
    let at = |rooms, at_ms, work, trouble| {
        let survey = Survey { rooms, at_ms, ..Survey::default() };
        Step::Coverage { harvest: Box::new(Harvest { survey, ..*harvest() }), work, trouble }
    };
    let alone = |rooms| {
        let visit = Box::new(Visit { account: alone(account()), ..*visit() });
        let survey = Survey { rooms, at_ms: Some(NOON), ..Survey::default() };
        let harvest = Box::new(Harvest { survey, ..*Harvest::new(visit, proved(false)) });
        Step::Coverage { harvest, work: None, trouble: None }
    };
    let going = |paused, trouble| {
        let survey =
            Survey { rooms: rooms(0), at_ms: Some(NOON), more: true, paused, trouble, ..Survey::default() };
        Step::Coverage { harvest: Box::new(Harvest { survey, ..*harvest() }), work: None, trouble: None }
    };
    let closed = |missing| {
        let mut rooms = rooms(missing);
        rooms.extend(rooms.first().cloned().map(|room| RoomCoverage {
            room_id: "!old:example.org".into(),
            name: "Old app".into(),
            covered: 3,
            unopened: 7,
            ..room
        }));
        rooms
    };
    let looking = |progress, stopping| Some(Long { progress, stopping, mends: false });
    let mending = Some(Long { progress: Some((2, 9)), stopping: false, mends: true });
    let mut troubled = rooms(0);
    troubled.extend(rooms(3).pop().map(|room| RoomCoverage { missing: 0, gap: None, trouble: true, ..room }));
    let kept = {
        let survey = Survey { rooms: mendable(), at_ms: Some(NOON), ..Survey::default() };
        let mended = Some(Mended { mended: 0, kept: 2 });
        let harvest = Box::new(Harvest { survey, mended, ..*harvest() });
        Step::Coverage { harvest, work: None, trouble: None }
    };
    let many = |count: u64| -> Vec<RoomCoverage> {
        let room = |number: u64| {
            let pattern = rooms(37).remove(if number.is_multiple_of(25) { 4 } else { (number % 4) as usize });
            RoomCoverage { room_id: number.to_string(), ..pattern }
        };
        (0..count).map(room).collect()
    };
    vec![
        ("coverage-looking", at(Vec::new(), None, looking(None, false), None)),
        ("coverage-half", at(rooms(0), None, looking(Some((9, 18)), false), None)),
        ("coverage-stopping", at(rooms(0), None, looking(Some((9, 18)), true), None)),
        ("coverage", at(rooms(0), Some(NOON), None, None)),
        ("coverage-gaps", at(rooms(37), Some(NOON), None, None)),
        ("coverage-gap-of-one", at(rooms(1), Some(NOON), None, None)),
        ("coverage-gaps-alone", alone(rooms(37))),
        ("coverage-trouble-in-room", at(troubled, Some(NOON), None, None)),
        ("coverage-mendable", at(mendable(), Some(NOON), None, None)),
        ("coverage-mending", at(mendable(), Some(NOON), mending, None)),
        ("coverage-kept", kept),
        ("coverage-unopened", at(closed(0), Some(NOON), None, None)),
        ("coverage-unopened-gaps", at(closed(37), Some(NOON), None, None)),
        ("coverage-going-on", going(false, None)),
        ("coverage-paused", going(true, None)),
        ("coverage-paused-trouble", going(false, Some(Problem::Passing { status: None }))),
        ("coverage-stopped", at(rooms(0), None, None, None)),
        ("coverage-none", at(Vec::new(), Some(NOON), None, None)),
        ("coverage-passing", at(rooms(0), None, None, Some(Problem::Passing { status: None }))),
        ("coverage-many", at(many(500), Some(NOON), None, None)),
    ]
}

fn taken() -> CopyHome {
    CopyHome::Taken(TakenHome { room_keys: 1_284, rooms: 18, unreadable: 0, bytes: 1_612_345, at_ms: NOON })
}

fn take_home() -> Vec<(&'static str, Step)> {
    let at = |copy, draft, work, trouble| {
        let harvest = Box::new(Harvest { copy, ..*harvest() });
        Step::TakeHome { harvest, draft, work, trouble }
    };
    let draft = |score, suggestion: Option<Secret>| {
        let judgement = Some(Judgement { score, refusal: None, reason: String::new() });
        Draft { number: 1, judgement, suggestion, choosing: None }
    };
    let none = || CopyHome::NotOffered;
    let making = |progress, stopping| {
        at(none(), Draft::default(), Some(Long { progress, stopping, mends: false }), None)
    };
    let some =
        CopyHome::Taken(TakenHome { room_keys: 1_280, rooms: 18, unreadable: 4, bytes: 9, at_ms: NOON });
    let words = Some("copper lantern drift mosaic harbor velvet".into());
    vec![
        ("take-home", at(none(), Draft::default(), None, None)),
        ("take-home-weak", at(none(), draft(1, None), None, None)),
        ("take-home-suggested", at(none(), draft(4, words), None, None)),
        ("take-home-passing", at(none(), Draft::default(), None, Some(Problem::Passing { status: None }))),
        ("take-home-beginning", making(None, false)),
        ("take-home-half", making(Some((600, 1_284)), false)),
        ("take-home-stopping", making(Some((600, 1_284)), true)),
        ("take-home-taken", at(taken(), Draft::default(), None, None)),
        ("take-home-older", at(CopyHome::Older, Draft::default(), None, None)),
        ("take-home-taken-some", at(some, Draft::default(), None, None)),
    ]
}

/// Everything that can be green is.
fn safe() -> Harvest {
    let arrival = Arrival { room_keys: 1_284, still_ms: 75_000, ..Arrival::default() };
    let checked = Checked { proved: proved(false), at_ms: NOON, left_over: Vec::new() };
    let rooms = rooms(0).into_iter().map(|room| RoomCoverage { is_whole: true, ..room }).collect();
    let survey = Survey { rooms, at_ms: Some(NOON), ..Survey::default() };
    Harvest { arrival, checked: Some(checked), survey, copy: taken(), ..*harvest() }
}

/// The same, but for the oldest messages of one room.
fn safe_so_far() -> Harvest {
    let survey = Survey { rooms: rooms(0), at_ms: Some(NOON), more: true, ..Survey::default() };
    Harvest { survey, ..safe() }
}

fn done() -> Vec<(&'static str, Step)> {
    let at = |harvest, kit, removal, trouble| Step::Done {
        harvest: Box::new(harvest),
        ticks: 0,
        kit,
        removal,
        trouble,
    };
    let plain = |harvest| at(harvest, None, Removal::Offered, None);
    let left = |removal| {
        let device = |id: &str| Device {
            device_id: id.into(),
            name: Some("Key backup page (temporary)".into()),
            verified: false,
        };
        let checked = Checked {
            proved: proved(false),
            at_ms: NOON,
            left_over: vec![device("OLDPAGEONE"), device("OLDPAGETWO")],
        };
        at(Harvest { checked: Some(checked), ..safe() }, None, removal, None)
    };
    let gaps = Survey { rooms: rooms(37), at_ms: Some(NOON), ..Survey::default() };
    let growing = Arrival { room_keys: 1_284, ..Arrival::default() };
    let copy = |room_keys, unreadable| {
        CopyHome::Taken(TakenHome { room_keys, rooms: 18, unreadable, bytes: 9, at_ms: NOON })
    };
    let looked = |rooms| Survey { rooms, at_ms: Some(NOON), ..Survey::default() };
    let passing = Some(Problem::Passing { status: None });
    vec![
        ("done", plain(safe())),
        ("done-so-far", plain(safe_so_far())),
        ("done-checking", plain(Harvest { checked: None, ..safe() })),
        ("done-phrase", plain(Harvest { proved: proved(true), ..safe() })),
        ("done-gaps", plain(Harvest { survey: gaps, ..safe() })),
        (
            "done-not-looked",
            plain(Harvest { survey: Survey::default(), copy: CopyHome::NotOffered, ..safe() }),
        ),
        ("done-growing", plain(Harvest { arrival: growing, copy: CopyHome::Declined, ..safe() })),
        ("done-copy-older", plain(Harvest { copy: CopyHome::Older, ..safe() })),
        ("done-copy-lacks", plain(Harvest { copy: copy(100, 0), ..safe() })),
        ("done-copy-partial", plain(Harvest { copy: copy(1_280, 4), ..safe() })),
        ("done-no-rooms", plain(Harvest { copy: copy(0, 0), survey: looked(Vec::new()), ..safe() })),
        ("done-mendable", plain(Harvest { survey: looked(mendable()), ..safe() })),
        ("done-passing", at(safe(), None, Removal::Offered, passing)),
        ("done-kit", at(safe(), Some(kit()), Removal::Offered, None)),
        ("done-left-over", left(Removal::Offered)),
        ("done-removing", left(Removal::Asked)),
        ("done-removal-password", left(Removal::Proof(proof::password(Last::None)))),
        ("done-removal-refused", left(Removal::Proof(proof::password(Last::Refused)))),
        ("done-removal-sso", left(Removal::Proof(proof::either(Last::NotYet)))),
    ]
}

fn endings() -> Vec<(&'static str, Step)> {
    let on = |phrase_opens| Outcome::BackupOn(proved(phrase_opens));
    let all: Vec<Task> = SET_UP.into_iter().filter(|task| task.writes()).collect();
    let complete = |tasks: &[Task]| Written { tasks: tasks.to_vec(), ..Written::default() };
    let cut_short = |surely: usize| Written {
        tasks: all[..surely].to_vec(),
        perhaps: all.get(surely).copied(),
        cut_short: true,
    };
    let stopped = |problem, written| Step::Stopped { problem, written };
    let nothing = Written::default;
    let passing = || Some(Problem::Passing { status: Some(502) });
    let finished = |outcome, trouble| Step::Finished { outcome, trouble };
    let gaps = Survey { rooms: rooms(37), at_ms: Some(NOON), ..Survey::default() };
    let almost = Box::new(Harvest { survey: gaps, copy: CopyHome::Declined, ..safe() });
    vec![
        ("signing-out", Step::SigningOut { outcome: on(false) }),
        ("signing-out-changed", Step::SigningOut { outcome: Outcome::Changed(None) }),
        ("signing-out-unchanged", Step::SigningOut { outcome: Outcome::NothingChanged }),
        ("finished", finished(on(false), None)),
        ("finished-phrase", finished(on(true), None)),
        ("finished-unchanged", finished(Outcome::NothingChanged, None)),
        ("finished-checked", finished(Outcome::Checked(proved(true)), None)),
        ("finished-changed", finished(Outcome::Changed(Some(proved(false))), None)),
        ("finished-changed-not-all", finished(Outcome::Changed(None), None)),
        ("finished-safe", finished(Outcome::Done(Box::new(safe())), None)),
        ("finished-safe-so-far", finished(Outcome::Done(Box::new(safe_so_far())), None)),
        ("finished-almost", finished(Outcome::Done(almost), None)),
        ("finished-safe-trouble", finished(Outcome::Done(Box::new(safe())), passing())),
        ("finished-trouble", finished(on(false), passing())),
        ("finished-unchanged-trouble", finished(Outcome::NothingChanged, passing())),
        ("stopped", stopped(Problem::EngineStopped, nothing())),
        ("stopped-some-written", stopped(Problem::EngineStopped, cut_short(2))),
        ("stopped-perhaps-written", stopped(Problem::EngineStopped, cut_short(0))),
        ("stopped-all-written", stopped(Problem::EngineStopped, complete(&all))),
        ("stopped-engine-missing", stopped(Problem::EngineMissing, nothing())),
        ("stopped-signed-out", stopped(Problem::SignedOut, nothing())),
        ("stopped-garbled", stopped(Problem::Garbled, nothing())),
        ("stopped-key-not-proved", stopped(Problem::KeyNotProved, nothing())),
        ("stopped-out-of-order", stopped(Problem::OutOfOrder, nothing())),
        ("stopped-proof-refused", stopped(Problem::ProofRefused, cut_short(1))),
    ]
}

#[expect(clippy::expect_used, reason = "a constant, and never shipped")]
fn server() -> Server {
    let base_url = BaseUrl::parse("https://matrix.example.org").expect("the constant is an address");
    Server { base_url, user_id: Some(USER.into()), ways: Ways::password() }
}

fn account() -> Account {
    let device = |id: &str, name: Option<&str>| Device {
        device_id: id.into(),
        name: name.map(str::to_owned),
        verified: false,
    };
    Account {
        devices: vec![device("QWERTYUIOP", Some("Element Desktop: Linux")), device("ASDFGHJKL", None)],
        ..Account::fresh(USER, "KEYBACKUPPAGE")
    }
}

/// Everything set up, and an app open that holds it.
fn with_app() -> Account {
    let master_key = "nqOvzeuGWT/sRx3h7+MHoInYj3Uk2LD/unI9kDYcHwk".into();
    let name = Some("Element Desktop: Linux".into());
    Account {
        identity: Some(Identity { master_key }),
        secret_storage: SecretStorage::Present { key_id: "abc123".into(), has_passphrase: true },
        stored_secrets: 4,
        identity_keys: Place::UnderDefault,
        backup_key: Place::UnderDefault,
        backup: Some(Backup { version: "3".into(), count: 1_284, etag: "17".into(), signed: true }),
        devices: vec![Device { device_id: "QWERTYUIOP".into(), name, verified: true }],
        ..account()
    }
}

/// The identity's keys are not stored.
fn bare(account: Account) -> Account {
    Account { identity_keys: Place::Nowhere, backup_key: Place::Nowhere, ..account }
}

fn alone(account: Account) -> Account {
    Account { devices: Vec::new(), ..account }
}

fn off(account: Account) -> Account {
    Account { backup_switched_off: true, ..account }
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
    StoredBackupKey::Fits { proved: Proved { room_keys: 1_284, ..proved(false) }, signed }
}

fn all_right() -> Found {
    found(StoredIdentity::Fits, fits(true))
}

fn storage(found: Found) -> Opening {
    Opening::SecretStorage { by_phrase: false, found }
}

fn tried(opening: Opening) -> Known {
    Known { key: KeyKnown::Tried(opening), ..Known::default() }
}

fn job(action: Action, known: Known) -> Job {
    Job { visit: Box::new(Visit { known, ..*Visit::new(server(), with_app()) }), action }
}

fn set_up() -> Job {
    Job { visit: Visit::new(server(), account()), action: Action::SetUp }
}

/// A visit in which the first set-up was done.
fn visit() -> Box<Visit> {
    let written = SET_UP.into_iter().filter(|task| task.writes()).collect();
    Box::new(Visit { written, ..*Visit::new(server(), account()) })
}

fn harvest() -> Box<Harvest> {
    Harvest::new(visit(), proved(false))
}

fn handed(backup: HandedBackupKey) -> Known {
    Known { handed_over: Some(HandedOver { identity: true, backup }), ..Known::default() }
}

fn made(with_phrase: bool) -> MadeKey {
    MadeKey { kit: kit(), with_phrase }
}

/// Its code looks like one, and is none.
fn kit() -> Kit {
    const MODULES: u8 = 33;
    let mut noise: u32 = 7;
    let mut path = String::new();
    for y in 0..MODULES {
        for x in 0..MODULES {
            noise = noise.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            let finder = |left: u8, top: u8| {
                let (x, y) = (x.checked_sub(left)?, y.checked_sub(top)?);
                let ring = x.min(y).min(7_u8.checked_sub(x)?).min(7_u8.checked_sub(y)?);
                let from_middle = x.abs_diff(3).max(y.abs_diff(3));
                (ring > 0 || x < 8).then_some(from_middle == 3 || from_middle < 2)
            };
            let far = MODULES - 7;
            let dark = finder(0, 0).or_else(|| finder(far, 0)).or_else(|| finder(0, far));
            if dark.unwrap_or(noise >> 16 & 1 == 1) {
                path.push_str(&format!("M{x} {y}h1v1h-1z"));
            }
        }
    }
    Kit { recovery_key: KEY.into(), key_id: "ab12cdEf34".into(), qr: path.into(), qr_modules: MODULES }
}

fn proved(phrase_opens: bool) -> Proved {
    Proved { key_id: "k1".into(), phrase_opens, backup_version: "1".into(), room_keys: 0 }
}
