//! The commands that wait while one is carried out, and which of them are to stop.

use std::{cell::Cell, collections::VecDeque, rc::Rc};

use crate::protocol::messages::{Command, Envelope};

/// The commands that the worker has received and not begun.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    stop: Rc<Cell<bool>>,
}

#[derive(Debug)]
struct Waiting {
    command: Envelope<Command>,
    /// Set if it is to stop as soon as it is begun.
    is_stopped: bool,
}

impl Queue {
    /// Makes a queue that raises and lowers [`Engine::stop`](super::Engine::stop).
    pub fn new(stop: Rc<Cell<bool>>) -> Self {
        Self { waiting: VecDeque::new(), stop }
    }

    /// Puts a command at the end.
    pub fn push(&mut self, command: Envelope<Command>) {
        self.waiting.push_back(Waiting { command, is_stopped: false });
    }

    /// Carries out [`Command::Stop`] out of turn: in the queue it would wait for the command that it is to stop. It
    /// stops all commands before it, begun or not, and none after it.
    pub fn stop(&mut self) {
        self.stop.set(true);
        self.waiting.iter_mut().for_each(|waiting| waiting.is_stopped = true);
    }

    /// Takes the next command, to be begun now.
    pub fn take(&mut self) -> Option<Envelope<Command>> {
        let Waiting { command, is_stopped } = self.waiting.pop_front()?;
        self.stop.set(is_stopped);
        Some(command)
    }

    /// Tells whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::messages::Run;

    #[test]
    fn a_stop_is_for_what_was_told_before_it_and_for_nothing_else() {
        let stop = Rc::new(Cell::new(false));
        let mut queue = Queue::new(Rc::clone(&stop));
        let cover = |further| Envelope { run: Run::default(), message: Command::Cover { further } };
        let look = || Envelope { run: Run::default(), message: Command::Look };
        let begun = |queue: &mut Queue| queue.take().map(|command| (command.message, stop.get()));

        queue.push(cover(false));
        assert_eq!(begun(&mut queue), Some((Command::Cover { further: false }, false)));
        queue.push(look());
        queue.push(cover(true));
        queue.stop();
        queue.push(cover(false));
        // The command under way stops at once, though a command waits that must not stop.
        assert!(stop.get());
        assert_eq!(begun(&mut queue), Some((Command::Look, true)));
        assert_eq!(begun(&mut queue), Some((Command::Cover { further: true }, true)));
        assert_eq!(begun(&mut queue), Some((Command::Cover { further: false }, false)));
        assert_eq!((begun(&mut queue), queue.is_empty()), (None, true));

        // With no command under way there is nothing to stop.
        queue.stop();
        queue.push(look());
        assert_eq!(begun(&mut queue), Some((Command::Look, false)));
    }
}
