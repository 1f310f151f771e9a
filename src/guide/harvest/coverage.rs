//! Looks for which messages the backup has keys, and puts entries back whole.

use crate::{
    guide::{
        Effect, Guide, Input,
        step::{Long, Step, Survey},
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn cover(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
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
                // Answers to the look before are ignored from here on.
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
}
