//! Carries out what the guide asks. Only this file starts the engine, tells it commands, and holds files and the
//! sign-in window.

use std::cell::RefCell;

use gloo::timers::callback::Timeout;
use leptos::task::spawn_local;
use web_sys::{File, RequestMode};

use super::{
    awake,
    conductor::{Conductor, Performer},
    contacts, discover,
    doorway::{self, Doorway},
    engine_link::EngineLink,
    estimate,
    files::{self, Files, Turn},
    history, keep, language, leave, lock, photo,
    request::{answer_of, start},
};
use crate::{
    domain::{
        address::Address,
        discovery::Server,
        key_file::KeyFileError,
        phrase_policy::{least_length, policy_url},
        problem::Problem,
    },
    guide::{Attempt, Effect, Guide, Input},
    protocol::messages::{Command, Event, Run},
};

/// State of the page that lasts from one effect to the next.
struct State {
    engine: EngineLink,
    alarm: Option<Timeout>,
    files: Files,
    doorway: Doorway,
    /// Counts the searches for a homeserver: only the last one may report what it found.
    search: u32,
    /// The address whose server is to be asked for its contacts; `None` once it was.
    whom_to_ask: Option<Address>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State {
        engine: EngineLink::new(),
        alarm: None,
        files: Files::default(),
        doorway: Doorway::default(),
        search: 0,
        whom_to_ask: None,
    });
}

/// Borrows the state. `act` must send no input: its effects would borrow the state once more, which panics.
fn with_state<T>(act: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(act)
}

/// Carries out effects on the page itself.
pub struct Live;

/// Begins to watch the browser, and has the engine's link report to the guide.
pub fn begin(conductor: Conductor) {
    with_state(|state| state.engine.report_by(move |input| conductor.input(input)));
    leave::watch(conductor, leave);
    history::watch(conductor);
    awake::watch(conductor);
    language::begin_writing();
}

/// Draws the page in the language that the host wants, once its settings are here.
pub fn prefer(conductor: Conductor) {
    let language = conductor.peek(|guide| guide.config().language.filter(|_| guide.is_before_sign_in()));
    spawn_local(language::prefer(language));
}

/// Leaves the page: ends the worker and all that it holds, and forgets what is on screen. A browser may keep a page as it
/// was left, and show it to the next person who goes back. The farewell is sent without us: `leave::sign_out_when_left`.
fn leave(conductor: Conductor) {
    with_state(|state| {
        state.engine.end();
        state.files = Files::default();
        state.doorway.close();
        state.doorway = Doorway::default();
    });
    photo::stop();
    estimate::stop();
    conductor.forget();
}

impl Performer for Live {
    fn keeps(&self, conductor: Conductor, input: &Input) -> bool {
        let Input::Engine(run, event) = input else { return false };
        match event {
            // The page collects the pieces; the guide hears only that the file is complete.
            Event::FilePart(bytes) => {
                if *run == conductor.peek(Guide::run) {
                    with_state(|state| state.files.collect(bytes));
                }
                true
            }
            // The browser keeps the farewell for the closing of the tab.
            Event::SignedIn { farewell, .. } => {
                leave::sign_out_when_left(Some(farewell));
                false
            }
            Event::Farewell(farewell) => {
                leave::sign_out_when_left(Some(farewell));
                true
            }
            Event::SignedOut => {
                leave::sign_out_when_left(None);
                false
            }
            _ => false,
        }
    }

    fn remember_step(&self) {
        history::remember_step();
    }

    fn carry_out(&self, conductor: Conductor, effects: Vec<Effect>) {
        let awaits = conductor
            .peek(|guide| matches!(guide.step().attempt(), Some(Attempt::Window { address: Some(_), .. })));
        with_state(|state| {
            state.doorway.listen(awaits, move |answer| conductor.input(Input::CameBack(answer)));
        });
        for effect in effects {
            carry_out(conductor, effect);
        }
        if conductor.peek(Guide::lacks_contacts) {
            find_contacts(conductor);
        }
    }

    fn open_window(&self) -> bool {
        let opened = doorway::open();
        let is_open = opened.is_some();
        with_state(|state| state.doorway.keep(opened));
        is_open
    }

    fn keep_file(&self, file: File) {
        with_state(|state| state.files.choose(file));
    }
}

