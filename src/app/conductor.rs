//! The one handle that screens have: a signal to draw from, and a way to say what the person did.
//!
//! It depends on no screen and on nothing that reaches the browser or the engine, so that every screen may know it.
//! A [`Performer`] carries out what the guide asks (`effects.rs`).

use leptos::prelude::*;
use web_sys::File;

use crate::{
    domain::{line, plan::Action, problem::Problem, sign_in::Door},
    guide::{Effect, Guide, Input, Step},
};

/// The longest part of a file's name that is kept.
const FILE_NAME_SHOWN: usize = 80;

/// A way for the guide to take an input.
pub type Handle = fn(&mut Guide, Input) -> Vec<Effect>;

/// Carries out effects, with everything that this needs.
pub trait Performer: Sync {
    /// Sees an input before the guide does; returns whether it keeps the input from the guide.
    fn keeps(&self, conductor: Conductor, input: &Input) -> bool;
    /// Makes the browser's Back button lead from the step that was just reached to the one before.
    fn remember_step(&self);
    /// Does what the guide asks, in order.
    fn carry_out(&self, conductor: Conductor, effects: Vec<Effect>);
    /// Opens a window for a page of the server's; returns whether the browser did.
    fn open_window(&self) -> bool;
    /// Holds the file that the person chose.
    fn keep_file(&self, file: File);
}

/// The guide, and whoever carries out its effects. Copies are the same conductor.
#[derive(Clone, Copy)]
pub struct Conductor {
    guide: RwSignal<Guide>,
    handle: Handle,
    /// Carries out effects; nobody does in a gallery.
    performer: Option<&'static dyn Performer>,
}

impl Conductor {
    /// A conductor that begins where this guide stands. Without a performer it has no effects: for the gallery.
    pub fn new(guide: Guide, handle: Handle, performer: Option<&'static dyn Performer>) -> Self {
        Self { guide: RwSignal::new(guide), handle, performer }
    }

    /// Tells the guide what happened and has done what it asks.
    pub fn input(self, input: Input) {
        if self.performer.is_some_and(|performer| performer.keeps(self, &input)) {
            return;
        }
        let back = matches!(input, Input::WentBack);
        let before = self.place();
        let handle = self.handle;
        let Some(effects) = self.guide.try_update(|guide| handle(guide, input)) else { return };
        let Some(performer) = self.performer else { return };
        if !back && before != self.place() {
            performer.remember_step();
        }
        performer.carry_out(self, effects);
    }

    /// Passes on that the person wants to sign in on a page of the server's. Only their click itself may call this:
    /// browsers block windows that are opened later.
    pub fn choose_door(self, door: Door) {
        let blocked = self.performer.is_some_and(|performer| !performer.open_window());
        self.input(Input::ChoseDoor { door, blocked });
    }

    /// Keeps the file that the person chose, and says so.
    pub fn choose_file(self, file: File) {
        let name = line::cut(&file.name(), FILE_NAME_SHOWN);
        let bytes = file.size() as u64;
        if let Some(performer) = self.performer {
            performer.keep_file(file);
        }
        self.input(Input::ChoseFile { name, bytes });
    }

    /// A button's answer to a click: one input.
    pub fn on(self, input: fn() -> Input) -> Callback<()> {
        Callback::new(move |()| self.input(input()))
    }

    /// A button's answer to a click: the choice of an action.
    pub fn chose(self, action: Action) -> Callback<()> {
        Callback::new(move |()| self.input(Input::Chose(action)))
    }

    /// Looks at the guide, and again whenever it changes.
    pub fn read<T: Default>(self, look: impl Fn(&Guide) -> T) -> T {
        let mut seen = T::default();
        self.look(&mut |guide| seen = look(guide));
        seen
    }

    /// Follows the signal: one copy of that code for all who look.
    #[inline(never)]
    fn look(self, look: &mut dyn FnMut(&Guide)) {
        self.guide.with(look);
    }

    /// Looks at the guide as it is now.
    pub fn peek<T>(self, look: impl FnOnce(&Guide) -> T) -> T {
        self.guide.with_untracked(look)
    }

    /// A part of the present step that may change while the step stays; `over` once it is over.
    pub fn ask<T>(self, over: T, select: impl Fn(&Step) -> Option<T>) -> T {
        self.read(|guide| select(guide.step())).unwrap_or(over)
    }

    /// The reason why the last attempt failed, if this step tells it.
    pub fn trouble(self) -> Option<Problem> {
        self.read(|guide| guide.trouble().cloned())
    }

    /// Tells whether this draws a fixture.
    pub fn is_still(self) -> bool {
        self.performer.is_none()
    }

    /// Forgets the visit, and with it all that is on screen.
    pub fn forget(self) {
        self.guide.try_update(|guide| *guide = Guide::default());
    }

    fn place(self) -> (&'static str, usize) {
        self.peek(|guide| guide.step().place())
    }
}
