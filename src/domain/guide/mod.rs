//! Where the person is, and what happens next: a state machine without input or output of its own.
//!
//! `handle(input) -> effects`, as `OlmMachine` is for crypto. The page feeds it what the person did
//! and what the engine said, carries out the effects and draws [`Guide::step`]. What does not fit
//! the present step is ignored; nothing here can panic.

mod input;
mod place;
mod step;
#[cfg(test)]
mod tests;

pub use input::{Effect, Input};
pub use step::{
    Arrival, Draft, Keeping, MadeKey, Order, Outcome, PHASES, Pause, Phase, ProofMistake, Step, Visit,
};

use super::{
    address::Address,
    diagnosis::{Diagnosis, Known, diagnose},
    plan::{Action, SET_UP, Task},
    problem::Problem,
    recovery_key::RecoveryKey,
    secret::Secret,
};
use crate::protocol::messages::{Command, Event, Run};

/// How long the page waits between two counts at first, and at the most, in milliseconds.
const COUNT_EVERY_MS: (u32, u32) = (2_000, 15_000);

/// The state of one visit.
#[derive(Debug)]
pub struct Guide {
    run: Run,
    step: Step,
}

impl Default for Guide {
    fn default() -> Self {
        Self { run: Run(1), step: Step::Intro }
    }
}

impl Guide {
    /// A guide that stands at some step: for fixtures.
    pub fn at(step: Step) -> Self {
        Self { run: Run(1), step }
    }

    /// Where the person is.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// The run that is under way.
    pub fn run(&self) -> Run {
        self.run
    }

