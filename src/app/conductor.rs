//! Owns the guide: takes inputs from the screens and carries out the effects that follow.

use gloo::timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use web_sys::File;

use super::{
    config, contacts, discover,
    doorway::{self, Doorway},
    engine_link::EngineLink,
    files::{self, Files, Turn},
    history, keep,
    later::{self, Handle},
    leave, lock,
};
use crate::{
    domain::{
        address::Address, discovery::Server, farewell::Farewell, key_file::KeyFileError, line, plan::Action,
        problem::Problem, sign_in::Door,
    },
    guide::{Attempt, Effect, Guide, Input, Step},
    protocol::messages::{Command, Event, Run},
};

/// How much of a file's name is kept.
const FILE_NAME_SHOWN: usize = 80;

/// The one handle the screens have: a signal to draw from, and a way to say what was done.
#[derive(Clone, Copy)]
pub struct Conductor {
    guide: RwSignal<Guide>,
    /// Where effects are carried out; nothing in a gallery.
    hands: Option<StoredValue<Hands, LocalStorage>>,
}

/// What carrying out effects needs.
struct Hands {
    engine: EngineLink,
    alarm: Option<Timeout>,
    files: Files,
    doorway: Doorway,
    /// What signs this page's device out, while it is signed in.
    farewell: Option<Farewell>,
    /// Counts the searches for a homeserver: only the last one may answer.
    search: u32,
    /// Where to ask for people to ask, until that was done.
    whom_to_ask: Option<Address>,
}

impl Conductor {
    /// A conductor whose effects reach the network and the engine; starts fetching the engine.
    pub fn live() -> Self {
        let guide = RwSignal::new(Guide::waiting());
        let hands = StoredValue::new_local(Hands {
            engine: EngineLink::new(),
            alarm: None,
            files: Files::default(),
            doorway: Doorway::default(),
            farewell: None,
            search: 0,
            whom_to_ask: None,
        });
        let conductor = Self { guide, hands: Some(hands) };
        hands.with_value(|hands| hands.engine.begin(move |input| conductor.input(input)));
        spawn_local(async move { conductor.input(Input::Configured(Box::new(config::fetch().await))) });
        conductor
    }

    /// A conductor that has no effects: for the gallery.
    pub fn still(guide: Guide) -> Self {
        Self { guide: RwSignal::new(guide), hands: None }
    }

    /// Tells the guide what happened and does what it asks.
    pub fn input(self, mut input: Input) {
        if let Input::Engine(run, event) = &mut input {
            match event {
                // The file is the page's to put together; the guide hears when it is complete.
                Event::FilePart(bytes) => {
                    if *run == self.peek(Guide::run) {
                        self.with_hands(|hands| hands.files.collect(bytes));
                    }
                    return;
                }
                // Nobody but the page that closes has a use for it.
                Event::SignedIn { farewell, .. } => self.keep(farewell.clone()),
                Event::Farewell(farewell) => return self.keep(farewell.clone()),
                Event::SignedOut => self.with_hands(|hands| hands.farewell = None),
                _ => {}
            }
        }
        let back = matches!(input, Input::WentBack);
        let before = self.place();
        // As long as the second part is not here, there is no engine either.
        let handle = later::get().map_or(Guide::enter as Handle, |later| later.handle);
        let Some(effects) = self.guide.try_update(|guide| handle(guide, input)) else { return };
        if self.hands.is_some() && !back && before != self.place() {
            history::remember_step();
        }
        let awaits = self
            .peek(|guide| matches!(guide.step().attempt(), Some(Attempt::Window { address: Some(_), .. })));
        self.with_hands(|hands| {
            hands.doorway.listen(awaits, move |answer| self.input(Input::CameBack(answer)));
        });
        for effect in effects {
            self.carry_out(effect);
        }
        if self.peek(Guide::lacks_contacts) {
            self.find_contacts();
        }
    }

    fn keep(self, farewell: Farewell) {
        self.with_hands(|hands| hands.farewell = Some(farewell));
    }

    /// The person wants to sign in on a page of the server's. This has to be their click itself, for the window's sake.
    pub fn choose_door(self, door: Door) {
        let mut blocked = false;
        self.with_hands(|hands| blocked = !hands.doorway.open());
        self.input(Input::ChoseDoor { door, blocked });
    }

    /// Asks the homeserver whom it names for help, once.
    fn find_contacts(self) {
        let mut whom = None;
        self.with_hands(|hands| whom = hands.whom_to_ask.take());
        if let Some(address) = whom.filter(|_| self.peek(|guide| guide.config().contact.is_none())) {
            let (found, search) = (contacts::ask(&address), self.search());
            spawn_local(async move {
                let found = found.await;
                if search == self.search() {
                    self.input(Input::FoundContacts(found));
                }
            });
        }
    }

    /// What a button does that passes on one input.
    pub fn on(self, input: fn() -> Input) -> Callback<()> {
        Callback::new(move |()| self.input(input()))
    }

    /// What a button does that chooses an action.
    pub fn chose(self, action: Action) -> Callback<()> {
        Callback::new(move |()| self.input(Input::Chose(action)))
    }

    /// Looks at the guide, and again whenever it changes.
    pub fn read<T: Default>(self, look: impl Fn(&Guide) -> T) -> T {
        let mut seen = T::default();
        self.look(&mut |guide| seen = look(guide));
        seen
    }

    /// One copy of what following a signal takes, for all who look.
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

    /// Why the last attempt failed, if this step tells it.
    pub fn trouble(self) -> Option<Problem> {
        self.read(|guide| guide.trouble().cloned())
    }

