//! The person's way through the page: a state machine without input or output of its own.
//!
//! Like `OlmMachine`, it sends nothing by itself. The app calls [`Guide::handle`] with what the person did and what
//! the engine said. It then carries out the effects, and draws [`Guide::step`]. An input that does not fit the step
//! is ignored, and nothing here can panic.

mod again;
mod back;
pub mod done;
mod entrance;
mod failure;
mod findings;
mod harvest;
mod input;
mod key;
mod place;
pub mod remedy;
pub mod source;
mod step;
#[cfg(test)]
mod tests;
pub mod verdict;
mod waits;
mod writing;

pub use harvest::Part;
pub use input::{Effect, Input};
pub use step::{
    Arrival, Asked, Attempt, CopyHome, Deletion, Draft, Goal, Harvest, Import, Interrupted, Job, Keeping,
    Long, MadeKey, News, Outcome, PHASES, Pause, Phase, ProofMistake, Removal, Step, Survey, Visit, Work,
    Written,
};

use crate::{
    domain::{
        config::Config, contact::Contact, given::Given, plan::Action, secret::Secret,
        verification::Verification,
    },
    protocol::messages::{Command, Event, Run},
};

/// The words that a person types to agree to a new identity.
pub const NEW_IDENTITY: &str = "new identity";

/// The state of one visit.
#[derive(Debug)]
pub struct Guide {
    run: Run,
    step: Step,
    /// Number of times that the engine was told to listen to other devices and has not answered yet. It listens once at
    /// a time: the second command ends what came of the first.
    listening: u8,
    /// Set if the engine may not listen before [`Input::TimePassed`].
    resting: bool,
    /// The run in which the engine was told to look further back, until it answers.
    looking_back: Option<Run>,
    /// Set if the engine has listened since it last looked further back.
    has_listened: bool,
    /// Set while the engine counts behind a step, or was told to.
    counting: bool,
    /// The verification of which the page heard behind a step that has no place for it.
    heard_behind: Option<Verification>,
    /// Number of to-device messages that the engine has dropped.
    malformed: u32,
    /// The time of the last [`Effect::Wake`], in milliseconds.
    alarm_ms: u32,
    /// The marks of the recovery keys that the person has saved in this visit, but for those that came into use.
    saved: Vec<String>,
    config: Config,
    /// Set until the host's settings are known.
    waiting: Option<Waiting>,
    /// The homeserver's contacts.
    contacts: Vec<Contact>,
}

/// The next move once the host's settings are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// None: the person reads the first screen.
    Reading,
    /// To begin, as the person wanted.
    ToBegin,
}

impl Default for Guide {
    fn default() -> Self {
        Self::at(Step::Intro)
    }
}

impl Guide {
    /// Makes a guide at some step, for fixtures.
    pub fn at(step: Step) -> Self {
        Self {
            run: Run(1),
            step,
            listening: 0,
            resting: false,
            looking_back: None,
            has_listened: false,
            counting: false,
            heard_behind: None,
            malformed: 0,
            alarm_ms: 0,
            saved: Vec::new(),
            config: Config::default(),
            waiting: None,
            contacts: Vec::new(),
        }
    }

    /// Makes a guide that waits for [`Input::Configured`]. Until then nobody can begin, since the host may accept one
    /// homeserver only.
    pub fn waiting() -> Self {
        Self { waiting: Some(Waiting::Reading), ..Self::default() }
    }

