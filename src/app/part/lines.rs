//! Work as lines that tick.

use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::{OPEN, TICK, picture},
};
use crate::words;

/// State of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Done.
    Done,
    /// Being done.
    Now,
    /// Held up: something has to happen first.
    Held,
    /// Still to come.
    Next,
    /// Done or not: the page cannot know.
    Perhaps,
}

impl State {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Held => "held",
            Self::Next => "next",
            Self::Perhaps => "held perhaps",
        }
    }

    fn spoken(self) -> &'static str {
        match self {
            Self::Done => words::lines_done(),
            Self::Now => words::lines_now(),
            Self::Held => words::lines_held(),
            Self::Next => words::lines_next(),
            Self::Perhaps => words::lines_perhaps(),
        }
    }
}

/// Draws one line of work.
pub fn line(state: State, text: impl Into<String>) -> AnyView {
    let mark = if state == State::Done { &TICK } else { &OPEN };
    let spoken = say("span", "spoken", [state.spoken(), " "].concat());
    let text = el("span").child(spoken).text(text).view();
    el("li").class(state.class()).child(picture(mark)).child(text).view()
}

/// Draws lines of work, in order.
pub fn lines(lines: Vec<AnyView>) -> AnyView {
    el("ol").class("lines").all(lines).view()
}
