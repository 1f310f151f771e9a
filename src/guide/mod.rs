//! Where the person is, and what happens next: a state machine without input or output of its own.
//!
//! `handle(input) -> effects`, as `OlmMachine` is for crypto. The page feeds it what the person did
//! and what the engine said, carries out the effects and draws [`Guide::step`]. What does not fit
//! the present step is ignored; nothing here can panic.

mod again;
pub mod done;
mod entrance;
mod harvest;
mod input;
mod place;
mod step;
#[cfg(test)]
mod tests;
mod waits;

pub use harvest::Part;
pub use input::{Effect, Input};
pub use step::{
    Arrival, Asked, Attempt, CopyHome, Deletion, Draft, Goal, Harvest, Import, Interrupted, Job, Keeping,
    Long, MadeKey, News, Outcome, PHASES, Pause, Phase, ProofMistake, Removal, Step, Survey, Visit, Work,
    Written,
};

use self::waits::COUNT_EVERY_MS;
use crate::{
    domain::{
        account::{Place, SecretStorage},
        config::Config,
        contact::Contact,
        diagnosis::KeyKnown,
        opening::{Opening, StoredIdentity},
        plan::{Action, Task, tasks},
        problem::Problem,
        proof::Proof,
        recovery_key::RecoveryKey,
        secret::Secret,
        verification::{Move, Verification},
    },
    protocol::messages::{Command, Event, Run},
};

/// What a person types to agree to a new identity.
pub const NEW_IDENTITY: &str = "new identity";

/// The state of one visit.
#[derive(Debug)]
pub struct Guide {
    run: Run,
    step: Step,
    /// Whether the engine is listening to other devices, or was told to.
    listening: bool,
    /// Whether listening waits for [`Input::TimePassed`].
    resting: bool,
    /// The run in which the engine was told to look further back, until it says how far it came.
    looking_back: Option<Run>,
    /// Whether listening had its turn since then.
    has_listened: bool,
    /// How many messages between devices the engine has dropped.
    malformed: u32,
    /// What was waited for last, in milliseconds.
    alarm_ms: u32,
    config: Config,
    /// Whether what the host has set is still on its way.
    waiting: Option<Waiting>,
    /// Whom the homeserver names.
    contacts: Vec<Contact>,
}

/// What happens once it is known what the host has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// The person reads the first screen.
    Reading,
    /// The person wanted to begin.
    ToBegin,
}

impl Default for Guide {
    fn default() -> Self {
        Self::at(Step::Intro)
    }
}

impl Guide {
    /// A guide that stands at some step: for fixtures.
    pub fn at(step: Step) -> Self {
        Self {
            run: Run(1),
            step,
            listening: false,
            resting: false,
            looking_back: None,
            has_listened: false,
            malformed: 0,
            alarm_ms: 0,
            config: Config::default(),
            waiting: None,
            contacts: Vec::new(),
        }
    }

    /// A guide that does not know yet what the host has set: [`Input::Configured`] tells it. Until then nobody
    /// begins, since the host may name the only homeserver.
    pub fn waiting() -> Self {
        Self { waiting: Some(Waiting::Reading), ..Self::default() }
    }

    /// The same, where a host has set this: for fixtures.
    #[must_use]
    pub fn with(self, config: Config) -> Self {
        Self { config, ..self }
    }

    /// Where the person is.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// How many messages between devices the engine has dropped since no device makes such.
    pub fn malformed(&self) -> u32 {
        self.malformed
    }

    /// The run that is under way.
    pub fn run(&self) -> Run {
        self.run
    }

