//! Carries out an order, from the person's agreement to its proof.

use super::{
    Effect, Guide, Input,
    step::{Asked, Deletion, Harvest, Job, News, Part, Pause, Step, Visit, Work},
};
use crate::{
    domain::{
        diagnosis::KeyKnown,
        plan::{Action, Task, tasks},
        proof::Proof,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn write_now(&self, job: Job, kept_key: Secret) -> (Step, Vec<Effect>) {
        let effects = self.tell(write(job.action, &kept_key));
        (Step::Writing { job, kept_key, work: Work::default(), pause: None }, effects)
    }

    pub(super) fn write(
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
                // With the order, the engine forgot what the key had opened, so the person has to enter it again.
                if matches!(visit.known.key, KeyKnown::Tried(_)) {
                    visit.known.key = KeyKnown::NotAsked;
                }
                visit.earlier.clear();
                return (Step::findings(visit), Vec::new());
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
                self.came_into_use(action);
                let harvest = Harvest::new(after(job.visit, work, written), proved);
                return self.go_to(harvest, Part::OldKeys);
            }
            (
                Input::Engine(_, Event::Tried(opening)),
                action @ (Action::ChangeKey | Action::Repair | Action::Rotate),
            ) => {
                // A rotation ends with this event only if it was stopped.
                let written = if action == Action::Rotate {
                    let all = tasks(action, &job.visit.account, &job.visit.known);
                    let open = all.into_iter().find(|task| !work.done.contains(task));
                    work.done.iter().copied().chain(open).filter(|task| task.writes()).collect()
                } else {
                    all_writes(action, &job.visit)
                };
                self.came_into_use(action);
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
}

pub(super) fn write(action: Action, kept_key: &Secret) -> Command {
    Command::Write { action, kept_key: kept_key.clone() }
}

/// The visit after an order. The recovery key has to be tried again before anything is said of it.
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

/// Lists the tasks of a finished action that write.
fn all_writes(action: Action, visit: &Visit) -> Vec<Task> {
    tasks(action, &visit.account, &visit.known).into_iter().filter(|task| task.writes()).collect()
}
