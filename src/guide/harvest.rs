//! The way from "backup is on" to "you're safe": the old messages' keys come in and are counted, messages are
//! looked at, a copy is taken home, and everything is checked once more.

use super::{
    Effect, Guide, Input,
    step::{Asked, CopyHome, Draft, Goal, Harvest, Import, Long, Removal, Step, Survey, Visit},
    waits::{COUNT_EVERY_MS, TICK_MS},
};
use crate::{
    domain::{
        diagnosis::KeyKnown,
        handed_over::HandedOver,
        key_file::{KeyFileError, LARGEST_FILE},
        plan::Action,
        problem::Problem,
        proof::Proof,
        verification::{Move, Verification},
    },
    guide::done::Copy,
    protocol::messages::{Command, Event},
};

/// After so many counts on the last screen everything is opened anew.
const CHECK_EVERY: u32 = 4;

/// A place on this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where the keys are counted as they come in.
    OldKeys,
    /// Comparing emoji with an app.
    Verify,
    /// Taking keys from a file.
    Import,
    /// Which messages are covered.
    Coverage,
    /// A copy of the whole backup.
    TakeHome,
    /// The six lines.
    Done,
}

/// Whether this step listens to other devices.
fn listens(step: &Step) -> bool {
    matches!(step, Step::OldKeys { .. } | Step::Verify { .. })
}

/// Whether messages may be looked at further back behind this step: not while the engine does what the person waits
/// for, or waits itself until the next command comes.
fn looks_back(step: &Step) -> bool {
    let harvest = match step {
        Step::OldKeys { harvest, .. }
        | Step::Coverage { harvest, work: None, .. }
        | Step::TakeHome { harvest, work: None, .. }
        | Step::Done { harvest, removal: Removal::Offered, .. } => harvest,
        _ => return false,
    };
    let survey = &harvest.survey;
    survey.at_ms.is_some() && survey.more && !survey.rests()
}

impl Guide {
    /// What goes on behind the screen: listening, and looking further back. One of them at a time, since each ends as
    /// soon as the engine is told something else; in turns where both are wanted.
    pub(super) fn go_on_behind(&mut self) -> Vec<Effect> {
        if self.listening || self.looking_back.is_some() {
            return Vec::new();
        }
        let listens = listens(&self.step) && !self.resting;
        if looks_back(&self.step) && (self.has_listened || !listens) {
            self.looking_back = Some(self.run);
            self.has_listened = false;
            return self.tell(Command::GoFurther);
        }
        if listens {
            self.listening = true;
            self.has_listened = true;
            return self.tell(Command::Listen);
        }
        Vec::new()
    }

    /// Takes in what is told of looking further back, wherever the person is by now. Returns whether it was that, and
    /// nothing else has to know.
    pub(super) fn went_further(&mut self, input: &Input) -> bool {
        let Input::Engine(run, event) = input else { return false };
        if self.looking_back != Some(*run) {
            return false;
        }
        match event {
            Event::RoomCovered(room) => {
                if let Some(survey) = self.step.survey_mut() {
                    survey.add(room.clone());
                }
                true
            }
            Event::WentFurther { more, trouble } => {
                self.looking_back = None;
                if let Some(survey) = self.step.survey_mut() {
                    survey.more = *more;
                    survey.trouble.clone_from(trouble);
                }
                !trouble.as_ref().is_some_and(Problem::is_signed_out)
            }
            _ => false,
        }
    }

