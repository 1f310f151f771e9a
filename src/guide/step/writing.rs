//! Carries out an order, from the person's agreement to its proof.

use super::{Answers, Findings, IsStep, Rotated, Turn};
use crate::{
    domain::{
        account::Account,
        diagnosis::KeyKnown,
        plan::{Action, Task, tasks},
        problem::Problem,
        proof::Proof,
        secret::Secret,
    },
    guide::{
        AskedProof, Deletion, Harvest, Input, Job, News, Outcome, Part, Pause, Phase, Visit, Work, Written,
        memory::Memory,
    },
    protocol::messages::{Command, Event},
};

/// Waits for the engine to carry out an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// The order's action. Writing it again goes on where it stopped.
    pub job: Job,
    /// The key as the person entered it; empty if the action asks for none.
    pub kept_key: Secret,
    /// Progress of the order.
    pub work: Work,
    /// The reason why it does not go on.
    pub pause: Option<Pause>,
}

impl Writing {
    pub(in crate::guide) fn begin(memory: &Memory, job: Job, kept_key: Secret) -> Turn {
        let effects = memory.tell(write(job.action, &kept_key));
        Self { job, kept_key, work: Work::default(), pause: None }.with(effects)
    }

    fn hear(mut self, memory: &mut Memory, event: Event) -> Turn {
        match (event, self.job.action) {
            (Event::TaskDone(task), _) => self.did(task),
            (Event::TakenBack(stand), _) => {
                self.work.done = stand;
                self.work.taken_back = true;
            }
            (Event::Progress { done, total }, _) => self.work.progress = Some((done, total)),
            (Event::ProofNeeded(wanted), _) if !self.work.withdrawing => {
                self.pause = Some(Pause::Proof(AskedProof::new(wanted)));
            }
            (Event::Withdrawn, _) if self.work.withdrawing => return self.withdrawn(),
            (Event::Looked(account), _) => self.work.looked = Some(account),
            (
                Event::SetUpDone(proved),
                action @ (Action::SetUp | Action::Finish | Action::Reset | Action::AddKey),
            ) => {
                let written = all_writes(action, &self.job.visit);
                memory.came_into_use(action);
                self.job.visit.entered(&self.kept_key);
                let harvest = Harvest::new(after(self.job.visit, self.work, written), proved);
                return memory.go_to(harvest, Part::OldKeys);
            }
            (Event::Tried(opening), action @ (Action::ChangeKey | Action::Repair | Action::Rotate)) => {
                let Self { mut job, kept_key, work, .. } = self;
                // A rotation ends with this event only if it was stopped.
                let written = if action == Action::Rotate {
                    let all = tasks(action, &job.visit.account, &job.visit.known);
                    let open = all.into_iter().find(|task| !work.done.contains(task));
                    work.done.iter().copied().chain(open).filter(|task| task.writes()).collect()
                } else {
                    all_writes(action, &job.visit)
                };
                memory.came_into_use(action);
                if action.makes_key() {
                    job.visit.entered(&kept_key);
                }
                let mut visit = after(job.visit, work, written.clone());
                visit.known.key = KeyKnown::Tried(opening);
                return Turn::to(Findings { news: Some(News { action, written }), ..Findings::of(visit) });
            }
            (Event::Rotated { proved, rotated }, Action::Rotate) => {
                let written = all_writes(Action::Rotate, &self.job.visit);
                let visit = after(self.job.visit, self.work, written);
                let deletion = Deletion::Kept;
                return Turn::to(Rotated { visit, proved, rotated, deletion, trouble: None });
            }
            _ => {}
        }
        self.stay()
    }

    fn did(&mut self, task: Task) {
        let Self { work, pause, .. } = self;
        if matches!(pause, Some(Pause::Proof(_))) {
            *pause = None;
        }
        if task == Task::PublishIdentity && work.withdrawing {
            work.withdrawing = false;
            work.overtaken = true;
            *pause = None;
        }
        work.progress = None;
        work.taken_back = false;
        if !work.done.contains(&task) {
            work.done.push(task);
        }
    }

    fn withdrawn(self) -> Turn {
        let Self { job: Job { mut visit, .. }, mut work, .. } = self;
        if let Some(account) = work.looked.take() {
            visit.account = account;
        }
        // With the order, the engine forgot what the key had opened, so the person has to enter it again.
        if matches!(visit.known.key, KeyKnown::Tried(_)) {
            visit.known.key = KeyKnown::NotAsked;
        }
        visit.earlier.clear();
        Turn::to(Findings::of(visit))
    }
}