    /// Takes an input, goes to the next step and says what has to be done.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        match &input {
            Input::Engine(run, Event::Heard { trouble }) if *run == self.run => {
                self.listening = false;
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
        let mut effects = if self.went_further(&input) { Vec::new() } else { self.take(input) };
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
            // The engine is ready for any run; everything else belongs to one.
            Input::Engine(run, ref event) if run != self.run && !matches!(event, Event::Ready) => {
                return Vec::new();
            }
            Input::EngineLost(problem) => return self.lose_engine(problem),
            Input::Engine(_, Event::Failed(problem)) => return self.fail(problem),
            Input::Engine(
                _,
                Event::Heard { trouble: Some(problem) } | Event::WentFurther { trouble: Some(problem), .. },
            ) if problem.is_signed_out() => return self.fail(problem),
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

    /// Every forward move. Pairs that do not belong together leave the step as it is.
    fn advance(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            // Its device is gone, and with it all use of what it holds.
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
                (findings(Box::new(Visit { offers, ..*Visit::new(server, account) })), Vec::new())
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
                let trying = !entry.is_blank();
                let effects = if trying { self.tell(Command::TryKey { entry }) } else { Vec::new() };
                let opening = opening.filter(|_| !trying);
                (Step::Check { visit, then, trying, opening, trouble: None }, effects)
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
                let effects = self.tell(write(Action::Finish, &proof));
                (Step::Resume { visit, trying: Some(proof), trouble: None }, effects)
            }
            // The entry opened everything and fits: the rest can be written.
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
                if !kept.contains(&way) {
                    kept.push(way);
                }
                (Step::Save { job, made, kept }, Vec::new())
            }
            (Step::Save { job, made, kept }, Input::WentToProof) if !kept.is_empty() => {
                (Step::Prove { job, made, kept, mistake: None }, Vec::new())
            }
            (Step::Prove { job, made, kept, .. }, Input::EnteredKey(proof)) => {
                match compare(&proof, &made.kit.recovery_key) {
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

    /// Whether the findings offer this.
    fn offers(&self, action: Action) -> bool {
        matches!(&self.step, Step::Findings { visit, .. } if visit.offers(action))
    }

    /// What follows from a choice among the findings.
    fn begin(&mut self, mut visit: Box<Visit>, action: Action) -> (Step, Vec<Effect>) {
        let before = visit.known.clone();
        let step = match action {
            Action::SayKeyLost => {
                visit.known.key = KeyKnown::Lost;
                visit.earlier.push(before);
                findings(visit)
            }
            Action::SayAppLost => {
                visit.known.app_lost = true;
                visit.earlier.push(before);
                findings(visit)
            }
            Action::WantBackup => {
                visit.known.wants_backup = true;
                visit.earlier.push(before);
                findings(visit)
            }
            Action::EnterKey => check(visit, None),
            Action::Repair | Action::ChangeKey | Action::Rotate if !visit.has_key_for(action) => {
                check(visit, Some(action))
            }
            Action::Repair | Action::Rotate | Action::Reset => {
                Step::Consent { job: Job { visit, action }, differed: false }
            }
            Action::SetUp | Action::ChangeKey | Action::AddKey => Step::Choose { job: Job { visit, action } },
            Action::Finish => Step::Resume { visit, trying: None, trouble: None },
            Action::Verify => return harvest::verify(Goal::Receive(visit), Verification::Idle),
            Action::BringKeys | Action::Cover => {
                let part = if action == Action::Cover { Part::Coverage } else { Part::OldKeys };
                return match visit.proved().cloned() {
                    Some(proved) => self.go_to(Harvest::new(visit, proved), part),
                    None => (findings(visit), Vec::new()),
                };
            }
            // Signing out takes no step of its own.
            Action::End => findings(visit),
        };
        (step, Vec::new())
    }

    /// What follows from what an entry opens.
    fn opened(
        &mut self,
        mut visit: Box<Visit>,
        then: Option<Action>,
        opening: Opening,
    ) -> (Step, Vec<Effect>) {
        let storage = matches!(visit.account.secret_storage, SecretStorage::Present { .. });
        let leads_on = match &opening {
            Opening::SecretStorage { .. } => true,
            // It can be made the one that counts, or keeps the backup under a new identity.
            Opening::OlderSecretStorage { found } => {
                let stays = visit.account.identity_keys != Place::UnderDefault;
                let unfinished = found.cut_short && found.identity == StoredIdentity::Fits;
                found.is_all_right() || unfinished || stays && opening.opens_backup()
            }
            // Where there is secret storage, its own key has to be entered, too.
            Opening::BackupDirectly { .. } => !storage,
            Opening::Nothing(_) => false,
        };
        if !leads_on {
            let opening = Some(opening);
            return (Step::Check { visit, then, trying: false, opening, trouble: None }, Vec::new());
        }
        visit.known.key = KeyKnown::Tried(opening);
        visit.earlier.clear();
        match then.filter(|action| visit.offers(*action) && visit.has_key_for(*action)) {
            Some(action) => self.begin(visit, action),
            None => (findings(visit), Vec::new()),
        }
    }

    fn choose(&self, job: Job, how: &Input) -> (Step, Vec<Effect>) {
        if matches!(how, Input::ChosePhrase) {
            (Step::Phrase { job, draft: Draft::default() }, Vec::new())
        } else {
            self.make_key(job, None)
        }
    }

    fn draft(&self, job: Job, mut draft: Draft, input: Input) -> (Step, Vec<Effect>) {
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
                        self.make_key(job, Some(phrase))
                    } else {
                        (Step::Repeat { job, phrase, differed: false }, Vec::new())
                    };
                }
            }
            _ => {}
        }
        (Step::Phrase { job, draft }, effects)
    }

    fn make_key(&self, job: Job, phrase: Option<Secret>) -> (Step, Vec<Effect>) {
        let effects = self.tell(Command::MakeKey { phrase: phrase.clone() });
        (Step::MakingKey { job, phrase }, effects)
    }

    fn write_now(&self, job: Job, kept_key: Secret) -> (Step, Vec<Effect>) {
        let effects = self.tell(write(job.action, &kept_key));
        (Step::Writing { job, kept_key, work: Work::default(), pause: None }, effects)
    }

    fn write(
        &mut self,
        job: Job,
        kept_key: Secret,
        mut work: Work,
        mut pause: Option<Pause>,
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        let is_done = matches!(input, Input::Engine(_, Event::SetUpDone(_) | Event::Tried(_)));
        if is_done && work.overtaken {
            self.leave_run();
        }
        match (input, job.action) {
            (Input::Engine(_, Event::TaskDone(task)), _) => {
                pause = pause.filter(|pause| !matches!(pause, Pause::Proof(_)));
                if task == Task::PublishIdentity && work.withdrawing {
                    work.withdrawing = false;
                    work.overtaken = true;
                    pause = None;
                }
                work.progress = None;
                work.taken_back = false;
                if !work.done.contains(&task) {
                    work.done.push(task);
                }
            }
            (Input::Engine(_, Event::TakenBack(stand)), _) => {
                work.done = stand;
                work.taken_back = true;
            }
            (Input::Engine(_, Event::Progress { done, total }), _) => work.progress = Some((done, total)),
            // Nothing is waited for while a person makes up their mind, but for what they do on a page.
            (Input::Engine(_, Event::ProofNeeded(wanted)), _) if !work.withdrawing => {
                pause = Some(Pause::Proof(Asked::new(wanted)));
            }
            (Input::GaveProof(proof), _) => {
                if let Some(Pause::Proof(asked)) = &mut pause
                    && asked.wanted.takes(&proof)
                {
                    asked.went = proof == Proof::Page;
                    if !asked.went {
                        pause = None;
                    }
                    effects = self.tell(Command::GiveProof(proof));
                }
            }
            (Input::Withdrew, action)
                if action.can_be_withdrawn() && matches!(pause, Some(Pause::Proof(_))) =>
            {
                work.withdrawing = true;
                pause = Some(Pause::Withdrawing);
                effects = self.tell(Command::Withdraw);
            }
            (Input::Engine(_, Event::Withdrawn), _) if work.withdrawing => {
                let mut visit = job.visit;
                if let Some(account) = work.looked.take() {
                    visit.account = account;
                }
                // What was opened for it went with the order: what depends on that has to be shown anew.
                if matches!(visit.known.key, KeyKnown::Tried(_)) {
                    visit.known.key = KeyKnown::NotAsked;
                }
                visit.earlier.clear();
                return (findings(visit), Vec::new());
            }
            (Input::TriedAgain, _) if work.withdrawing && matches!(pause, Some(Pause::Trouble(_))) => {
                pause = Some(Pause::Withdrawing);
                effects = self.tell(Command::Withdraw);
            }
            (Input::TriedAgain, _) if matches!(pause, Some(Pause::Trouble(_))) => {
                pause = None;
                work.stopping = false;
                work.taken_back = false;
                effects = self.tell(write(job.action, &kept_key));
            }
            (Input::WantedStop, Action::Rotate) if pause.is_none() && !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Looked(account)), _) => work.looked = Some(account),
            (
                Input::Engine(_, Event::SetUpDone(proved)),
                action @ (Action::SetUp | Action::Finish | Action::Reset | Action::AddKey),
            ) => {
                let written = all_writes(action, &job.visit);
                let harvest = Harvest::new(after(job.visit, work, written), proved);
                return self.go_to(harvest, Part::OldKeys);
            }
            (
                Input::Engine(_, Event::Tried(opening)),
                action @ (Action::ChangeKey | Action::Repair | Action::Rotate),
            ) => {
                // A rotation that ends like this was stopped.
                let written = if action == Action::Rotate {
                    let all = tasks(action, &job.visit.account, &job.visit.known);
                    let open = all.into_iter().find(|task| !work.done.contains(task));
                    work.done.iter().copied().chain(open).filter(|task| task.writes()).collect()
                } else {
                    all_writes(action, &job.visit)
                };
                let mut visit = after(job.visit, work, written.clone());
                visit.known.key = KeyKnown::Tried(opening);
                let diagnosis = visit.diagnosis();
                let news = Some(News { action, written });
                return (Step::Findings { visit, diagnosis, news }, Vec::new());
            }
            (Input::Engine(_, Event::Rotated { proved, rotated }), Action::Rotate) => {
                let written = all_writes(Action::Rotate, &job.visit);
                let visit = after(job.visit, work, written);
                let deletion = Deletion::Kept;
                return (Step::Rotated { visit, proved, rotated, deletion, trouble: None }, Vec::new());
            }
            _ => {}
        }
        (Step::Writing { job, kept_key, work, pause }, effects)
    }

    fn go_back(&mut self) -> Vec<Effect> {
        if !self.can_go_back() {
            return Vec::new();
        }
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            step @ (Step::Server { .. } | Step::Discovering { .. } | Step::SignIn { .. }) => {
                let (step, more) = self.back_at_entrance(step);
                effects = more;
                step
            }
            Step::Findings { mut visit, .. } => {
                if let Some(known) = visit.earlier.pop() {
                    visit.known = known;
                }
                findings(visit)
            }
            Step::Check { visit, .. } | Step::Resume { visit, .. } => findings(visit),
            Step::Verify { goal, talk, .. } => {
                self.leave_run();
                // The other device need not wait for an answer that will not come.
                if talk.is_under_way() {
                    effects = self.tell(Command::Verify(Move::Cancel));
                }
                match goal {
                    Goal::Receive(visit) => findings(visit),
                    Goal::Give(harvest) => {
                        let (step, more) = self.go_to(harvest, Part::OldKeys);
                        effects.extend(more);
                        step
                    }
                }
            }
            Step::OldKeys { harvest, .. } => {
                // A count may be under way.
                self.leave_run();
                findings(harvest.visit)
            }
            Step::Import { harvest, .. } | Step::Coverage { harvest, .. } => {
                self.leave_run();
                let (step, more) = self.go_to(harvest, Part::OldKeys);
                effects = more;
                step
            }
            Step::TakeHome { harvest, .. } => {
                let (step, more) = self.go_to(harvest, Part::Coverage);
                effects = more;
                step
            }
            Step::Done { harvest, .. } => {
                self.leave_run();
                let (step, more) = self.go_to(harvest, Part::TakeHome);
                effects = more;
                step
            }
            Step::Consent { job, .. } => findings(job.visit),
            Step::Choose { job } if job.action == Action::Reset => Step::Consent { job, differed: false },
            Step::Choose { job } => findings(job.visit),
            Step::Phrase { job, .. } => before_key(job),
            Step::Repeat { job, .. } => Step::Phrase { job, draft: Draft::default() },
            Step::Save { job, made, .. } => {
                if made.with_phrase {
                    Step::Phrase { job, draft: Draft::default() }
                } else {
                    before_key(job)
                }
            }
            Step::Prove { job, made, kept, .. } | Step::Confirm { job, made, kept, .. } => {
                Step::Save { job, made, kept }
            }
            step => step,
        };
        effects
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

    /// A command failed: most steps can say so in place and try again.
    fn fail(&mut self, problem: Problem) -> Vec<Effect> {
        if problem.is_signed_out()
            && let Some(whose) = self.whose()
        {
            return self.interrupt(whose, problem);
        }
        let written = self.written();
        let step = std::mem::replace(&mut self.step, Step::Intro);
        let mut effects = Vec::new();
        self.step = match step {
            Step::SignIn { server, engine_ready, attempt, .. } => {
                let (attempt, more) = attempt.after(&problem);
                effects = more;
                Step::SignIn { server, engine_ready, attempt, trouble: Some(problem) }
            }
            Step::SignInAgain { mut place, attempt, .. } => {
                place.is_back &= !problem.is_signed_out();
                let (attempt, more) = attempt.after(&problem);
                effects = more;
                Step::SignInAgain { place, attempt, trouble: Some(problem) }
            }
            Step::Looking { server, user_id, .. } if problem.may_pass() => {
                Step::Looking { server, user_id, trouble: Some(problem) }
            }
            // The entry was not the key: nothing was written, and another one may be entered.
            Step::Resume { visit, .. } => Step::Resume { visit, trying: None, trouble: Some(problem) },
            Step::Check { visit, then, .. } if problem.may_pass() => {
                Step::Check { visit, then, trying: false, opening: None, trouble: Some(problem) }
            }
            // Nothing is lost with versions that stay.
            Step::Rotated { visit, proved, rotated, deletion, .. } => {
                let deletion = if deletion == Deletion::Asked { Deletion::Kept } else { deletion };
                Step::Rotated { visit, proved, rotated, deletion, trouble: Some(problem) }
            }
            // That there is nothing to take back any more.
            Step::Writing { job, kept_key, mut work, pause }
                if work.overtaken && problem == Problem::OutOfOrder =>
            {
                work.overtaken = false;
                Step::Writing { job, kept_key, work, pause }
            }
            // What was entered was sent nowhere: the server asks again.
            Step::Writing { job, kept_key, work, .. }
                if problem.may_pass() || problem == Problem::KeyAsPassword =>
            {
                Step::Writing { job, kept_key, work, pause: Some(Pause::Trouble(problem)) }
            }
            Step::OldKeys { mut harvest, talk } if !matches!(problem, Problem::BackupReplaced) => {
                effects = vec![Effect::Wake(COUNT_EVERY_MS.1)];
                harvest.arrival.fail(problem);
                Step::OldKeys { harvest, talk }
            }
            Step::Verify { goal, talk, handed_over, waited, .. } if problem.may_pass() => {
                Step::Verify { goal, talk, handed_over, waited, trouble: Some(problem) }
            }
            Step::Import { harvest, import: Import::Running { name, bytes, .. }, .. }
                if problem.may_pass() || matches!(problem, Problem::KeyFile(_)) =>
            {
                Step::Import { harvest, import: Import::Chosen { name, bytes }, trouble: Some(problem) }
            }
            Step::Coverage { harvest, .. } if problem.may_pass() => {
                Step::Coverage { harvest, work: None, trouble: Some(problem) }
            }
            Step::TakeHome { harvest, draft, .. } if problem.may_pass() => {
                effects = vec![Effect::ForgetMade];
                let draft = Draft { choosing: None, ..draft };
                Step::TakeHome { harvest, draft, work: None, trouble: Some(problem) }
            }
            Step::Done { mut harvest, ticks, kit, mut removal, .. }
                if problem.may_pass() || problem == Problem::KeyAsPassword =>
            {
                if problem.may_pass() {
                    harvest.arrival.fail(problem.clone());
                }
                effects = vec![Effect::Wake(COUNT_EVERY_MS.1)];
                match &mut removal {
                    Removal::Asked => removal = Removal::Offered,
                    Removal::Proof(asked) => asked.went = false,
                    Removal::Offered => {}
                }
                Step::Done { harvest, ticks, kit, removal, trouble: Some(problem) }
            }
            Step::SigningOut { outcome } => Step::Finished { outcome, trouble: Some(problem) },
            Step::Phrase { job, draft } => Step::Phrase { job, draft: Draft { choosing: None, ..draft } },
            step @ Step::Finished { .. } => step,
            // It could not be signed out: closing the page tries once more, without the engine.
            step @ Step::Stopped { .. } => {
                effects = vec![Effect::EndEngine];
                step
            }
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Check { .. }
            | Step::Verify { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. }
            | Step::Writing { .. }
            | Step::OldKeys { .. }
            | Step::Import { .. }
            | Step::Coverage { .. }
            | Step::TakeHome { .. }
            | Step::Done { .. } => {
                // Trying again would meet the same. And nobody should find a device of this page in their list.
                effects = self.tell(Command::SignOut);
                Step::Stopped { problem, written }
            }
        };
        effects
    }

    fn lose_engine(&mut self, problem: Problem) -> Vec<Effect> {
        self.leave_run();
        self.looking_back = None;
        let written = self.written();
        let step = std::mem::replace(&mut self.step, Step::Intro);
        self.step = match step {
            step @ (Step::Finished { .. } | Step::Stopped { .. }) => step,
            Step::SigningOut { outcome } => Step::Finished { outcome, trouble: Some(problem) },
            _ => Step::Stopped { problem, written },
        };
        vec![Effect::EndEngine]
    }
}

