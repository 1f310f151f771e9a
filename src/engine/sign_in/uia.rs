//! The proof that a server may want before something grave: stage by stage, until it is content.
//!
//! ```text
//! request ── 401, stages ── what the next one takes: nothing, a password, a page ── request, with that ── ...
//! ```
//!
//! Source: specification, "User-Interactive Authentication API". [`domain::proof`](crate::domain::proof) decides which
//! stage comes next.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    time::Duration,
};

use futures_util::future::{Either, select};
use matrix_sdk::ruma::{
    UserId,
    api::client::uiaa::{
        AuthData, Dummy, FallbackAcknowledgement, MatrixUserIdentifier, Password, UserIdentifier,
    },
    assign,
};

use crate::{
    domain::{
        problem::Problem,
        proof::{self, Last, Next, Proof, Wanted},
        recovery_key::RecoveryKey,
        secret::Secret,
        web_address::WebAddress,
    },
    engine::{
        bell::Bell,
        connection::Connection,
        net::{
            failure::{Challenge, Failure},
            oauth::{component, query},
            stop::unless_stopped,
            timing,
        },
        sign_in::{halt::Halt, remembered::Remembered},
    },
};

/// The most stages that are named of a proof that this page cannot give.
const MOST_NAMED: usize = 4;
/// The times that a password may be refused before the page stops asking: a server may ask without end.
pub(in crate::engine) const ROUNDS: u32 = 3;
/// The most stages in one command: a server may want one more without end.
const MOST_STAGES: u32 = 8;
/// The pause before the server is asked again whether a stage on its page is done, and how often it is asked. The SDK
/// asks as often, for two minutes in all.
const ASK_EVERY: Duration = Duration::from_secs(2);
pub(in crate::engine) const ASK_TIMES: u32 = 60;
const PASSWORD: &str = "m.login.password";

/// The proof that the person has given, and the two ways to end a wait for the server.
pub(in crate::engine) struct GivenProof<'a> {
    /// Taken by the first stage that asks for it.
    pub(in crate::engine) proof: Option<Proof>,
    /// Raised when the person wants to stop.
    pub(in crate::engine) stop: &'a Cell<bool>,
    /// Rung when the next command waits.
    pub(in crate::engine) bell: &'a Bell,
}

/// What the server guards by a proof: its session is good for that request only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Guarded {
    /// Publishing an identity.
    Identity,
    /// Removing devices.
    Devices,
}

/// The server's last challenge; empty once the request succeeded or was given up.
#[derive(Default)]
pub(in crate::engine) struct LastChallenge(RefCell<Option<KeptChallenge>>);

/// A challenge, and the request for which the server made it.
struct KeptChallenge {
    guarded: Guarded,
    challenge: Challenge,
}

impl LastChallenge {
    /// Forgets the challenge: stages that were completed for it no longer count.
    pub(in crate::engine) fn forget(&self) {
        self.0.take();
    }

    fn keep(&self, guarded: Guarded, challenge: &Challenge) {
        self.0.replace(Some(KeptChallenge { guarded, challenge: challenge.clone() }));
    }

    fn take_for(&self, guarded: Guarded) -> Option<Challenge> {
        let kept = self.0.take().filter(|kept| kept.guarded == guarded);
        kept.map(|kept| kept.challenge)
    }
}