fn carry_out(conductor: Conductor, effect: Effect) {
    match effect {
        Effect::FetchEngine => with_state(|state| state.engine.fetch()),
        Effect::Discover(address) => search(conductor, address),
        Effect::LockAndStart(server) => lock_and_start(conductor, &server),
        Effect::Tell(run, command) => match with_state(|state| state.files.turn(run, command)) {
            Turn::Now(command) => tell(conductor, run, command),
            Turn::Later => {}
            // The engine never got the command that is to be stopped, so the page answers for it.
            Turn::Stopped => conductor.input(Input::Engine(run, Event::Stopped)),
        },
        Effect::Estimate { run, judge, user_id } => estimate_first(conductor, run, judge, user_id),
        Effect::Authorize { run, base_url, door, user_id } => {
            let callback = doorway::callback();
            tell(conductor, run, Command::Authorize { base_url, door, user_id, callback });
        }
        Effect::ShowPage(address) => with_state(|state| state.doorway.show(&address)),
        Effect::CloseWindow => with_state(|state| state.doorway.close()),
        Effect::SendFile(run) => send_file(conductor, run),
        Effect::SaveFile { name, user_id } => {
            let name = keep::file_name(name, &user_id);
            with_state(|state| {
                state.files.save(&name);
            });
        }
        Effect::ForgetChosen => with_state(|state| state.files.forget_chosen()),
        Effect::ForgetMade => with_state(|state| state.files.forget_made()),
        Effect::Wake(ms) => with_state(|state| {
            state.alarm = Some(Timeout::new(ms, move || conductor.input(Input::TimePassed)));
        }),
        Effect::EndEngine => {
            estimate::stop();
            with_state(|state| {
                state.alarm = None;
                state.files = Files::default();
                state.engine.end();
            });
        }
        Effect::Reload => leave::reload(),
    }
}

fn tell(conductor: Conductor, run: Run, command: Command) {
    if with_state(|state| state.engine.tell(run, command)).is_err() {
        conductor.input(Input::EngineLost(Problem::engine_stopped()));
    }
}

/// Estimates a phrase, then has the engine judge it.
fn estimate_first(conductor: Conductor, run: Run, mut judge: Command, user_id: String) {
    let Command::Judge { phrase, .. } = &judge else { return };
    let phrase = phrase.clone();
    let done = Box::new(move |estimated| {
        if let Command::Judge { estimate, .. } = &mut judge {
            *estimate = estimated;
        }
        if run == conductor.peek(Guide::run) {
            tell(conductor, run, judge);
        }
    });
    estimate::of(phrase, user_id, done);
}

/// Sends the chosen file piece by piece, then the commands that waited for it. Ends as soon as the run does.
fn send_file(conductor: Conductor, run: Run) {
    let Some((number, file)) = with_state(|state| state.files.begin(run)) else { return };
    spawn_local(async move {
        let mut from = 0.0;
        loop {
            let read = files::piece(&file, from).await;
            let wanted = with_state(|state| state.files.is_sending(number, run));
            if !wanted || run != conductor.peek(Guide::run) {
                return;
            }
            let Some((bytes, to)) = read else {
                with_state(|state| {
                    state.files.end();
                });
                let problem = Problem::KeyFile(KeyFileError::Unreadable);
                return conductor.input(Input::Engine(run, Event::Failed(problem)));
            };
            tell(conductor, run, Command::FilePart { first: from == 0.0, bytes });
            if to >= file.size() {
                break;
            }
            from = to;
        }
        for command in with_state(|state| state.files.end()) {
            tell(conductor, run, command);
        }
    });
}

fn lock_and_start(conductor: Conductor, server: &Server) {
    match lock::narrow_to(server) {
        Ok(()) => with_state(|state| state.engine.start()),
        Err(_) => conductor.input(Input::EngineLost(Problem::engine_stopped())),
    }
}

/// Looks for the homeserver, and tells the guide unless a newer search has begun.
fn search(conductor: Conductor, address: Address) {
    let mine = with_state(|state| {
        state.search += 1;
        state.whom_to_ask = Some(address.clone());
        state.search
    });
    spawn_local(async move {
        let found: Result<Server, Problem> = discover::find(&address).await;
        if mine == last_search() {
            if let Ok(server) = &found {
                find_least_phrase(conductor, &address);
                if !contacts::can_be_asked_later(&address, &server.base_url) {
                    find_contacts(conductor);
                }
            }
            conductor.input(Input::Discovered(found));
        }
    });
}

fn last_search() -> u32 {
    with_state(|state| state.search)
}

/// Asks what the homeserver wants of phrases. Once locked, the page may not reach every server's name, so it asks before;
/// nobody waits for the answer.
fn find_least_phrase(conductor: Conductor, address: &Address) {
    let (asked, search) = (start(&policy_url(address), RequestMode::Cors), last_search());
    spawn_local(async move {
        let least = least_length(&answer_of(asked).await);
        if search == last_search() {
            conductor.input(Input::FoundLeastPhrase(least));
        }
    });
}

/// Asks for the contacts that the homeserver names: once a search, and only where the host names none.
fn find_contacts(conductor: Conductor) {
    let whom = with_state(|state| state.whom_to_ask.take());
    if let Some(address) = whom.filter(|_| conductor.peek(|guide| guide.config().contact.is_none())) {
        let (found, search) = (contacts::ask(&address), last_search());
        spawn_local(async move {
            let found = found.await;
            if search == last_search() {
                conductor.input(Input::FoundContacts(found));
            }
        });
    }
}
