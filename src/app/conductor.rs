//! The one handle that screens have: a signal to draw from, and a way to say what the person did.
//!
//! It depends on no screen, and on nothing that acts on the browser or the engine: so every screen can depend on it.
//! A [`Performer`] carries out what the guide asks (`effects.rs`).

use leptos::prelude::*;
use web_sys::File;

use crate::{
    domain::{line, plan::Action, problem::Problem, sign_in::Door},
    guide::{Effect, Guide, Input, Step},
};

/// The most characters that are kept of a file's name.
const FILE_NAME_SHOWN: usize = 80;

/// Hands an input to the guide, and returns the effects: to the little of it that waits (`Guide::wait`), or to all of it.
pub type Handle = fn(&mut Guide, Input) -> Vec<Effect>;

/// Carries out what the guide asks. The page has one that hands on to another (`entrance.rs`, `effects.rs`), the gallery none.
pub trait Performer: Sync {
    /// Sees an input before the guide does. Returns `true` if the guide shall not get it.
    fn keeps(&self, conductor: Conductor, input: &Input) -> bool;
    /// Makes the browser's Back button lead from the step that was just reached to the one before.
    fn remember_step(&self);
    /// Carries out the effects, in order.
    fn carry_out(&self, conductor: Conductor, effects: Vec<Effect>);
    /// Opens the window for the server's sign-in page. Returns `false` if the browser blocked it.
    fn open_window(&self) -> bool;
    /// Keeps the file that the person chose, until the guide wants it sent or forgotten.
    fn keep_file(&self, file: File);
}

/// The guide and its performer. Copies share them.
#[derive(Clone, Copy)]
pub struct Conductor {
    guide: RwSignal<Guide>,
    handle: Handle,
    /// `None` in the gallery: effects are dropped there.
    performer: Option<&'static dyn Performer>,
}

impl Conductor {
    /// Makes a conductor of this guide. Without a performer its effects are dropped: for the gallery.
    pub fn new(guide: Guide, handle: Handle, performer: Option<&'static dyn Performer>) -> Self {
        Self { guide: RwSignal::new(guide), handle, performer }
    }

    /// Hands the guide an input, and has the performer carry out what the guide asks.
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

    /// Tells the guide that the person wants to sign in on a page of the server's. Call this from the click itself:
    /// browsers block windows that are opened later.
    pub fn choose_door(self, door: Door) {
        let blocked = self.performer.is_some_and(|performer| !performer.open_window());
        self.input(Input::ChoseDoor { door, blocked });
    }

    /// Hands the chosen file to the performer, and its name and size to the guide.
    pub fn choose_file(self, file: File) {
        let name = line::cut(&file.name(), FILE_NAME_SHOWN);
        let bytes = file.size() as u64;
        if let Some(performer) = self.performer {
            performer.keep_file(file);
        }
        self.input(Input::ChoseFile { name, bytes });
    }

    /// Makes a click handler that sends one input.
    pub fn on(self, input: fn() -> Input) -> Callback<()> {
        Callback::new(move |()| self.input(input()))
    }

    /// Makes a click handler that chooses an action.
    pub fn chose(self, action: Action) -> Callback<()> {
        Callback::new(move |()| self.input(Input::Chose(action)))
    }

    /// Has everything look again that follows the guide: what it may draw has changed, and not the guide.
    pub fn look_again(self) {
        self.guide.try_update(|_| ());
    }

    /// Reads from the guide. Whatever is drawn with it is drawn again when the guide changes.
    pub fn read<T: Default>(self, look: impl Fn(&Guide) -> T) -> T {
        let mut seen = T::default();
        self.look(&mut |guide| seen = look(guide));
        seen
    }

    /// Follows the signal. Never inlined, so that the program has this code once.
    #[inline(never)]
    fn look(self, look: &mut dyn FnMut(&Guide)) {
        self.guide.with(look);
    }

    /// Reads from the guide as it is now, without following it.
    pub fn peek<T>(self, look: impl FnOnce(&Guide) -> T) -> T {
        self.guide.with_untracked(look)
    }

    /// Follows a part of the present step. Returns `over` if `select` finds nothing: the step may have changed.
    pub fn ask<T>(self, over: T, select: impl Fn(&Step) -> Option<T>) -> T {
        self.read(|guide| select(guide.step())).unwrap_or(over)
    }

    /// Follows the problem by which the last attempt on this step failed, if it can be made again.
    pub fn trouble(self) -> Option<Problem> {
        self.read(|guide| guide.trouble().cloned())
    }

    /// Tells whether this conductor draws a fixture.
    pub fn is_still(self) -> bool {
        self.performer.is_none()
    }

    /// Replaces the guide by a fresh one: the visit is forgotten, and the screen with it.
    pub fn forget(self) {
        self.guide.try_update(|guide| *guide = Guide::default());
    }

    fn place(self) -> (&'static str, usize) {
        self.peek(|guide| guide.step().place())
    }
}