    /// Begins at one of the places, as if nothing had been done there yet.
    pub(super) fn go_to(&mut self, mut harvest: Box<Harvest>, part: Part) -> (Step, Vec<Effect>) {
        match part {
            Part::OldKeys => {
                // Other apps are heard from the first count on, not before: whoever leaves at once asks less.
                self.resting = true;
                let step = Step::OldKeys { harvest, talk: Verification::Idle };
                (step, vec![Effect::Wake(COUNT_EVERY_MS.0)])
            }
            Part::Verify => verify(Goal::Give(harvest), Verification::Idle),
            Part::Import => (Step::Import { harvest, import: Import::Choosing, trouble: None }, Vec::new()),
            Part::Coverage => {
                let has_to_look = harvest.has_to_look();
                // What was seen before is only held against the backup as it is now.
                let further = harvest.survey.at_ms.is_some();
                let effects = if has_to_look { self.tell(Command::Cover { further }) } else { Vec::new() };
                let work = has_to_look.then(Long::default);
                if !further {
                    harvest.survey = Survey::default();
                }
                (Step::Coverage { harvest, work, trouble: None }, effects)
            }
            Part::TakeHome => {
                // Keys came in since: what is asked for is another copy, not whether this one was saved.
                if matches!(Copy::of(&harvest), Copy::Lacks { .. }) {
                    harvest.copy = CopyHome::Older;
                }
                let draft = Draft::default();
                (Step::TakeHome { harvest, draft, work: None, trouble: None }, Vec::new())
            }
            Part::Done => {
                let effects = self.tell(Command::Check);
                (done(harvest), effects)
            }
        }
    }

    /// Every move on this way. What does not belong to the step leaves it as it is.
    pub(super) fn harvest(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        match (step, input) {
            (
                Step::OldKeys { harvest, .. }
                | Step::Import { harvest, import: Import::Choosing | Import::Done(_), .. }
                | Step::Coverage { harvest, work: None, .. }
                | Step::TakeHome { harvest, work: None, .. }
                | Step::Done { harvest, .. },
                Input::WentTo(part),
            ) if part != Part::Import || harvest.offers_import() => {
                self.leave_run();
                self.go_to(harvest, part)
            }
            // Carried along whole by a fresh backup: what is asked for that is asked as among the findings.
            (Step::Coverage { harvest, work: None, .. }, Input::Chose(Action::Rotate))
                if harvest.needs_fresh_backup() =>
            {
                self.leave_run();
                self.begin(harvest.visit, Action::Rotate)
            }
            (step @ Step::OldKeys { .. }, input) => self.count(step, input),
            (Step::Verify { goal, talk, handed_over, waited, trouble }, input) => {
                let state = (talk, handed_over, waited, trouble);
                self.verify(goal, state, input)
            }
            (Step::Import { harvest, import, trouble }, input) => {
                self.import(harvest, import, trouble, input)
            }
            (step @ Step::Coverage { .. }, input) => self.cover(step, input),
            (step @ Step::TakeHome { .. }, input) => self.take_home(step, input),
            (step @ Step::Done { .. }, input) => self.check(step, input),
            (step, _) => (step, Vec::new()),
        }
    }

    fn count(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::OldKeys { mut harvest, talk } = step else { return (step, Vec::new()) };
        match input {
            Input::TimePassed => {
                let effects = self.tell(Command::Count);
                (Step::OldKeys { harvest, talk }, effects)
            }
            Input::Engine(_, Event::Counted { room_keys, etag }) => {
                let pause = harvest.arrival.count(room_keys, etag);
                (Step::OldKeys { harvest, talk }, vec![Effect::Wake(pause)])
            }
            // An app asks: the person says here whether they want to.
            Input::Engine(_, Event::Verification(talk)) => (Step::OldKeys { harvest, talk }, Vec::new()),
            Input::Moved(step @ (Move::Accept | Move::Cancel))
                if matches!(talk, Verification::AskedBy(_)) =>
            {
                let declines = step == Move::Cancel;
                let effects = self.tell(Command::Verify(step));
                if declines {
                    return (Step::OldKeys { harvest, talk: Verification::Idle }, effects);
                }
                let (step, mut more) = verify(Goal::Give(harvest), talk);
                more.extend(effects);
                (step, more)
            }
            _ => (Step::OldKeys { harvest, talk }, Vec::new()),
        }
    }

