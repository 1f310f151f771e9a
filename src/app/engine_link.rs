//! The link to the engine's worker: starts it, keeps commands until it is ready, and notices its death.
//!
//! Every way in which a worker can fail ends in one input to the guide: [`Input::EngineLost`].

use std::{cell::RefCell, rc::Rc};

use gloo::events::EventListener;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker};

use super::worker_files::{Coming, Missing, WorkerFiles};
use crate::{
    domain::problem::Problem,
    guide::Input,
    protocol::{
        messages::{Command, Envelope, Event, Run},
        wire::{self, Unreadable},
    },
};

/// Message by which the worker says that it cannot go on.
const STOPPED: &str = "stopped";

/// The link; clones share it.
#[derive(Clone)]
pub struct EngineLink(Rc<RefCell<Line>>);

struct Line {
    files: Files,
    engine: Engine,
    report: Rc<dyn Fn(Input)>,
}

/// State of the engine's files; `wanted` says that the worker is to start once they are here.
enum Files {
    /// Nobody has asked for them, or they did not arrive.
    Elsewhere,
    Coming {
        wanted: bool,
    },
    Here(WorkerFiles),
}

/// State of the engine.
enum Engine {
    /// It has not been started; these commands wait for it.
    Wanted(Vec<ArrayBuffer>),
    /// It has not said yet that it is ready; these commands wait for that.
    Starting(Running, Vec<ArrayBuffer>),
    Ready(Running),
    /// It has been ended, or was ready without having been started.
    Ended,
}

/// A worker and what listens to it.
struct Running {
    worker: Worker,
    _listeners: [EventListener; 3],
}