    /// Whether this draws a fixture.
    pub fn is_still(self) -> bool {
        self.hands.is_none()
    }

    /// Keeps the file that was chosen, and says so.
    pub fn choose_file(self, file: File) {
        let name = line::cut(&file.name(), FILE_NAME_SHOWN);
        let bytes = file.size() as u64;
        self.with_hands(|hands| hands.files.choose(file));
        self.input(Input::ChoseFile { name, bytes });
    }

    /// The page is being left: ends the worker and with it everything it knows, signs this page out, and forgets
    /// what is on screen. A browser may keep a page that was left as it was, for whoever sits down next and goes back.
    pub fn leave(self) {
        self.with_hands(|hands| {
            hands.engine.end();
            if let Some(farewell) = hands.farewell.take() {
                leave::sign_out(&farewell);
            }
            hands.files = Files::default();
            hands.doorway.close();
            hands.doorway = Doorway::default();
        });
        self.guide.try_update(|guide| *guide = Guide::default());
    }

    /// Which search for a homeserver is the last one.
    fn search(self) -> u32 {
        let mut search = 0;
        self.with_hands(|hands| search = hands.search);
        search
    }

    fn place(self) -> (&'static str, usize) {
        self.peek(|guide| guide.step().place())
    }

    fn with_hands(self, act: impl FnOnce(&mut Hands)) {
        if let Some(hands) = self.hands {
            hands.try_update_value(act);
        }
    }

    fn carry_out(self, effect: Effect) {
        match effect {
            Effect::Discover(address) => self.discover(address),
            Effect::LockAndStart(server) => self.lock_and_start(&server),
            Effect::Tell(run, command) => {
                let mut turn = Turn::Later;
                self.with_hands(|hands| turn = hands.files.turn(run, command));
                match turn {
                    Turn::Now(command) => self.tell(run, command),
                    Turn::Later => {}
                    // The engine has heard of nothing that it could stop.
                    Turn::Stopped => self.input(Input::Engine(run, Event::Stopped)),
                }
            }
            Effect::Authorize { run, base_url, door, user_id } => {
                let callback = doorway::callback();
                self.tell(run, Command::Authorize { base_url, door, user_id, callback });
            }
            Effect::ShowPage(address) => self.with_hands(|hands| hands.doorway.show(&address)),
            Effect::CloseWindow => self.with_hands(|hands| hands.doorway.close()),
            Effect::SendFile(run) => self.send_file(run),
            Effect::SaveFile { name, user_id } => {
                let name = keep::file_name(name, &user_id);
                self.with_hands(|hands| {
                    hands.files.save(&name);
                });
            }
            Effect::ForgetChosen => self.with_hands(|hands| hands.files.forget_chosen()),
            Effect::ForgetMade => self.with_hands(|hands| hands.files.forget_made()),
            Effect::Wake(ms) => self.with_hands(|hands| {
                hands.alarm = Some(Timeout::new(ms, move || self.input(Input::TimePassed)));
            }),
            Effect::EndEngine => self.with_hands(|hands| {
                hands.alarm = None;
                hands.files = Files::default();
                hands.engine.end();
            }),
            Effect::Reload => {
                if !self.is_still() {
                    leave::reload();
                }
            }
        }
    }

    fn tell(self, run: Run, command: Command) {
        let mut told = Ok(());
        self.with_hands(|hands| told = hands.engine.tell(run, command));
        if told.is_err() {
            self.input(Input::EngineLost(Problem::EngineStopped));
        }
    }

    /// Sends the chosen file piece by piece, then what had to wait for it. Ends as soon as the run does.
    fn send_file(self, run: Run) {
        let mut begun = None;
        self.with_hands(|hands| begun = hands.files.begin(run));
        let Some((number, file)) = begun else { return };
        spawn_local(async move {
            let mut from = 0.0;
            loop {
                let read = files::piece(&file, from).await;
                let mut wanted = false;
                self.with_hands(|hands| wanted = hands.files.is_sending(number, run));
                if !wanted || run != self.peek(Guide::run) {
                    return;
                }
                let Some((bytes, to)) = read else {
                    self.with_hands(|hands| {
                        hands.files.end();
                    });
                    let problem = Problem::KeyFile(KeyFileError::Unreadable);
                    return self.input(Input::Engine(run, Event::Failed(problem)));
                };
                self.tell(run, Command::FilePart { first: from == 0.0, bytes });
                if to >= file.size() {
                    break;
                }
                from = to;
            }
            let mut later = Vec::new();
            self.with_hands(|hands| later = hands.files.end());
            for command in later {
                self.tell(run, command);
            }
        });
    }

    fn lock_and_start(self, server: &Server) {
        if self.is_still() {
            return;
        }
        match lock::narrow_to(server) {
            Ok(()) => self.with_hands(|hands| hands.engine.start()),
            Err(_) => self.input(Input::EngineLost(Problem::EngineStopped)),
        }
    }

    fn discover(self, address: Address) {
        self.with_hands(|hands| {
            hands.search += 1;
            hands.whom_to_ask = Some(address.clone());
        });
        if self.is_still() {
            return;
        }
        let mine = self.search();
        spawn_local(async move {
            let found: Result<Server, Problem> = discover::find(&address).await;
            if mine == self.search() {
                if let Ok(server) = &found
                    && !contacts::can_be_asked_later(&address, &server.base_url)
                {
                    self.find_contacts();
                }
                self.input(Input::Discovered(found));
            }
        });
    }
}