impl IsStep for Writing {
    const NAME: &'static str = "writing";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        let is_done = matches!(input, Input::Engine(_, Event::SetUpDone(_) | Event::Tried(_)));
        if is_done && self.work.overtaken {
            memory.leave_run();
        }
        let mut effects = Vec::new();
        match input {
            Input::Engine(_, event) => return self.hear(memory, event),
            Input::GaveProof(proof) => {
                if let Some(Pause::Proof(asked)) = &mut self.pause
                    && asked.wanted.takes(&proof)
                {
                    asked.went = proof == Proof::Page;
                    if !asked.went {
                        self.pause = None;
                    }
                    effects = memory.tell(Command::GiveProof(proof));
                }
            }
            Input::Withdrew
                if self.job.action.can_be_withdrawn() && matches!(self.pause, Some(Pause::Proof(_))) =>
            {
                self.work.withdrawing = true;
                self.pause = Some(Pause::Withdrawing);
                effects = memory.tell(Command::Withdraw);
            }
            Input::TriedAgain if matches!(self.pause, Some(Pause::Trouble(_))) => {
                if self.work.withdrawing {
                    self.pause = Some(Pause::Withdrawing);
                    effects = memory.tell(Command::Withdraw);
                } else {
                    self.pause = None;
                    self.work.stopping = false;
                    self.work.taken_back = false;
                    effects = memory.tell(write(self.job.action, &self.kept_key));
                }
            }
            Input::WantedStop
                if self.job.action == Action::Rotate && self.pause.is_none() && !self.work.stopping =>
            {
                self.work.stopping = true;
                effects = memory.tell(Command::Stop);
            }
            _ => {}
        }
        self.with(effects)
    }

    fn fail(mut self, memory: &mut Memory, problem: Problem) -> Turn {
        if self.work.overtaken && matches!(problem, Problem::OutOfOrder(_)) {
            // The identity was published before the engine could take the order back; this is its answer to that.
            self.work.overtaken = false;
            self.stay()
        } else if problem.may_pass() || problem == Problem::KeyAsPassword {
            // What may pass is tried again. A recovery key in the place of the password was not sent, so the
            // server asks for its proof again.
            self.pause = Some(Pause::Trouble(problem));
            self.stay()
        } else {
            self.stop(memory, problem)
        }
    }

    fn at_rest(mut self, problem: &Problem) -> Turn {
        self.work.stopping = false;
        let withdraws = self.work.withdrawing;
        self.pause = Some(if withdraws { Pause::Withdrawing } else { Pause::Trouble(problem.clone()) });
        self.stay()
    }

    /// Writes again, or takes back. The engine reads the account itself, and can tell its own changes from others.
    fn go_on(self, memory: &mut Memory, _: Account) -> Turn {
        if matches!(self.pause, Some(Pause::Withdrawing)) {
            self.with(memory.tell(Command::Withdraw))
        } else {
            self.handle(memory, Input::TriedAgain)
        }
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Key,
            visit: Some(&self.job.visit),
            trouble: match &self.pause {
                Some(Pause::Trouble(problem)) => Some(problem),
                Some(Pause::Proof(_) | Pause::Withdrawing) | None => None,
            },
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn written(&self) -> Option<Written> {
        let Self { job, work, .. } = self;
        let all = tasks(job.action, &job.visit.account, &job.visit.known);
        let mut open = all.iter().filter(|task| !work.done.contains(task));
        let perhaps = open.next().filter(|task| task.writes() && !work.taken_back).copied();
        let written: Vec<_> = work.done.iter().filter(|task| task.writes()).copied().collect();
        Some(Written {
            cut_short: perhaps.is_some() || !written.is_empty() && open.any(|task| task.writes()),
            tasks: job.visit.written.iter().copied().chain(written).collect(),
            perhaps,
        })
    }

    fn asked(&self) -> Option<&AskedProof> {
        if let Some(Pause::Proof(asked)) = &self.pause { Some(asked) } else { None }
    }

    fn holds_saved_key(&self) -> bool {
        self.job.action.makes_key()
    }
}

pub(in crate::guide) fn write(action: Action, kept_key: &Secret) -> Command {
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