    /// Makes the same guide with a host's settings, for fixtures.
    #[must_use]
    pub fn with(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Makes the same guide after a key with this mark was saved and given up, for fixtures.
    #[must_use]
    pub fn with_unused(self, mark: &str) -> Self {
        Self { saved: vec![mark.to_owned()], ..self }
    }

    /// The step that the person is on.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Number of to-device messages that the engine has dropped because no device would send them.
    pub fn malformed(&self) -> u32 {
        self.malformed
    }

    /// The run that is under way.
    pub fn run(&self) -> Run {
        self.run
    }

    /// Takes an input, goes to the next step and returns what the page has to do.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        match &input {
            Input::Engine(run, Event::Heard { trouble }) if *run == self.run => {
                self.listening = self.listening.saturating_sub(1);
                self.resting = trouble.is_some();
            }
            Input::Engine(_, Event::Dropped { malformed }) => self.malformed = *malformed,
            Input::TimePassed => {
                self.resting = false;
                if let Some(harvest) = self.step.harvest_mut() {
                    harvest.arrival.waited_ms = harvest.arrival.waited_ms.saturating_add(self.alarm_ms);
                }
            }
            _ => {}
        }
        let mut effects = if self.went_further(&input) {
            Vec::new()
        } else {
            self.counted_behind(&input).unwrap_or_else(|| self.take(input))
        };
        for effect in &effects {
            if let Effect::Wake(ms) = effect {
                self.alarm_ms = *ms;
            }
        }
        effects.extend(self.go_on_behind());
        effects
    }

    fn take(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Configured(config) => return self.configure(*config),
            Input::FoundContacts(contacts) => return self.hear_of(contacts),
            // An engine that is ready serves any run; all other events belong to one.
            Input::Engine(run, ref event) if run != self.run && !matches!(event, Event::Ready) => {
                return Vec::new();
            }
            Input::EngineLost(problem) => return self.lose_engine(problem),
            Input::Engine(_, Event::Failed(problem)) => return self.fail(problem),
            Input::Engine(
                _,
                Event::Heard { trouble: Some(problem) } | Event::WentFurther { trouble: Some(problem), .. },
            ) if problem.is_signed_out() => return self.fail(problem),
            Input::Returned => return self.returned(),
            Input::WantedSignOut => return self.sign_out(),
            Input::Chose(Action::End) if self.offers(Action::End) => return self.sign_out(),
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

    /// Begins another run, so that late answers to earlier commands are ignored.
    fn leave_run(&mut self) {
        self.run.0 += 1;
        self.listening = 0;
        self.counting = false;
    }

    /// Makes every move but those back. An input that does not fit the step changes nothing.
    fn advance(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            // The device is gone, so the worker is of no more use.
            (step @ Step::Stopped { .. }, Input::Engine(_, Event::SignedOut)) => {
                (step, vec![Effect::EndEngine])
            }
            (step, input @ (Input::Began | Input::EnteredServer(_) | Input::Discovered(_)))
            | (step @ Step::Stopped { .. }, input) => self.at_entrance(step, input),

            (Step::SignIn { server, attempt, trouble, .. }, Input::Engine(_, Event::Ready)) => {
                (Step::SignIn { server, engine_ready: true, attempt, trouble }, Vec::new())
            }
            (
                Step::SignIn { server, attempt: Attempt::Asking { .. }, .. },
                Input::Engine(_, Event::SignedIn { user_id, .. }),
            ) => (Step::Looking { server, user_id, trouble: None }, Vec::new()),
            (step @ Step::SignIn { .. }, input) => self.at_entrance(step, input),
            (Step::SignInAgain { place, attempt, trouble }, input) => {
                self.sign_in_again(place, attempt, trouble, input)
            }
            (Step::Looking { server, user_id, trouble: Some(_) }, Input::TriedAgain) => {
                (Step::Looking { server, user_id, trouble: None }, self.tell(Command::Look))
            }
            (Step::Looking { server, trouble: None, .. }, Input::Engine(_, Event::Looked(account))) => {
                let offers = self.config.offers;
                (Step::findings(Box::new(Visit { offers, ..*Visit::new(server, account) })), Vec::new())
            }

            (Step::Findings { visit, .. }, Input::Chose(action)) if visit.offers(action) => {
                self.begin(visit, action)
            }
            (Step::Findings { visit, .. }, input @ (Input::ChoseKey | Input::ChosePhrase))
                if visit.plan().recommended == Action::SetUp =>
            {
                self.choose(Job { visit, action: Action::SetUp }, &input)
            }
            (Step::Choose { job }, input @ (Input::ChoseKey | Input::ChosePhrase)) => {
                self.choose(job, &input)
            }
            (Step::Consent { job, .. }, Input::Agreed)
                if matches!(job.action, Action::Repair | Action::Rotate) =>
            {
                self.write_now(job, Secret::default())
            }
            (Step::Consent { job, .. }, Input::AgreedWith(words)) if job.action == Action::Reset => {
                if words.trim().eq_ignore_ascii_case(NEW_IDENTITY) {
                    (Step::Choose { job }, Vec::new())
                } else {
                    (Step::Consent { job, differed: true }, Vec::new())
                }
            }

            (Step::Check { visit, then, trying: false, opening, .. }, Input::EnteredKey(entry)) => {
                let trouble = Given::of(&entry).refused_as_key();
                let opening = opening.filter(|_| entry.is_blank());
                let trying = trouble.is_none() && !entry.is_blank();
                let effects = if trying { self.tell(Command::TryKey { entry }) } else { Vec::new() };
                (Step::Check { visit, then, trying, opening, trouble }, effects)
            }
            (step @ Step::Check { trying: true, .. }, Input::WantedStop) => (step, self.tell(Command::Stop)),
            (Step::Check { visit, then, trying: true, .. }, Input::Engine(_, Event::Stopped)) => {
                (Step::Check { visit, then, trying: false, opening: None, trouble: None }, Vec::new())
            }
            (Step::Check { mut visit, then, trying: true, .. }, Input::Engine(_, Event::Looked(account))) => {
                visit.account = account;
                (Step::Check { visit, then, trying: true, opening: None, trouble: None }, Vec::new())
            }
            (Step::Check { visit, then, trying: true, .. }, Input::Engine(_, Event::Tried(opening))) => {
                self.opened(visit, then, opening)
            }

            (Step::Resume { visit, trying: None, .. }, Input::EnteredKey(proof)) if !proof.is_blank() => {
                let trouble = Given::of(&proof).refused_as_key();
                if trouble.is_some() {
                    return (Step::Resume { visit, trying: None, trouble }, Vec::new());
                }
                let effects = self.tell(writing::write(Action::Finish, &proof));
                (Step::Resume { visit, trying: Some(proof), trouble: None }, effects)
            }
            // The engine could open everything with the entry, and has begun to write.
            (Step::Resume { visit, trying: Some(kept_key), .. }, Input::Engine(_, Event::TaskDone(task))) => {
                let work = Work { done: vec![task], ..Work::default() };
                let job = Job { visit, action: Action::Finish };
                (Step::Writing { job, kept_key, work, pause: None }, Vec::new())
            }

            (Step::Phrase { job, draft }, input) => self.draft(job, draft, input),
            (Step::Repeat { job, phrase, .. }, Input::RepeatedPhrase(again)) => {
                if again == phrase {
                    self.make_key(job, Some(phrase))
                } else {
                    (Step::Repeat { job, phrase, differed: true }, Vec::new())
                }
            }
            (Step::MakingKey { job, phrase }, Input::Engine(_, Event::KeyMade(kit))) => {
                let made = MadeKey { kit, with_phrase: phrase.is_some() };
                (Step::Save { job, made, kept: Vec::new() }, Vec::new())
            }

            (Step::Save { job, made, mut kept }, Input::KeptKey(way)) => {
                if kept.is_empty() {
                    self.saved.push(made.kit.mark());
                }
                if !kept.contains(&way) {
                    kept.push(way);
                }
                (Step::Save { job, made, kept }, Vec::new())
            }
            (Step::Save { job, made, kept }, Input::WentToProof) if !kept.is_empty() => {
                (Step::Prove { job, made, kept, mistake: None }, Vec::new())
            }
            (Step::Prove { job, made, kept, .. }, Input::EnteredKey(proof)) => {
                match key::compare(&proof, &made.kit.recovery_key) {
                    Ok(()) => (Step::Confirm { job, made, kept, proof }, Vec::new()),
                    Err(mistake) => (Step::Prove { job, made, kept, mistake: Some(mistake) }, Vec::new()),
                }
            }

            (Step::Confirm { job, proof, .. }, Input::Agreed) => self.write_now(job, proof),
            (Step::Writing { job, kept_key, work, pause }, input) => {
                self.write(job, kept_key, work, pause, input)
            }

            (Step::Rotated { visit, proved, deletion, .. }, Input::WentOn) if deletion != Deletion::Asked => {
                self.go_to(Harvest::new(visit, proved), Part::OldKeys)
            }
            (
                Step::Rotated { visit, proved, rotated, deletion: Deletion::Kept, .. },
                Input::AgreedToDelete,
            ) => {
                let versions: Vec<_> = rotated.superseded().map(|older| older.version.clone()).collect();
                let (deletion, effects) = if versions.is_empty() {
                    (Deletion::Kept, Vec::new())
                } else {
                    (Deletion::Asked, self.tell(Command::DeleteOlder { versions }))
                };
                (Step::Rotated { visit, proved, rotated, deletion, trouble: None }, effects)
            }
            (
                Step::Rotated { visit, proved, rotated, deletion: Deletion::Asked, .. },
                Input::Engine(_, Event::Deleted),
            ) => {
                let deletion = Deletion::Done;
                (Step::Rotated { visit, proved, rotated, deletion, trouble: None }, Vec::new())
            }

            (Step::SigningOut { outcome }, Input::Engine(_, Event::SignedOut)) => {
                self.run = Run(self.run.0 + 1);
                (Step::Finished { outcome, trouble: None }, vec![Effect::EndEngine])
            }
            (Step::Finished { outcome, trouble: Some(_) }, Input::TriedAgain) => {
                let effects = self.tell(Command::SignOut);
                (Step::SigningOut { outcome }, effects)
            }

            (step, input) => self.harvest(step, input),
        }
    }

    fn sign_out(&mut self) -> Vec<Effect> {
        if matches!(self.step, Step::SignInAgain { .. }) {
            return self.stop_here();
        }
        match self.outcome() {
            Some(outcome) => {
                self.leave_run();
                self.step = Step::SigningOut { outcome };
                self.tell(Command::SignOut)
            }
            None => Vec::new(),
        }
    }
}
