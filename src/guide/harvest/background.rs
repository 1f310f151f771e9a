//! Listens, counts and looks further back, whatever step the person is on.

use crate::{
    domain::problem::Problem,
    guide::{
        Effect, Guide, Input,
        step::{Harvest, Long, Removal, Step},
        waits::COUNT_EVERY_MS,
    },
    protocol::messages::{Command, Event},
};

/// Tells whether the page listens to other devices on this step.
fn listens(step: &Step) -> bool {
    match step {
        Step::OldKeys { .. } | Step::Verify { .. } => true,
        // The app that was compared with may only now ask for the key.
        step => behind(step)
            .is_some_and(|(harvest, is_idle)| is_idle && harvest.told.is_some() && harvest.waits()),
    }
}

/// Everything that came in, on the steps behind which the page counts; and whether the engine has nothing else to do.
fn behind(step: &Step) -> Option<(&Harvest, bool)> {
    match step {
        Step::Coverage { harvest, work, .. } | Step::TakeHome { harvest, work, .. } => {
            Some((harvest, work.is_none()))
        }
        _ => None,
    }
}

/// Wakes the page for its next count behind a step, as long as more room keys may be coming in.
pub(super) fn wake_to_count(harvest: &Harvest) -> Vec<Effect> {
    if harvest.waits() { vec![Effect::Wake(COUNT_EVERY_MS.0)] } else { Vec::new() }
}

/// Tells whether the page looks further back on this step. It does not while the person waits for the engine, or
/// while the engine waits for the next command.
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
    /// Lets the engine listen or look further back. It does one of them at a time, in turns, since each ends as soon
    /// as another command comes.
    pub(in crate::guide) fn go_on_behind(&mut self) -> Vec<Effect> {
        if self.listening > 0 || self.looking_back.is_some() {
            return Vec::new();
        }
        let listens = listens(&self.step) && !self.resting;
        if looks_back(&self.step) && (self.has_listened || !listens) {
            self.looking_back = Some(self.run);
            self.has_listened = false;
            return self.tell(Command::GoFurther);
        }
        if listens {
            self.listening = 1;
            self.has_listened = true;
            return self.tell(Command::Listen);
        }
        Vec::new()
    }

    /// Goes on at once when the person comes back to the page. A browser may have frozen it meanwhile, and the server's
    /// answer may have been lost; any command ends the question that still waits for it.
    pub(in crate::guide) fn returned(&mut self) -> Vec<Effect> {
        self.resting = false;
        match &self.step {
            Step::OldKeys { .. } => self.tell(Command::Count),
            Step::Verify { .. } if self.listening == 1 => {
                self.listening = 2;
                self.tell(Command::Listen)
            }
            step => match behind(step) {
                Some(_) => self.count_behind(),
                None => Vec::new(),
            },
        }
    }

    /// Counts, if more room keys may be coming in and the engine has nothing else to do.
    fn count_behind(&mut self) -> Vec<Effect> {
        match behind(&self.step) {
            Some((harvest, true)) if harvest.waits() && !self.counting => {
                self.counting = true;
                self.tell(Command::Count)
            }
            Some((harvest, _)) => wake_to_count(harvest),
            None => Vec::new(),
        }
    }

    /// Takes what the engine says about a count behind the step. Returns `None` if something else needs this input.
    pub(in crate::guide) fn counted_behind(&mut self, input: &Input) -> Option<Vec<Effect>> {
        behind(&self.step)?;
        match input {
            Input::TimePassed => Some(self.count_behind()),
            Input::Engine(run, Event::Counted { room_keys, etag }) if *run == self.run => {
                self.counting = false;
                let pause = self.step.harvest_mut()?.arrival.count(*room_keys, etag.clone());
                Some(self.after_count(pause))
            }
            Input::Engine(run, Event::Failed(problem))
                if *run == self.run && self.counting && problem.may_pass() =>
            {
                self.counting = false;
                self.step.harvest_mut()?.arrival.fail(problem.clone());
                Some(vec![Effect::Wake(COUNT_EVERY_MS.1)])
            }
            // The person answers on the step that counts.
            Input::Engine(run, Event::Verification(talk)) if *run == self.run => {
                self.heard_behind = Some(talk.clone());
                Some(Vec::new())
            }
            _ => None,
        }
    }

    /// Counts again later. Once no more room keys are expected, the messages are compared with those that came.
    fn after_count(&mut self, pause: u32) -> Vec<Effect> {
        let compare = self.tell(Command::Cover { further: true });
        match &mut self.step {
            step if behind(step).is_some_and(|(harvest, _)| harvest.waits()) => vec![Effect::Wake(pause)],
            Step::Coverage { harvest, work: work @ None, trouble: None }
                if harvest.survey.at_ms.is_some() && harvest.has_to_look() =>
            {
                *work = Some(Long::default());
                compare
            }
            _ => Vec::new(),
        }
    }

    /// Takes an answer about looking further back, whatever step the person is on. Returns `true` if nothing else
    /// needs this input.
    pub(in crate::guide) fn went_further(&mut self, input: &Input) -> bool {
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
}