    /// Takes an input, goes to the next step and says what has to be done.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        match input {
            // The engine is ready for any run; everything else belongs to one.
            Input::Engine(run, ref event) if run != self.run && *event != Event::Ready => return Vec::new(),
            Input::EngineLost(problem) => return self.lose_engine(problem),
            Input::Engine(_, Event::Failed(problem)) => return self.fail(problem),
            Input::WantedSignOut => return self.sign_out(),
            Input::WentBack => return self.go_back(),
            _ => {}
        }
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let (step, effects) = self.advance(step, input);
        self.step = step;
        effects
    }

    fn tell(&self, command: Command) -> Vec<Effect> {
        vec![Effect::Tell(self.run, command)]
    }

    /// Every forward move. Pairs that do not belong together leave the step as it is.
    fn advance(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            (Step::Intro, Input::Began) => {
                (Step::Server { entered: String::new(), trouble: None }, Vec::new())
            }

            (Step::Server { .. }, Input::EnteredServer(entered)) => match Address::parse(&entered) {
                Ok(address) => (Step::Discovering { entered }, vec![Effect::Discover(address)]),
                Err(error) => (Step::Server { entered, trouble: Some(error.into()) }, Vec::new()),
            },
            (Step::Discovering { .. }, Input::Discovered(Ok(server))) => {
                let effects = vec![Effect::LockAndStart(server.clone())];
                (Step::SignIn { server, engine_ready: false, waiting: false, trouble: None }, effects)
            }
            (Step::Discovering { entered }, Input::Discovered(Err(problem))) => {
                (Step::Server { entered, trouble: Some(problem) }, Vec::new())
            }

            (Step::SignIn { server, waiting, trouble, .. }, Input::Engine(_, Event::Ready)) => {
                (Step::SignIn { server, engine_ready: true, waiting, trouble }, Vec::new())
            }
            (
                Step::SignIn { server, engine_ready, waiting: false, .. },
                Input::EnteredPassword { user, password },
            ) => {
                let base_url = server.base_url.to_string();
                let effects = self.tell(Command::SignIn { base_url, user, password });
                (Step::SignIn { server, engine_ready, waiting: true, trouble: None }, effects)
            }
            (Step::SignIn { server, waiting: true, .. }, Input::Engine(_, Event::SignedIn { user_id })) => {
                (Step::Looking { server, user_id }, Vec::new())
            }
            (Step::Looking { server, .. }, Input::Engine(_, Event::Looked(account))) => {
                let known = Known::default();
                let diagnosis = diagnose(&account, &known);
                (Step::Findings { visit: Visit { server, account, known }, diagnosis }, Vec::new())
            }

            (Step::Findings { visit, diagnosis }, Input::ChoseKey)
                if diagnosis == Diagnosis::NothingSetUp =>
            {
                let effects = self.tell(Command::MakeKey { phrase: None });
                (Step::MakingKey { visit, phrase: None }, effects)
            }
            (Step::Findings { visit, diagnosis }, Input::ChosePhrase)
                if diagnosis == Diagnosis::NothingSetUp =>
            {
                (Step::Phrase { visit, draft: Draft::default() }, Vec::new())
            }

            (Step::Findings { visit, diagnosis: Diagnosis::Unfinished }, Input::WantedToFinish) => {
                (Step::Resume { visit, trying: None, trouble: None }, Vec::new())
            }
            (Step::Resume { visit, trying: None, .. }, Input::EnteredKey(proof)) if !proof.is_blank() => {
                let effects = self.tell(Order::Resume(proof.clone()).command());
                (Step::Resume { visit, trying: Some(proof), trouble: None }, effects)
            }
            // The entry opened everything and fits: the rest can be written.
            (Step::Resume { visit, trying: Some(proof), .. }, Input::Engine(_, Event::TaskDone(task))) => {
                let order = Order::Resume(proof);
                (Step::Writing { visit, order, done: vec![task], pause: None }, Vec::new())
            }

            (Step::Phrase { visit, draft }, input) => self.draft(visit, draft, input),
            (Step::Repeat { visit, phrase, .. }, Input::RepeatedPhrase(again)) => {
                if again == phrase {
                    self.make_key(visit, phrase)
                } else {
                    (Step::Repeat { visit, phrase, differed: true }, Vec::new())
                }
            }
            (Step::MakingKey { visit, phrase }, Input::Engine(_, Event::KeyMade(recovery_key))) => {
                let made = MadeKey { recovery_key, with_phrase: phrase.is_some() };
                (Step::Save { visit, made, kept: Vec::new() }, Vec::new())
            }

            (Step::Save { visit, made, mut kept }, Input::KeptKey(way)) => {
                if !kept.contains(&way) {
                    kept.push(way);
                }
                (Step::Save { visit, made, kept }, Vec::new())
            }
            (Step::Save { visit, made, kept }, Input::WentToProof) if !kept.is_empty() => {
                (Step::Prove { visit, made, kept, mistake: None }, Vec::new())
            }
            (Step::Prove { visit, made, kept, .. }, Input::EnteredKey(proof)) => {
                match compare(&proof, &made.recovery_key) {
                    Ok(()) => (Step::Confirm { visit, made, kept, proof }, Vec::new()),
                    Err(mistake) => (Step::Prove { visit, made, kept, mistake: Some(mistake) }, Vec::new()),
                }
            }

            (Step::Confirm { visit, proof, .. }, Input::Agreed) => {
                let order = Order::SetUp(proof);
                let effects = self.tell(order.command());
                (Step::Writing { visit, order, done: Vec::new(), pause: None }, effects)
            }
            (Step::Writing { visit, order, done, pause }, input) => {
                self.write(visit, order, done, pause, input)
            }

            (Step::OldKeys { visit, proved, arrival }, Input::TimePassed) => {
                let effects = self.tell(Command::Count);
                (Step::OldKeys { visit, proved, arrival }, effects)
            }
            (Step::OldKeys { visit, proved, arrival }, Input::Engine(_, Event::Counted { room_keys })) => {
                let unchanged =
                    if room_keys == arrival.room_keys { arrival.unchanged.saturating_add(1) } else { 0 };
                let effects = vec![Effect::Wake(pause_between_counts(unchanged))];
                (
                    Step::OldKeys { visit, proved, arrival: Arrival { room_keys, unchanged, trouble: None } },
                    effects,
                )
            }

            (Step::SigningOut { outcome }, Input::Engine(_, Event::SignedOut)) => {
                self.run = Run(self.run.0 + 1);
                (Step::Finished { outcome, trouble: None }, vec![Effect::EndEngine])
            }
            (step @ Step::Finished { .. }, Input::Began)
            | (step @ Step::Stopped { .. }, Input::Began | Input::TriedAgain) => (step, vec![Effect::Reload]),
            (Step::Finished { outcome, trouble: Some(_) }, Input::TriedAgain) => {
                let effects = self.tell(Command::SignOut);
                (Step::SigningOut { outcome }, effects)
            }

            (step, _) => (step, Vec::new()),
        }
    }

    fn draft(&self, visit: Visit, mut draft: Draft, input: Input) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match input {
            Input::TypedPhrase(phrase) => {
                draft.number += 1;
                draft.judgement = None;
                draft.choosing = None;
                if !phrase.is_blank() {
                    effects = self.tell(Command::Judge { number: draft.number, phrase });
                }
            }
            Input::WantedSuggestion => effects = self.tell(Command::Suggest),
            Input::Engine(_, Event::Suggested(phrase)) => {
                draft.number += 1;
                draft.judgement = None;
                draft.choosing = None;
                draft.suggestion = Some(phrase.clone());
                effects = self.tell(Command::Judge { number: draft.number, phrase });
            }
            Input::ChosePhraseText(phrase) if !phrase.is_blank() => {
                draft.number += 1;
                draft.choosing = Some(phrase.clone());
                effects = self.tell(Command::Judge { number: draft.number, phrase });
            }
            Input::Engine(_, Event::Judged { number, judgement }) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(phrase) = draft.choosing.take()
                    && acceptable
                {
                    // A proposed phrase is on the screen and was not typed: nothing to mistype.
                    return if draft.suggestion.as_ref() == Some(&phrase) {
                        self.make_key(visit, phrase)
                    } else {
                        (Step::Repeat { visit, phrase, differed: false }, Vec::new())
                    };
                }
            }
            _ => {}
        }
        (Step::Phrase { visit, draft }, effects)
    }

    fn make_key(&self, visit: Visit, phrase: Secret) -> (Step, Vec<Effect>) {
        let effects = self.tell(Command::MakeKey { phrase: Some(phrase.clone()) });
        (Step::MakingKey { visit, phrase: Some(phrase) }, effects)
    }

    fn write(
        &self,
        visit: Visit,
        order: Order,
        mut done: Vec<Task>,
        mut pause: Option<Pause>,
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match input {
            Input::Engine(_, Event::TaskDone(task)) => {
                if !done.contains(&task) {
                    done.push(task);
                }
            }
            Input::Engine(_, Event::PasswordNeeded { refused }) => pause = Some(Pause::Password { refused }),
            Input::GavePassword(password) if matches!(pause, Some(Pause::Password { .. })) => {
                pause = None;
                effects = self.tell(Command::GivePassword { password });
            }
            Input::TriedAgain if matches!(pause, Some(Pause::Trouble(_))) => {
                pause = None;
                effects = self.tell(order.command());
            }
            Input::Engine(_, Event::SetUpDone(proved)) => {
                let arrival = Arrival { room_keys: proved.room_keys, unchanged: 0, trouble: None };
                return (Step::OldKeys { visit, proved, arrival }, vec![Effect::Wake(COUNT_EVERY_MS.0)]);
            }
            _ => {}
        }
        (Step::Writing { visit, order, done, pause }, effects)
    }

    fn go_back(&mut self) -> Vec<Effect> {
        if !self.can_go_back() {
            return Vec::new();
        }
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            Step::Server { .. } => Step::Intro,
            Step::Discovering { entered } => Step::Server { entered, trouble: None },
            step @ Step::SignIn { .. } => {
                effects = vec![Effect::EndEngine, Effect::Reload];
                step
            }
            Step::Phrase { visit, .. } => {
                let diagnosis = diagnose(&visit.account, &visit.known);
                Step::Findings { visit, diagnosis }
            }
            Step::Resume { visit, .. } => {
                let diagnosis = diagnose(&visit.account, &visit.known);
                Step::Findings { visit, diagnosis }
            }
            Step::Repeat { visit, .. } => Step::Phrase { visit, draft: Draft::default() },
            Step::Save { visit, made, .. } => {
                if made.with_phrase {
                    Step::Phrase { visit, draft: Draft::default() }
                } else {
                    let diagnosis = diagnose(&visit.account, &visit.known);
                    Step::Findings { visit, diagnosis }
                }
            }
            Step::Prove { visit, made, kept, .. } | Step::Confirm { visit, made, kept, .. } => {
                Step::Save { visit, made, kept }
            }
            step => step,
        };
        effects
    }

    fn sign_out(&mut self) -> Vec<Effect> {
        match self.outcome() {
            Some(outcome) => {
                // What earlier commands still answer is of no interest any more.
                self.run = Run(self.run.0 + 1);
                self.step = Step::SigningOut { outcome };
                self.tell(Command::SignOut)
            }
            None => Vec::new(),
        }
    }

    /// A command failed: most steps can say so in place and try again.
    fn fail(&mut self, problem: Problem) -> Vec<Effect> {
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            Step::SignIn { server, engine_ready, .. } => {
                Step::SignIn { server, engine_ready, waiting: false, trouble: Some(problem) }
            }
            // The entry was not the key: nothing was written, and another one may be entered.
            Step::Resume { visit, .. } => Step::Resume { visit, trying: None, trouble: Some(problem) },
            // Trying again would meet the same: the page ends here, and takes its device along.
            Step::Writing { done, .. } if !problem.may_pass() => {
                effects = self.tell(Command::SignOut);
                Step::Stopped { problem, written: perhaps_written(&done) }
            }
            Step::OldKeys { .. } if problem == Problem::BackupReplaced => {
                effects = self.tell(Command::SignOut);
                Step::Stopped { problem, written: SET_UP.into_iter().filter(|task| task.writes()).collect() }
            }
            Step::Writing { visit, order, done, .. } => {
                Step::Writing { visit, order, done, pause: Some(Pause::Trouble(problem)) }
            }
            Step::OldKeys { visit, proved, arrival } => {
                effects = vec![Effect::Wake(COUNT_EVERY_MS.1)];
                Step::OldKeys { visit, proved, arrival: Arrival { trouble: Some(problem), ..arrival } }
            }
            Step::SigningOut { outcome } => Step::Finished { outcome, trouble: Some(problem) },
            Step::Phrase { visit, draft } => Step::Phrase { visit, draft: Draft { choosing: None, ..draft } },
            step @ (Step::Finished { .. } | Step::Stopped { .. }) => step,
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => {
                // Nobody should find a device of this page in their list.
                effects = self.tell(Command::SignOut);
                Step::Stopped { problem, written: Vec::new() }
            }
        };
        effects
    }

    fn lose_engine(&mut self, problem: Problem) -> Vec<Effect> {
        self.run = Run(self.run.0 + 1);
        let step = std::mem::replace(&mut self.step, Step::Intro);
        self.step = match step {
            step @ (Step::Finished { .. } | Step::Stopped { .. }) => step,
            Step::Writing { done, .. } => Step::Stopped { problem, written: perhaps_written(&done) },
            Step::OldKeys { .. } | Step::SigningOut { outcome: Outcome::BackupOn(_) } => {
                Step::Stopped { problem, written: SET_UP.into_iter().filter(|t| t.writes()).collect() }
            }
            _ => Step::Stopped { problem, written: Vec::new() },
        };
        vec![Effect::EndEngine]
    }
}

impl Order {
    fn command(&self) -> Command {
        match self {
            Self::SetUp(kept_key) => Command::Write { action: Action::SetUp, kept_key: kept_key.clone() },
            Self::Resume(kept_key) => Command::Write { action: Action::Finish, kept_key: kept_key.clone() },
        }
    }
}

/// What was written, and what was being written when it stopped.
fn perhaps_written(done: &[Task]) -> Vec<Task> {
    let next = SET_UP.into_iter().find(|task| !done.contains(task));
    done.iter().copied().chain(next).filter(|task| task.writes()).collect()
}

/// Whether an entry is the key that was made.
fn compare(entry: &Secret, made: &Secret) -> Result<(), ProofMistake> {
    let entered = RecoveryKey::parse(entry.expose()).map_err(ProofMistake::Form)?;
    match RecoveryKey::parse(made.expose()) {
        Ok(made) if made == entered => Ok(()),
        Ok(_) | Err(_) => Err(ProofMistake::AnotherKey),
    }
}

/// The longer nothing changes, the rarer the question.
fn pause_between_counts(unchanged: u32) -> u32 {
    (COUNT_EVERY_MS.0 << unchanged.min(3)).min(COUNT_EVERY_MS.1)
}
