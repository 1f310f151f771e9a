//! One room, looked at from its newest message back.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use matrix_sdk::ruma::{
    UInt,
    api::client::{filter::RoomEventFilter, message::get_message_events},
    assign,
};

use super::{
    held::{FirstIndexes, Held},
    message::Message,
    rooms::Known,
};
use crate::{
    domain::coverage::{Gap, RoomCoverage},
    engine::http::{Failure, Homeserver, Refusal},
};

/// How many messages of a room the first look goes back. One page of a server, in some six milliseconds
/// there; and the newest are those that somebody would miss first.
const FIRST_LOOK: u64 = 100;
/// Each further look goes back twice as many as the one before, so that a few reach far; this often.
const DOUBLED_AT_MOST: u32 = 5;
/// How many events are asked for at once. An event has 65 kB at the most, so an answer stays below what is
/// read of one.
const PAGE: u64 = 200;
/// How many pages a look turns at the most: a server may give empty ones without end.
const MOST_PAGES: u32 = 64;
/// How many senders of missing messages are named.
const MOST_SENDERS: usize = 3;

/// A room, and how far it was looked at.
pub(super) struct Room {
    pub(super) known: Known,
    covered: u64,
    /// Messages without a key, to be held against the backup again when more was looked at.
    uncovered: Vec<Uncovered>,
    /// Whoever sent some of them, once each.
    senders: BTreeSet<Rc<str>>,
    looks: u32,
    /// When the oldest message that was seen was sent.
    reached_ms: Option<u64>,
    place: Place,
    trouble: bool,
}

/// Where the next look goes on.
enum Place {
    /// At the newest message.
    Newest,
    /// At this token of the server's.
    Before(String),
    /// Nowhere: the beginning was reached.
    Beginning,
    /// Nowhere: the server does not show a room that was left.
    Hidden,
}

struct Uncovered {
    session_id: Rc<str>,
    index: u32,
    at_ms: u64,
    sender: Rc<str>,
    was_theirs: bool,
}

impl Room {
    /// One that was not looked at yet.
    pub(super) fn new(known: Known) -> Self {
        Self {
            known,
            covered: 0,
            uncovered: Vec::new(),
            senders: BTreeSet::new(),
            looks: 0,
            reached_ms: None,
            place: Place::Newest,
            trouble: false,
        }
    }

    /// Whether another look could tell more.
    pub(super) fn has_more_to_tell(&self) -> bool {
        match self.place {
            Place::Newest | Place::Before(_) => true,
            Place::Beginning => !self.uncovered.is_empty() || self.trouble,
            Place::Hidden => false,
        }
    }

    /// Does not look now: the server wants to be left alone.
    pub(super) fn skip(&mut self) {
        self.trouble = true;
    }

    /// Looks at the next messages, and again at those whose keys were not there. May be given up between two
    /// pages: what was seen until then stays, and is counted once.
    ///
    /// # Errors
    /// The request's [`Failure`]; the next look then begins where this one ended.
    pub(super) async fn look(
        &mut self,
        server: &Homeserver,
        version: &str,
        held: &Held,
    ) -> Result<(), Failure> {
        self.trouble = true;
        let held = held.of_room(server, version, &self.known.room_id).await?;
        self.look_again(&held);
        let mut left = FIRST_LOOK << self.looks.min(DOUBLED_AT_MOST);
        for _ in 0..MOST_PAGES {
            let from = match &self.place {
                Place::Newest => None,
                Place::Before(token) => Some(token.clone()),
                Place::Beginning | Place::Hidden => break,
            };
            if left == 0 {
                break;
            }
            let request = assign!(get_message_events::v3::Request::backward(self.known.room_id.clone()), {
                from: from.clone(),
                limit: UInt::try_from(left.min(PAGE)).unwrap_or(UInt::MAX),
                filter: assign!(RoomEventFilter::default(), { types: Some(vec!["m.room.encrypted".to_owned()]) }),
            });
            let page = match server.send(request).await {
                Err(Failure::Refused(Refusal { status: 403, .. })) if self.known.is_left => {
                    self.place = Place::Hidden;
                    break;
                }
                page => page?,
            };
            // More than was asked for would be kept without end.
            if page.chunk.len() as u64 > left.min(PAGE) {
                return Err(Failure::Garbled);
            }
            for message in page.chunk.iter().filter_map(Message::read) {
                self.see(message, &held);
            }
            left = left.saturating_sub(page.chunk.len() as u64);
            // Servers before 1.3 of the specification repeat the token instead of giving none.
            self.place = match page.end {
                Some(end) if !page.chunk.is_empty() || from.as_ref() != Some(&end) => Place::Before(end),
                Some(_) | None => Place::Beginning,
            };
        }
        self.looks += 1;
        self.trouble = false;
        Ok(())
    }