/// Sends a request, with the proof that the server asks for. `check` looks whether the request may still act: before
/// any proof is given, and after each wait for people.
///
/// # Errors
/// [`Halt::ProofNeeded`] if it is the person's turn; [`Problem::ProofUnsupported`] if the server wants something that
/// has no page; the request's problem.
pub(in crate::engine) async fn prove(
    connection: &Connection,
    last_challenge: &LastChallenge,
    guarded: Guarded,
    given: &mut GivenProof<'_>,
    send: impl AsyncFn(Option<AuthData>) -> Result<(), Failure>,
    check: impl AsyncFn() -> Result<(), Halt>,
) -> Result<(), Halt> {
    // Completed stages count only for the session of their challenge.
    let (mut challenge, mut is_fresh) = match last_challenge.take_for(guarded) {
        Some(challenge) => (challenge, false),
        None => match ask(&send, None).await? {
            None => return Ok(()),
            Some(challenge) => (challenge, true),
        },
    };
    check().await?;
    let mut last = Last::None;
    let mut was_forgotten = false;
    for _ in 0..MOST_STAGES {
        let step = next_step(connection.server.base_url(), &challenge, last, given, is_fresh);
        match &step {
            Err(Halt::Trouble(_)) => last_challenge.forget(),
            // If the answer is lost, the completed stages still count.
            Err(Halt::ProofNeeded(_)) | Ok(_) => last_challenge.keep(guarded, &challenge),
        }
        let step = step?;
        let outcome = match &step {
            Step::Dummy => ask(&send, Some(dummy(&challenge))).await,
            Step::Password(password) => {
                ask(&send, Some(with_password(&connection.user_id, &challenge, password))).await
            }
            Step::Page => wait_for_page(&challenge, given, &send, &check).await?,
            Step::Look => ask(&send, with_session(&challenge)).await,
        };
        is_fresh = true;
        let now = match outcome {
            // If the server forgot the UIA session it never checked the password, so ask again.
            Err(failure) if !was_forgotten && is_forgotten(&failure, &step) => {
                was_forgotten = true;
                match step {
                    Step::Password(password) => given.proof = Some(Proof::Password(password)),
                    Step::Page => last = Last::NotYet,
                    Step::Dummy | Step::Look => {}
                }
                ask(&send, None).await?
            }
            outcome => {
                let now = outcome?;
                last = step.came_to(&challenge, now.as_ref());
                now
            }
        };
        let Some(now) = now else {
            last_challenge.forget();
            return Ok(());
        };
        challenge = now;
    }
    last_challenge.forget();
    Err(unsupported(challenge.flows.into_iter().flatten().collect()).into())
}

/// The next request.
enum Step {
    Dummy,
    Password(Secret),
    /// Repeated until the server knows that a stage was completed on its page.
    Page,
    /// Sent once, to see which stages are completed.
    Look,
}

impl Step {
    /// Tells what became of it, from the challenge that followed; `None` if the request succeeded.
    fn came_to(&self, before: &Challenge, now: Option<&Challenge>) -> Last {
        let completed = now.map_or(&[][..], |now| &now.completed[..]);
        match self {
            Self::Password(_) if !completed.iter().any(|stage| stage == PASSWORD) => Last::Refused,
            Self::Page if completed.len() <= before.completed.len() => Last::NotYet,
            Self::Password(_) | Self::Page | Self::Dummy | Self::Look => Last::None,
        }
    }
}

/// Chooses the next request: with the proof that was given, if a stage takes it.
///
/// # Errors
/// [`Halt::ProofNeeded`] if it is the person's turn; [`Problem::ProofUnsupported`].
fn next_step(
    base_url: &str,
    challenge: &Challenge,
    last: Last,
    given: &mut GivenProof<'_>,
    is_fresh: bool,
) -> Result<Step, Halt> {
    let page_of = |stage: &str| page_of(base_url, challenge, stage);
    let ways = match proof::next(&challenge.flows, &challenge.completed, page_of) {
        Next::Unsupported(stages) => return Err(unsupported(stages).into()),
        Next::Dummy => return Ok(Step::Dummy),
        Next::Ask(ways) => ways,
    };
    let wanted = Wanted { ways, last };
    match given.proof.take() {
        Some(Proof::Password(password)) if wanted.takes_password() => Ok(Step::Password(password)),
        Some(Proof::Page) if wanted.page().is_some() => Ok(Step::Page),
        // In a challenge of an earlier command a stage may have been completed on its page since.
        None if !is_fresh => Ok(Step::Look),
        Some(_) | None => Err(Halt::ProofNeeded(wanted)),
    }
}