    fn verify(
        &mut self,
        mut goal: Goal,
        (mut talk, mut handed_over, mut waited, mut trouble): (
            Verification,
            Option<HandedOver>,
            u32,
            Option<Problem>,
        ),
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match (input, &mut goal) {
            (Input::Moved(step), _) if may(&talk, &step) => {
                trouble = None;
                effects = self.tell(Command::Verify(step));
            }
            (Input::Engine(_, Event::Verification(next)), _) => {
                if let (Verification::Done(_), Goal::Give(harvest)) = (&next, &mut goal) {
                    harvest.visit.touched = true;
                }
                // How long something takes is counted anew for each part of it.
                if std::mem::discriminant(&next) != std::mem::discriminant(&talk) {
                    waited = 0;
                }
                talk = next;
            }
            (Input::Engine(_, Event::HandedOver(came)), Goal::Receive(_)) => {
                handed_over = Some(came);
                if came.is_complete()
                    && let Goal::Receive(visit) = goal
                {
                    return self.receive(visit, came);
                }
            }
            // The account was looked at with what came, or the key that was entered was tried with it.
            (Input::Engine(_, Event::Looked(account)), Goal::Receive(_)) => {
                if let Goal::Receive(visit) = &mut goal {
                    visit.account = account;
                }
            }
            // What the key opens now, with what came beside it.
            (Input::Engine(_, Event::Tried(opening)), Goal::Receive(_)) => {
                if let Goal::Receive(visit) = &mut goal
                    && matches!(visit.known.key, KeyKnown::Tried(_))
                {
                    visit.known.key = KeyKnown::Tried(opening);
                }
            }
            // What did come is enough to go on with, though something is missing.
            (Input::WentOn, Goal::Receive(_)) if handed_over.is_some_and(|came| came.identity) => {
                if let (Goal::Receive(visit), Some(came)) = (goal, handed_over) {
                    return self.receive(visit, came);
                }
                return (Step::Intro, Vec::new());
            }
            (Input::WentOn, Goal::Give(_)) if matches!(talk, Verification::Done(_)) => {
                if let Goal::Give(harvest) = goal {
                    return self.go_to(harvest, Part::OldKeys);
                }
                return (Step::Intro, Vec::new());
            }
            (Input::TimePassed, _) => {
                waited = waited.saturating_add(TICK_MS / 1_000);
                effects = vec![Effect::Wake(TICK_MS)];
            }
            _ => {}
        }
        (Step::Verify { goal, talk, handed_over, waited, trouble }, effects)
    }

    /// Goes back to the findings with what an app handed over.
    fn receive(&mut self, mut visit: Box<Visit>, came: HandedOver) -> (Step, Vec<Effect>) {
        visit.known.handed_over = Some(came);
        // What it was before cannot be gone back to: the keys are here now.
        visit.earlier.clear();
        self.leave_run();
        (Step::findings(visit), Vec::new())
    }