    pub(super) fn see(&mut self, message: Message, held: &FirstIndexes) {
        let Message { session_id, index, sender, at_ms, was_theirs } = message;
        self.reached_ms = Some(self.reached_ms.map_or(at_ms, |reached| reached.min(at_ms)));
        if is_held(held, &session_id, index) {
            self.covered += 1;
            return;
        }
        // Neighbours mostly share their session.
        let session_id = match self.uncovered.last() {
            Some(last) if *last.session_id == *session_id => Rc::clone(&last.session_id),
            Some(_) | None => Rc::from(session_id),
        };
        let sender = match self.senders.get(sender.as_str()) {
            Some(known) => Rc::clone(known),
            None => {
                let sender = Rc::<str>::from(sender);
                self.senders.insert(Rc::clone(&sender));
                sender
            }
        };
        self.uncovered.push(Uncovered { session_id, index, at_ms, sender, was_theirs });
    }

    /// Keys may have arrived since.
    pub(super) fn look_again(&mut self, held: &FirstIndexes) {
        let before = self.uncovered.len();
        self.uncovered.retain(|message| !is_held(held, &message.session_id, message.index));
        self.covered += (before - self.uncovered.len()) as u64;
    }

    /// What was seen; `None` if the server does not show the room.
    pub(super) fn report(&self) -> Option<RoomCoverage> {
        if matches!(self.place, Place::Hidden) {
            return None;
        }
        let missing = self.uncovered.iter().filter(|message| message.was_theirs).count();
        Some(RoomCoverage {
            room_id: self.known.room_id.to_string(),
            name: self.known.name.clone(),
            is_direct: self.known.is_direct,
            is_left: self.known.is_left,
            covered: self.covered,
            missing: missing as u64,
            unopened: 0,
            mendable: 0,
            keys: 0,
            unknown: (self.uncovered.len() - missing) as u64,
            gap: self.gap(),
            reached_ms: self.reached_ms,
            is_whole: matches!(self.place, Place::Beginning),
            trouble: self.trouble,
        })
    }

    fn gap(&self) -> Option<Gap> {
        let missing = || self.uncovered.iter().filter(|message| message.was_theirs);
        let mut by_sender = BTreeMap::<&str, u64>::new();
        for message in missing() {
            *by_sender.entry(&message.sender).or_default() += 1;
        }
        let mut by_sender: Vec<_> = by_sender.into_iter().collect();
        by_sender.sort_by_key(|(sender, messages)| (std::cmp::Reverse(*messages), *sender));
        Some(Gap {
            from_ms: missing().map(|message| message.at_ms).min()?,
            to_ms: missing().map(|message| message.at_ms).max()?,
            senders: by_sender.iter().take(MOST_SENDERS).map(|(sender, _)| (*sender).to_owned()).collect(),
            more_senders: by_sender.len().saturating_sub(MOST_SENDERS) as u64,
        })
    }
}

fn is_held(held: &FirstIndexes, session_id: &str, index: u32) -> bool {
    held.get(session_id).is_some_and(|first| *first <= index)
}
