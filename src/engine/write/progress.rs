//! How far an order has come.

use crate::domain::plan::Task;

/// The tasks of an order. Every order runs them by this list: the first one that is left, until none is.
pub(in crate::engine) struct Progress {
    tasks: Vec<Task>,
    /// In the order in which they were done.
    done: Vec<Task>,
}

impl Progress {
    /// Makes a list of which the tasks in `done` are done already.
    pub(in crate::engine) fn new(tasks: Vec<Task>, done: Vec<Task>) -> Self {
        Self { tasks, done }
    }

    /// The next task, if any is left.
    pub(in crate::engine) fn next_task(&self) -> Option<Task> {
        self.tasks.iter().copied().find(|task| !self.done.contains(task))
    }

    /// Notes that a task is done.
    pub(in crate::engine) fn complete(&mut self, task: Task) {
        self.done.push(task);
    }

    /// Notes that a task has to be done again.
    pub(in crate::engine) fn redo(&mut self, task: Task) {
        self.done.retain(|done| *done != task);
    }

    /// Notes that everything was taken back: only the look before the first write still counts.
    pub(in crate::engine) fn forget_done(&mut self) {
        self.done.retain(|done| *done == Task::CheckUnchanged);
    }

    /// The tasks that are done.
    pub(in crate::engine) fn done(&self) -> &[Task] {
        &self.done
    }

    /// Tells whether a task is done.
    pub(in crate::engine) fn is_done(&self, task: Task) -> bool {
        self.done.contains(&task)
    }

    /// Tells whether a task belongs to the order, done or not.
    pub(in crate::engine) fn includes(&self, task: Task) -> bool {
        self.tasks.contains(&task)
    }

    /// Tells whether a task belongs to the order and is left.
    pub(in crate::engine) fn has_ahead(&self, task: Task) -> bool {
        self.includes(task) && !self.is_done(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_in_their_order_and_again_where_they_were_taken_back() {
        let list = vec![Task::CheckUnchanged, Task::CreateBackup, Task::PublishIdentity];
        let mut progress = Progress::new(list.clone(), Vec::new());
        let mut came = Vec::new();
        while let Some(task) = progress.next_task() {
            assert!(progress.has_ahead(task));
            progress.complete(task);
            came.push(task);
        }
        assert_eq!((came.as_slice(), progress.done()), (list.as_slice(), list.as_slice()));
        progress.redo(Task::CreateBackup);
        assert_eq!(progress.next_task(), Some(Task::CreateBackup));
        progress.forget_done();
        assert_eq!(progress.done(), [Task::CheckUnchanged]);
        assert!(!progress.has_ahead(Task::Commit) && !progress.includes(Task::Commit));
    }

    /// The server wants a proof for a new identity before the backup is made.
    #[test]
    fn a_task_that_was_done_out_of_turn_is_not_done_again() {
        let list = vec![Task::CreateBackup, Task::PublishIdentity, Task::ReadBack];
        let mut progress = Progress::new(list, vec![Task::PublishIdentity]);
        progress.complete(Task::CreateBackup);
        assert_eq!(progress.next_task(), Some(Task::ReadBack));
    }
}