fn write(action: Action, kept_key: &Secret) -> Command {
    Command::Write { action, kept_key: kept_key.clone() }
}

fn findings(visit: Box<Visit>) -> Step {
    let diagnosis = visit.diagnosis();
    Step::Findings { visit, diagnosis, news: None }
}

fn check(visit: Box<Visit>, then: Option<Action>) -> Step {
    Step::Check { visit, then, trying: false, opening: None, trouble: None }
}

/// Where key or phrase was chosen.
fn before_key(job: Job) -> Step {
    if job.is_all_there_is() { findings(job.visit) } else { Step::Choose { job } }
}

/// The visit after something was written: what was known of the key may be true no more.
fn after(mut visit: Box<Visit>, work: Work, written: Vec<Task>) -> Box<Visit> {
    visit.written.extend(written);
    visit.known.key = KeyKnown::NotAsked;
    visit.known.handed_over = None;
    visit.earlier.clear();
    if let Some(account) = work.looked {
        visit.account = account;
    }
    visit
}

/// Everything that an action wrote when it came to its end.
fn all_writes(action: Action, visit: &Visit) -> Vec<Task> {
    tasks(action, &visit.account, &visit.known).into_iter().filter(|task| task.writes()).collect()
}

/// Whether an entry is the key that was made.
fn compare(entry: &Secret, made: &Secret) -> Result<(), ProofMistake> {
    let entered = RecoveryKey::parse(entry.expose()).map_err(ProofMistake::Form)?;
    match RecoveryKey::parse(made.expose()) {
        Ok(made) if made == entered => Ok(()),
        Ok(_) | Err(_) => Err(ProofMistake::AnotherKey),
    }
}
