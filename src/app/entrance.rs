//! The first part of the page's program: the first screen, until the second part (`later.rs`) is here.
//!
//! It fetches the host's `config.json` and the second part, and hands everything on to that. Whoever presses "Start"
//! earlier waits for it.

use std::cell::Cell;

use gloo::{
    timers::callback::Timeout,
    utils::{document, window},
};
use js_sys::Reflect;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::File;

use super::{
    conductor::{Conductor, Performer},
    config, later,
    worker_files::Missing,
};
use crate::guide::{Effect, Guide, Input};

/// The way of the second part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coming {
    /// Nobody has asked for it yet.
    Not,
    /// It is being fetched, or is here.
    Begun,
    /// It did not arrive, or is not the one that belongs here.
    Lost,
}

thread_local! {
    static COMING: Cell<Coming> = const { Cell::new(Coming::Not) };
}

/// Begins a visit: fetches the host's settings, and behind the first screen the second part. Browsers that were told to
/// save data fetch that when the person presses "Start".
pub fn begin() -> Conductor {
    let conductor = Conductor::new(Guide::waiting(), hand_on, Some(&Entrance));
    spawn_local(async move { conductor.input(Input::Configured(Box::new(config::fetch().await))) });
    if !saves_data() {
        Timeout::new(0, move || fetch(conductor)).forget();
    }
    conductor
}

/// Hands an input to all of the guide, or to the little of it that needs no second part.
fn hand_on(guide: &mut Guide, input: Input) -> Vec<Effect> {
    match later::get() {
        Some(later) => (later.handle)(guide, input),
        None => guide.wait(input),
    }
}

/// Fetches the second part, the first time only. A failure shows once somebody needs it.
fn fetch(conductor: Conductor) {
    if COMING.get() != Coming::Not {
        return;
    }
    COMING.set(Coming::Begun);
    spawn_local(async move {
        match later::fetch().await {
            Ok(later) => (later.begin)(conductor),
            Err(Missing) => COMING.set(Coming::Lost),
        }
        if conductor.peek(Guide::is_held_up) {
            go_on(conductor);
        }
    });
}

/// Goes on with who pressed "Start": by the second part, or to `index.html`'s sentence if that did not arrive.
fn go_on(conductor: Conductor) {
    match (later::get(), COMING.get()) {
        (Some(_), _) => conductor.input(Input::Began),
        (None, Coming::Lost) => say_incomplete(),
        (None, Coming::Not | Coming::Begun) => fetch(conductor),
    }
}

fn say_incomplete() {
    let show = |id: &str, is_shown: bool| {
        let _ = document().get_element_by_id(id)?.toggle_attribute_with_force("hidden", !is_shown);
        Some(())
    };
    show("page", false);
    show("incomplete", true);
}

/// Tells whether the browser was told to save data. Only Chromium says so; others leave the object out.
fn saves_data() -> bool {
    let member = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
    let connection = member(&window().navigator(), "connection").filter(JsValue::is_object);
    connection.and_then(|connection| member(&connection, "saveData")).is_some_and(|saves| saves.is_truthy())
}

/// Hands everything on to the performer of the second part.
struct Entrance;

impl Performer for Entrance {
    fn keeps(&self, conductor: Conductor, input: &Input) -> bool {
        later::get().is_some_and(|later| later.performer.keeps(conductor, input))
    }

    fn remember_step(&self) {
        if let Some(later) = later::get() {
            later.performer.remember_step();
        }
    }

    fn carry_out(&self, conductor: Conductor, effects: Vec<Effect>) {
        match later::get() {
            Some(later) => later.performer.carry_out(conductor, effects),
            None if conductor.peek(Guide::is_held_up) => go_on(conductor),
            None => {}
        }
    }

    fn open_window(&self) -> bool {
        later::get().is_some_and(|later| later.performer.open_window())
    }

    fn keep_file(&self, file: File) {
        if let Some(later) = later::get() {
            later.performer.keep_file(file);
        }
    }
}
