//! Begins what the person chose to do.

use super::{
    memory::Memory,
    state::{Course, Goal, Harvest, Job, Part, Visit},
    step::{Check, Choose, Consent, Findings, Resume, Turn, Verify},
};
use crate::domain::{diagnosis::KeyKnown, plan::Action, verification::Verification};

impl Memory {
    /// Begins an action that the findings offer.
    pub(super) fn begin(&mut self, mut visit: Box<Visit>, action: Action) -> Turn {
        let before = visit.known.clone();
        match action {
            Action::SayKeyLost => {
                visit.known.key = KeyKnown::Lost;
                visit.earlier.push(before);
                Turn::to(Findings::of(visit))
            }
            Action::SayAppLost => {
                visit.known.app_lost = true;
                visit.earlier.push(before);
                Turn::to(Findings::of(visit))
            }
            Action::WantBackup => {
                visit.known.wants_backup = true;
                visit.earlier.push(before);
                Turn::to(Findings::of(visit))
            }
            Action::EnterKey => Turn::to(Check::of(visit, None)),
            Action::Repair | Action::ChangeKey | Action::Rotate if !visit.has_key_for(action) => {
                Turn::to(Check::of(visit, Some(action)))
            }
            Action::Repair | Action::Rotate | Action::Reset => {
                Turn::to(Consent { job: Job { visit, action }, differed: false })
            }
            Action::SetUp | Action::ChangeKey | Action::AddKey => {
                Turn::to(Choose { job: Job { visit, action } })
            }
            Action::Finish => Turn::to(Resume { visit, course: Course::Rest }),
            Action::Verify => Verify::begin(Goal::receive(visit), Verification::Idle),
            Action::BringKeys | Action::Cover => {
                let part = if action == Action::Cover { Part::Coverage } else { Part::OldKeys };
                match visit.proved().cloned() {
                    Some(proved) => self.go_to(Harvest::new(visit, proved), part),
                    None => Turn::to(Findings::of(visit)),
                }
            }
            // `Guide::take` signs out before this is reached.
            Action::End => Turn::to(Findings::of(visit)),
        }
    }
}
