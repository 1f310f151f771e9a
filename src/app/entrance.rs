//! The first part of the page's program: the first screen, until the second part (`later.rs`) is here.
//!
//! It fetches the host's `config.json` and the second part, and hands everything on to that. Whoever presses "Start"
//! earlier waits for it.

use std::cell::Cell;

use gloo::{timers::callback::Timeout, utils::window};
use js_sys::Reflect;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::{Event, File};

use super::{
    conductor::{Conductor, Performer},
    config, language, later,
    worker_files::Missing,
};
use crate::{
    guide::{Effect, Guide, Input},
    words,
};

/// State of the second part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nobody has asked for it, or it did not arrive while nobody waited for it.
    Elsewhere,
    /// It is being fetched, or is here.
    Coming,
    /// Somebody waited for it. It did not arrive, or is not the one that belongs here.
    Lost,
}

thread_local! {
    static REST: Cell<Rest> = const { Cell::new(Rest::Elsewhere) };
}

/// Begins a visit: fetches the host's settings, and behind the first screen the second part. Browsers that were told to
/// save data fetch that when the person presses "Start".
pub fn begin() -> Conductor {
    let conductor = Conductor::new(Guide::waiting(), hand_on, Some(&Entrance));
    spawn_local(async move {
        let config = config::fetch().await;
        conductor.input(Input::Configured(Box::new(config)));
        if let Some(later) = later::get() {
            (later.prefer)(conductor);
        }
    });
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

/// Fetches the second part, if it is not coming. A failure that nobody waits for is not told: "Start" fetches it again.
fn fetch(conductor: Conductor) {
    if REST.get() != Rest::Elsewhere {
        return;
    }
    REST.set(Rest::Coming);
    spawn_local(async move {
        let (rest, of) = (language::fetch_rest(), language::tag());
        let later = later::fetch().await;
        let fetched = rest.await.and_then(|rest| Ok((rest, later?)));
        let is_awaited = conductor.peek(Guide::is_held_up);
        match fetched {
            Ok((rest, later)) => {
                // Who has changed the language meanwhile has its texts already.
                if of == language::tag() {
                    words::add(rest);
                }
                // Without its texts it would draw nothing.
                let later = later::take(later);
                (later.begin)(conductor);
                (later.prefer)(conductor);
                conductor.look_again();
            }
            Err(Missing) => REST.set(if is_awaited { Rest::Lost } else { Rest::Elsewhere }),
        }
        if is_awaited {
            go_on(conductor);
        }
    });
}

/// Goes on with who pressed "Start": by the second part, or to `index.html`'s sentence if that did not arrive.
fn go_on(conductor: Conductor) {
    match (later::get(), REST.get()) {
        (Some(_), _) => conductor.input(Input::Began),
        (None, Rest::Lost) => say_incomplete(),
        (None, Rest::Elsewhere | Rest::Coming) => fetch(conductor),
    }
}

/// Has `boot.js` show `index.html`'s sentence.
fn say_incomplete() {
    if let Ok(event) = Event::new("incomplete") {
        let _ = window().dispatch_event(&event);
    }
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