    fn import(
        &mut self,
        mut harvest: Box<Harvest>,
        mut import: Import,
        mut trouble: Option<Problem>,
        input: Input,
    ) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match (input, &mut import) {
            (
                Input::ChoseFile { name, bytes },
                Import::Choosing | Import::Chosen { .. } | Import::Done(_),
            ) => {
                if bytes > LARGEST_FILE {
                    import = Import::Choosing;
                    trouble = Some(Problem::KeyFile(KeyFileError::TooLarge));
                } else {
                    import = Import::Chosen { name, bytes };
                    trouble = None;
                }
            }
            (Input::GavePassphrase(passphrase), Import::Chosen { name, bytes }) if !passphrase.is_blank() => {
                trouble = None;
                effects = vec![Effect::SendFile(self.run)];
                effects.extend(self.tell(Command::Import { passphrase }));
                import = Import::Running { name: std::mem::take(name), bytes: *bytes, work: Long::default() };
            }
            (Input::WantedStop, Import::Running { work, .. }) if !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Import::Running { work, .. }) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::Stopped), Import::Running { name, bytes, .. }) => {
                import = Import::Chosen { name: std::mem::take(name), bytes: *bytes };
            }
            (Input::Engine(_, Event::Imported(imported)), Import::Running { .. }) => {
                harvest.took(imported);
                // The copy that was taken home is kept: it may be saved again.
                effects = vec![Effect::ForgetChosen];
                import = Import::Done(imported);
            }
            _ => {}
        }
        (Step::Import { harvest, import, trouble }, effects)
    }

    fn cover(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::Coverage { mut harvest, mut work, mut trouble } = step else { return (step, Vec::new()) };
        let mut effects = Vec::new();
        match (input, &mut work) {
            (Input::WantedFurther, None) => {
                harvest.survey.paused = false;
                harvest.survey.trouble = None;
            }
            (Input::WantedStop, None) => harvest.survey.paused = true,
            (Input::TriedAgain, None) => {
                trouble = None;
                effects = self.tell(Command::Cover { further: harvest.survey.at_ms.is_some() });
                work = Some(Long::default());
            }
            (Input::WantedNewLook, None) => {
                trouble = None;
                // What is still told of the look before is of no interest any more.
                self.leave_run();
                self.looking_back = None;
                harvest.survey = Survey::default();
                effects = self.tell(Command::Cover { further: false });
                work = Some(Long::default());
            }
            (Input::WantedMending, None) if harvest.has_mendable() => {
                trouble = None;
                effects = self.tell(Command::Mend);
                work = Some(Long { mends: true, ..Long::default() });
            }
            (Input::Engine(_, Event::Mended(mended)), Some(_)) => {
                harvest.took_mended(mended);
                effects = self.tell(Command::Cover { further: true });
                work = Some(Long::default());
            }
            (Input::WantedStop, Some(work)) if !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Some(work)) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::RoomCovered(room)), Some(_)) => harvest.survey.add(room),
            (Input::Engine(_, Event::Stopped), Some(_)) => work = None,
            (Input::Engine(_, Event::Covered { at_ms, etag }), Some(_)) => {
                let survey = &mut harvest.survey;
                survey.at_ms = Some(at_ms);
                survey.etag = etag;
                survey.more = survey.rooms.iter().any(|room| !room.is_whole);
                survey.trouble = None;
                work = None;
            }
            _ => {}
        }
        (Step::Coverage { harvest, work, trouble }, effects)
    }

    fn take_home(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::TakeHome { mut harvest, mut draft, mut work, mut trouble } = step else {
            return (step, Vec::new());
        };
        let mut effects = Vec::new();
        match (input, &mut work) {
            (Input::TypedPhrase(phrase), None) => effects = self.judge(&mut draft, phrase),
            (Input::WantedSuggestion, None) => effects = self.tell(Command::Suggest),
            (Input::Engine(_, Event::Suggested(phrase)), None) => {
                draft.suggestion = Some(phrase.clone());
                effects = self.judge(&mut draft, phrase);
            }
            (Input::GavePassphrase(passphrase), None) if !passphrase.is_blank() => {
                effects = self.judge(&mut draft, passphrase.clone());
                draft.choosing = Some(passphrase);
            }
            (Input::Engine(_, Event::Judged { number, judgement }), None) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(passphrase) = draft.choosing.take()
                    && acceptable
                {
                    trouble = None;
                    work = Some(Long::default());
                    effects = vec![Effect::ForgetMade];
                    // Shown once more when the file is there: without it the file is worth nothing.
                    draft.suggestion = Some(passphrase.clone());
                    effects.extend(self.tell(Command::TakeHome { passphrase }));
                }
            }
            (Input::WantedStop, Some(work)) if !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Some(work)) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::Stopped), Some(_)) => {
                effects = vec![Effect::ForgetMade];
                work = None;
            }
            (Input::Engine(_, Event::TakenHome(taken)), Some(_)) => {
                harvest.copy = CopyHome::Taken(taken);
                effects = vec![save(&harvest)];
                work = None;
            }
            // Once more, should the browser have lost it.
            (Input::WantedCopy, None) if matches!(harvest.copy, CopyHome::Taken(_)) => {
                effects = vec![save(&harvest)];
            }
            (Input::WentOn, None) => {
                if !matches!(harvest.copy, CopyHome::Taken(_)) {
                    harvest.copy = CopyHome::Declined;
                }
                return self.go_to(harvest, Part::Done);
            }
            _ => {}
        }
        (Step::TakeHome { harvest, draft, work, trouble }, effects)
    }

    fn check(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::Done { mut harvest, mut ticks, mut kit, mut removal, mut trouble } = step else {
            return (step, Vec::new());
        };
        let mut effects = Vec::new();
        match input {
            Input::Engine(_, Event::Checked(checked)) => {
                trouble = None;
                removal = Removal::Offered;
                harvest.proved = checked.proved.clone();
                harvest.checked = Some(checked);
                let (soon, late) = COUNT_EVERY_MS;
                effects = vec![Effect::Wake(if harvest.arrival.is_resting() { late } else { soon })];
            }
            Input::Engine(_, Event::Counted { room_keys, etag }) => {
                trouble = None;
                let pause = harvest.arrival.count(room_keys, etag);
                effects = vec![Effect::Wake(pause)];
            }
            Input::TimePassed if removal == Removal::Offered => {
                ticks = (ticks + 1) % CHECK_EVERY;
                effects = self.tell(if ticks == 0 { Command::Check } else { Command::Count });
            }
            // The server is being asked to remove something, or the person for their password.
            Input::TimePassed => effects = vec![Effect::Wake(COUNT_EVERY_MS.0)],
            Input::TriedAgain if trouble.is_some() => {
                trouble = None;
                effects = self.tell(Command::Check);
            }
            Input::WantedKit if kit.is_none() => effects = self.tell(Command::ShowKit),
            Input::Engine(_, Event::Kit(shown)) => kit = Some(shown),
            Input::WantedRemoval if removal == Removal::Offered => {
                removal = Removal::Asked;
                effects = self.tell(Command::RemoveLeftOver { proof: None });
            }
            Input::Engine(_, Event::ProofNeeded(wanted)) if removal != Removal::Offered => {
                removal = Removal::Proof(Asked::new(wanted));
            }
            Input::GaveProof(proof) => {
                if let Removal::Proof(asked) = &mut removal
                    && asked.wanted.takes(&proof)
                {
                    asked.went = proof == Proof::Page;
                    if !asked.went {
                        removal = Removal::Asked;
                    }
                    effects = self.tell(Command::RemoveLeftOver { proof: Some(proof) });
                }
            }
            Input::Withdrew if matches!(removal, Removal::Proof(_)) => removal = Removal::Offered,
            _ => {}
        }
        (Step::Done { harvest, ticks, kit, removal, trouble }, effects)
    }

    /// What the engine still answers to earlier commands is of no interest any more.
    pub(super) fn leave_run(&mut self) {
        self.run.0 += 1;
        self.listening = false;
    }

    /// Asks what a phrase is worth.
    fn judge(&self, draft: &mut Draft, phrase: crate::domain::secret::Secret) -> Vec<Effect> {
        draft.number += 1;
        draft.judgement = None;
        draft.choosing = None;
        if phrase.is_blank() {
            Vec::new()
        } else {
            self.tell(Command::Judge { number: draft.number, phrase })
        }
    }
}

pub(super) fn verify(goal: Goal, talk: Verification) -> (Step, Vec<Effect>) {
    let step = Step::Verify { goal, talk, handed_over: None, waited: 0, trouble: None };
    (step, vec![Effect::Wake(TICK_MS)])
}

fn done(harvest: Box<Harvest>) -> Step {
    Step::Done { harvest, ticks: 0, kit: None, removal: Removal::Offered, trouble: None }
}

/// Saves the copy that the engine has sent.
fn save(harvest: &Harvest) -> Effect {
    Effect::SaveFile { name: "matrix-keys", user_id: harvest.visit.account.user_id.clone() }
}

/// Whether a move fits where the verification is.
fn may(talk: &Verification, step: &Move) -> bool {
    match step {
        Move::Ask => !talk.is_under_way(),
        Move::Accept => matches!(talk, Verification::AskedBy(_)),
        Move::Match(_) | Move::Differ => matches!(talk, Verification::Comparing { .. }),
        Move::Cancel => talk.is_under_way(),
    }
}