/// Sends the request; `None` if it succeeded.
async fn ask(
    send: &impl AsyncFn(Option<AuthData>) -> Result<(), Failure>,
    auth: Option<AuthData>,
) -> Result<Option<Challenge>, Failure> {
    match send(auth).await {
        Ok(()) => Ok(None),
        Err(Failure::Refused(mut refusal)) => match refusal.challenge.take() {
            Some(challenge) => Ok(Some(*challenge)),
            None => Err(Failure::Refused(refusal)),
        },
        Err(failure) => Err(failure),
    }
}

/// Repeats the request until the server knows of another completed stage, or the next command or a stop comes. A
/// request is never broken off: it may act.
async fn wait_for_page(
    asked: &Challenge,
    given: &GivenProof<'_>,
    send: &impl AsyncFn(Option<AuthData>) -> Result<(), Failure>,
    check: &impl AsyncFn() -> Result<(), Halt>,
) -> Result<Result<Option<Challenge>, Failure>, Halt> {
    let mut outcome = ask(send, with_session(asked)).await;
    for _ in 1..ASK_TIMES {
        let Ok(Some(now)) = &outcome else { break };
        if now.session != asked.session || now.completed.len() > asked.completed.len() || !pause(given).await
        {
            break;
        }
        check().await?;
        outcome = ask(send, with_session(asked)).await;
    }
    Ok(outcome)
}

/// Waits before the server is asked again; `false` if a stop or the next command came.
pub(in crate::engine) async fn pause(given: &GivenProof<'_>) -> bool {
    let pause = pin!(unless_stopped(given.stop, timing::pause(ASK_EVERY)));
    match select(pause, pin!(given.bell.rung())).await {
        Either::Left((passed, _)) => passed.is_some(),
        Either::Right(_) => false,
    }
}

/// Tells whether the server does not know the session any more, or not for this request. Servers say so in many ways;
/// `M_FORBIDDEN` after a password means that it is wrong.
fn is_forgotten(failure: &Failure, step: &Step) -> bool {
    let Failure::Refused(refusal) = failure else { return false };
    matches!(refusal.status, 400 | 401 | 403 | 404)
        && !failure.is_signed_out()
        && !(matches!(step, Step::Password(_)) && refusal.errcode == "M_FORBIDDEN")
}

fn with_session(challenge: &Challenge) -> Option<AuthData> {
    let session = challenge.session.clone()?;
    Some(AuthData::FallbackAcknowledgement(FallbackAcknowledgement::new(session)))
}

fn dummy(challenge: &Challenge) -> AuthData {
    AuthData::Dummy(assign!(Dummy::new(), { session: challenge.session.clone() }))
}

fn with_password(user_id: &UserId, challenge: &Challenge, password: &Secret) -> AuthData {
    let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(user_id.to_string()));
    AuthData::Password(assign!(Password::new(identifier, password.expose().to_owned()), {
        session: challenge.session.clone(),
    }))
}

/// The address of a stage's page: the one that the server names, or the fallback of the specification. Without a
/// session the server could not tell for what the page was visited.
fn page_of(base_url: &str, challenge: &Challenge, stage: &str) -> Option<WebAddress> {
    if let Some((_, page)) = challenge.pages.iter().find(|(named, _)| named == stage) {
        return Some(page.clone());
    }
    let session = challenge.session.as_deref().filter(|_| !stage.is_empty())?;
    let page = [base_url, "/_matrix/client/v3/auth/", &component(stage), "/fallback/web"].concat();
    WebAddress::of_server(&query(&page, [("session", session)]))
}

/// Names the stages that this page cannot complete, each once and only a few.
fn unsupported(mut stages: Vec<String>) -> Problem {
    stages.retain(|stage| !stage.is_empty());
    stages.sort();
    stages.dedup();
    stages.truncate(MOST_NAMED);
    Problem::ProofUnsupported { stages }
}

/// Refuses to send an entry as a password that opens the backup: people mix them up, and the server must not have it.
///
/// # Errors
/// [`Problem::KeyAsPassword`].
pub(in crate::engine) fn require_no_key(entry: &Secret, remembered: &Remembered) -> Result<(), Problem> {
    let is_key = RecoveryKey::is_in(entry.expose());
    if is_key || remembered.holds(entry) { Err(Problem::KeyAsPassword) } else { Ok(()) }
}
