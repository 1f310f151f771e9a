//! The last screen, on which the engine checks everything from time to time.

use crate::{
    domain::proof::Proof,
    guide::{
        Effect, Guide, Input,
        step::{Asked, Removal, Step},
        waits::{COUNT_EVERY_MS, pause_between_counts},
    },
    protocol::messages::{Command, Event},
};

/// Number of counts on the last screen after which everything is opened again.
const CHECK_EVERY: u32 = 4;

impl Guide {
    pub(super) fn check(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
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
                effects = vec![Effect::Wake(pause_between_counts(harvest.arrival.still_ms))];
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
            // The engine is removing devices, or the person is giving a proof.
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
}