impl EngineLink {
    /// Makes a link without a worker.
    #[expect(clippy::new_without_default, reason = "a line is made once, on purpose")]
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(Line {
            files: Files::Elsewhere,
            engine: Engine::Wanted(Vec::new()),
            report: Rc::new(|_| ()),
        })))
    }

    /// Has the link report to the guide by this.
    pub fn report_by(&self, report: impl Fn(Input) + 'static) {
        self.0.borrow_mut().report = Rc::new(report);
    }

    /// Fetches the engine's files, if they are not coming. A fetch that failed before is tried again; it is reported only
    /// when the engine is needed.
    pub fn fetch(&self) {
        let mut line = self.0.borrow_mut();
        if !matches!(line.files, Files::Elsewhere) {
            return;
        }
        line.files = Files::Coming { wanted: false };
        drop(line);
        let link = self.clone();
        spawn_local(async move {
            let fetched = match Coming::begin("engine") {
                Ok(coming) => coming.arrive().await,
                Err(missing) => Err(missing),
            };
            link.arrived(fetched);
        });
    }

    /// Starts the worker, now or as soon as its files are here.
    pub fn start(&self) {
        self.fetch();
        let mut line = self.0.borrow_mut();
        match &mut line.files {
            Files::Coming { wanted } => *wanted = true,
            Files::Here(files) => {
                let files = files.clone();
                drop(line);
                self.spawn(&files);
            }
            Files::Elsewhere => {
                drop(line);
                self.lost(Problem::EngineMissing);
            }
        }
    }

    /// Sends a command, or keeps it until the engine is ready.
    ///
    /// # Errors
    /// [`Unreadable`] when the command cannot be encoded, or no worker can take it.
    pub fn tell(&self, run: Run, command: Command) -> Result<(), Unreadable> {
        let bytes = wire::encode(&Envelope { run, message: command })?;
        let buffer = Uint8Array::from(bytes.as_slice()).buffer();
        match &mut self.0.borrow_mut().engine {
            Engine::Wanted(waiting) | Engine::Starting(_, waiting) => {
                waiting.push(buffer);
                Ok(())
            }
            Engine::Ready(running) => running.post(&buffer),
            Engine::Ended => Err(Unreadable),
        }
    }

    /// Ends the worker, and wipes the commands that waited for it.
    pub fn end(&self) {
        let mut line = self.0.borrow_mut();
        if let Files::Coming { wanted } = &mut line.files {
            *wanted = false;
        }
        let (running, waiting) = line.engine.take();
        for buffer in waiting {
            Uint8Array::new(&buffer).fill(0, 0, buffer.byte_length());
        }
        if let Some(running) = running {
            running.worker.terminate();
        }
    }

    fn arrived(&self, fetched: Result<WorkerFiles, Missing>) {
        let files = match &fetched {
            Ok(files) => Files::Here(files.clone()),
            Err(Missing) => Files::Elsewhere,
        };
        let before = std::mem::replace(&mut self.0.borrow_mut().files, files);
        match (before, fetched) {
            (Files::Coming { wanted: true }, Ok(files)) => self.spawn(&files),
            (Files::Coming { wanted: true }, Err(Missing)) => self.lost(Problem::EngineMissing),
            _ => {}
        }
    }

    fn spawn(&self, files: &WorkerFiles) {
        match self.try_spawn(files) {
            Ok(running) => self.0.borrow_mut().engine.start(running),
            Err(_) => self.lost(Problem::engine_stopped()),
        }
    }

    fn try_spawn(&self, files: &WorkerFiles) -> Result<Running, JsValue> {
        let worker = files.start()?;
        let (heard, died, unreadable) = (self.clone(), self.clone(), self.clone());
        let listeners = [
            EventListener::new(&worker, "message", move |event| {
                if let Some(event) = event.dyn_ref::<MessageEvent>() {
                    heard.hear(&event.data());
                }
            }),
            EventListener::new(&worker, "error", move |_| died.lost(Problem::engine_stopped())),
            EventListener::new(&worker, "messageerror", move |_| unreadable.lost(Problem::engine_stopped())),
        ];
        Ok(Running { worker, _listeners: listeners })
    }

    fn hear(&self, data: &JsValue) {
        let Some(buffer) = data.dyn_ref::<ArrayBuffer>() else {
            let known = data.as_string().is_some_and(|word| word == STOPPED);
            debug_assert!(known, "the worker said something unknown");
            return self.lost(Problem::engine_stopped());
        };
        let view = Uint8Array::new(buffer);
        let bytes = zeroize::Zeroizing::new(view.to_vec());
        view.fill(0, 0, view.length());
        match wire::decode(&bytes) {
            Ok(Envelope { run, message }) => {
                if matches!(message, Event::Ready) && self.flush().is_err() {
                    return self.lost(Problem::engine_stopped());
                }
                self.report(Input::Engine(run, message));
            }
            Err(Unreadable) => self.lost(Problem::engine_stopped()),
        }
    }

    /// Sends the commands that waited until the engine was ready.
    fn flush(&self) -> Result<(), Unreadable> {
        let mut line = self.0.borrow_mut();
        let (running, waiting) = line.engine.take();
        let Some(running) = running else { return Ok(()) };
        let sent = waiting.iter().try_for_each(|buffer| running.post(buffer));
        line.engine = Engine::Ready(running);
        sent
    }

    fn lost(&self, problem: Problem) {
        self.report(Input::EngineLost(problem));
    }

    /// Hands an input to the guide later, outside of any borrow: the guide may use this link at once.
    fn report(&self, input: Input) {
        let report = self.0.borrow().report.clone();
        spawn_local(async move { report(input) });
    }
}

impl Engine {
    /// Notes that a worker was started.
    fn start(&mut self, running: Running) {
        *self = match std::mem::replace(self, Self::Ended) {
            Self::Wanted(waiting) | Self::Starting(_, waiting) => Self::Starting(running, waiting),
            Self::Ready(_) | Self::Ended => Self::Ready(running),
        };
    }

    /// Takes the worker, if there is one, with the commands that wait for it.
    fn take(&mut self) -> (Option<Running>, Vec<ArrayBuffer>) {
        match std::mem::replace(self, Self::Ended) {
            Self::Wanted(waiting) => (None, waiting),
            Self::Starting(running, waiting) => (Some(running), waiting),
            Self::Ready(running) => (Some(running), Vec::new()),
            Self::Ended => (None, Vec::new()),
        }
    }
}

impl Running {
    /// Transfers the bytes to the worker; the page keeps no copy.
    fn post(&self, buffer: &ArrayBuffer) -> Result<(), Unreadable> {
        self.worker.post_message_with_transfer(buffer, &Array::of1(buffer)).map_err(|_| Unreadable)
    }
}
