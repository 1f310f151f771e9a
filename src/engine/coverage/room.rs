//! One room, looked at from its newest message backwards.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use matrix_sdk::ruma::{
    UInt,
    api::client::{filter::RoomEventFilter, message::get_message_events},
    assign,
    events::AnyTimelineEvent,
    serde::Raw,
};
use matrix_sdk_crypto::vodozemac::megolm::MegolmMessage;

use super::{
    entry::SeenEntry,
    held::{Entries, Held},
    message::Message,
    rooms::NamedRoom,
    seen::Seen,
};
use crate::{
    domain::coverage::{Gap, RoomCoverage},
    engine::net::{
        failure::{Failure, Refusal},
        homeserver::Homeserver,
    },
};

/// The messages of a room that the first look covers: one page, which takes a server some six milliseconds. The newest
/// are those that people would miss first.
const FIRST_LOOK: u64 = 100;
/// The events that are asked for at once. An event has at most 65 kB, so an answer stays below the largest that is
/// read.
const PAGE: u64 = 200;
/// The most empty pages in a row: a server may send them without end.
const MOST_EMPTY_PAGES: u32 = 60;
/// The most ranges of messages that are kept of all rooms together. A conversation takes one for each session, so these
/// suffice for millions of messages. A server that forges messages needs one for each.
pub(super) const MOST_RANGES: usize = 500_000;
/// The senders of missing messages that are named.
const MOST_SENDERS: usize = 3;

/// Looks at the entry of a session, with a new message of it if there is one.
pub(super) type Look<'a> = &'a dyn Fn(&str, &mut SeenEntry, Option<&MegolmMessage>);

/// A room, and how far back it was looked at.
pub(super) struct Room {
    pub(super) named: NamedRoom,
    /// The messages that were seen, by session.
    sessions: BTreeMap<Box<str>, Seen>,
    /// The senders of these messages, once each.
    senders: BTreeSet<Rc<str>>,
    /// The time of the oldest message that was seen, in milliseconds since 1970.
    reached_ms: Option<u64>,
    /// The messages that the first look has still to cover.
    first_look: u64,
    /// The empty pages in a row so far.
    empty_pages: u32,
    /// Its entries in the backup, while it is being looked at; the seen messages were compared with them.
    entries: Option<Rc<Entries>>,
    /// Set if the backup has changed since: the seen messages are to be compared again, and newer ones may have come.
    is_old: bool,
    /// The server's token after which newer messages begin.
    newest: Option<String>,
    place: Place,
    trouble: bool,
    /// Set if no look further back is possible.
    is_stuck: bool,
    /// Set if the page has to be told something new.
    pub(super) has_news: bool,
}

/// The place at which the next look goes on.
enum Place {
    /// At the newest message.
    Newest,
    /// Before this token of the server's.
    Before(String),
    /// Nowhere: the beginning of the room was reached.
    Beginning,
    /// Nowhere: the person has left the room, and the server does not show it.
    Hidden,
}

impl Room {
    /// Begins with a room that was not looked at yet.
    pub(super) fn new(named: NamedRoom) -> Self {
        Self {
            named,
            sessions: BTreeMap::new(),
            senders: BTreeSet::new(),
            reached_ms: None,
            first_look: FIRST_LOOK,
            empty_pages: 0,
            entries: None,
            is_old: false,
            newest: None,
            place: Place::Newest,
            trouble: false,
            is_stuck: false,
            has_news: false,
        }
    }

    /// Tells whether the first look is not complete, or the entries have to be looked at again.
    pub(super) fn needs_first_look(&self) -> bool {
        match self.place {
            Place::Newest => true,
            Place::Before(_) => self.first_look > 0 || self.trouble || self.is_old,
            Place::Beginning => self.trouble || self.is_old,
            Place::Hidden => false,
        }
    }

    /// Tells whether a look further back could find more.
    pub(super) fn goes_further(&self) -> bool {
        matches!(self.place, Place::Before(_)) && !self.trouble && !self.is_stuck
    }

    /// Leaves the room out for now, since the server asks to wait.
    pub(super) fn skip(&mut self) {
        self.trouble = true;
    }

    /// Notes that the backup has changed: the seen messages are to be compared again, and newer ones looked at.
    pub(super) fn backup_changed(&mut self) {
        self.entries = None;
        self.is_old = true;
    }

    /// Looks at the newest messages. If the backup has changed, also looks at newer ones, and again at the entries of
    /// those seen. May be dropped between two pages: the messages seen so far stay, and are counted once.
    ///
    /// # Errors
    /// The request's [`Failure`]; the next look then begins where this one ended.
    pub(super) async fn look(
        &mut self,
        server: &Homeserver,
        held: &Held,
        ranges: &Cell<usize>,
    ) -> Result<(), Failure> {
        self.trouble = true;
        self.has_news = true;
        let entries = self.entries(server, held).await?;
        if self.is_old {
            self.catch_up(server, held, &entries, ranges).await?;
            self.is_old = false;
        }
        while self.first_look > 0 && self.can_turn() {
            self.turn(server, held, &entries, self.first_look.min(PAGE), ranges).await?;
        }
        self.first_look = 0;
        self.is_stuck = false;
        self.empty_pages = 0;
        self.trouble = false;
        self.rest();
        Ok(())
    }

    /// Looks further back, to the beginning of the room or until `is_enough`.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn look_further(
        &mut self,
        server: &Homeserver,
        held: &Held,
        ranges: &Cell<usize>,
        is_enough: impl Fn() -> bool,
    ) -> Result<(), Failure> {
        let entries = self.entries(server, held).await?;
        while self.can_turn() {
            if is_enough() {
                return Ok(());
            }
            self.turn(server, held, &entries, PAGE, ranges).await?;
        }
        if matches!(self.place, Place::Before(_)) {
            self.is_stuck = true;
        }
        self.rest();
        Ok(())
    }

    /// Gives up going further back in this room.
    pub(super) fn leave(&mut self) {
        self.is_stuck = true;
        self.has_news = true;
        self.rest();
    }

    fn can_turn(&self) -> bool {
        matches!(self.place, Place::Newest | Place::Before(_)) && self.empty_pages < MOST_EMPTY_PAGES
    }

    /// Drops the entries.
    fn rest(&mut self) {
        self.entries = None;
    }

    /// Returns the room's entries; asks for them once while it is being looked at.
    async fn entries(&mut self, server: &Homeserver, held: &Held) -> Result<Rc<Entries>, Failure> {
        if let Some(entries) = &self.entries {
            return Ok(Rc::clone(entries));
        }
        let entries = held.of_room(server, &self.named.room_id).await?;
        self.look_again(&|session_id, known, message| held.look(&entries, session_id, known, message));
        self.entries = Some(Rc::clone(&entries));
        Ok(entries)
    }

    /// Looks at one page further back.
    async fn turn(
        &mut self,
        server: &Homeserver,
        held: &Held,
        entries: &Entries,
        limit: u64,
        ranges: &Cell<usize>,
    ) -> Result<(), Failure> {
        let from = match &self.place {
            Place::Before(token) => Some(token.clone()),
            Place::Newest | Place::Beginning | Place::Hidden => None,
        };
        let request = get_message_events::v3::Request::backward(self.named.room_id.clone());
        let Some(page) = self.page(server, request, from.clone(), limit).await? else {
            self.place = Place::Hidden;
            return Ok(());
        };
        let events = self.take(&page.chunk, held, entries, ranges)?;
        if from.is_none() {
            self.newest = Some(page.start);
        }
        self.has_news = true;
        self.first_look = self.first_look.saturating_sub(events);
        self.empty_pages = if events == 0 { self.empty_pages + 1 } else { 0 };
        // Servers before version 1.3 of the specification repeat the token at the end, instead of leaving it out.
        self.place = match page.end {
            Some(end) if events > 0 || from.as_ref() != Some(&end) => Place::Before(end),
            Some(_) | None => Place::Beginning,
        };
        Ok(())
    }

    /// Looks at the messages that came since the newest one that was seen.
    async fn catch_up(
        &mut self,
        server: &Homeserver,
        held: &Held,
        entries: &Entries,
        ranges: &Cell<usize>,
    ) -> Result<(), Failure> {
        while let Some(from) = self.newest.clone().filter(|_| !matches!(self.place, Place::Hidden)) {
            let request = get_message_events::v3::Request::forward(self.named.room_id.clone());
            let Some(page) = self.page(server, request, Some(from.clone()), PAGE).await? else {
                self.place = Place::Hidden;
                return Ok(());
            };
            let events = self.take(&page.chunk, held, entries, ranges)?;
            match page.end.filter(|end| events > 0 && *end != from) {
                Some(end) => self.newest = Some(end),
                None => break,
            }
        }
        Ok(())
    }

    /// Asks for a page of encrypted messages; `None` if the person left the room and the server does not show it.
    async fn page(
        &self,
        server: &Homeserver,
        request: get_message_events::v3::Request,
        from: Option<String>,
        limit: u64,
    ) -> Result<Option<get_message_events::v3::Response>, Failure> {
        let request = assign!(request, {
            from,
            limit: UInt::try_from(limit).unwrap_or(UInt::MAX),
            filter: assign!(RoomEventFilter::default(), { types: Some(vec!["m.room.encrypted".to_owned()]) }),
        });
        match server.send(request).await {
            Err(Failure::Refused(Refusal { status: 403, .. })) if self.named.is_left => Ok(None),
            // Keeping more than was asked for could fill the memory.
            Ok(page) if page.chunk.len() as u64 > limit => Err(Failure::Garbled),
            page => page.map(Some),
        }
    }

    /// Adds the messages of a page; returns the number of its events.
    fn take(
        &mut self,
        events: &[Raw<AnyTimelineEvent>],
        held: &Held,
        entries: &Entries,
        ranges: &Cell<usize>,
    ) -> Result<u64, Failure> {
        let before = ranges.get();
        let mut added = 0;
        for message in events.iter().filter_map(Message::read) {
            let look: Look<'_> = &|session_id, known, message| held.look(entries, session_id, known, message);
            if self.see(message, look) {
                added += 1;
            }
        }
        ranges.set(before.saturating_sub(added));
        if before < added { Err(Failure::Garbled) } else { Ok(events.len() as u64) }
    }

    /// Adds a message; returns whether that took a range of its own. `look` looks at the entry of a session.
    pub(super) fn see(&mut self, message: Message, look: Look<'_>) -> bool {
        let Message { session_id, sealed, sender, at_ms, was_theirs } = message;
        let index = sealed.message_index();
        self.reached_ms = Some(self.reached_ms.map_or(at_ms, |reached| reached.min(at_ms)));
        let sender = match self.senders.get(sender.as_str()) {
            Some(known) => Rc::clone(known),
            None => {
                let sender = Rc::<str>::from(sender);
                self.senders.insert(Rc::clone(&sender));
                sender
            }
        };
        if let Some(seen) = self.sessions.get_mut(&*session_id) {
            if seen.known.wants_message() {
                look(&session_id, &mut seen.known, Some(&sealed));
            }
            return seen.add(index, &sender, was_theirs, at_ms);
        }
        let mut seen = Seen::default();
        look(&session_id, &mut seen.known, Some(&sealed));
        seen.add(index, &sender, was_theirs, at_ms);
        self.sessions.insert(session_id.into(), seen);
        true
    }

    /// Looks again at the entries of the seen sessions: they may have been added or replaced since.
    pub(super) fn look_again(&mut self, look: Look<'_>) {
        for (session_id, seen) in &mut self.sessions {
            look(session_id, &mut seen.known, None);
        }
    }

    /// Reports what was seen; `None` if the server does not show the room.
    pub(super) fn report(&self) -> Option<RoomCoverage> {
        if matches!(self.place, Place::Hidden) {
            return None;
        }
        let mut report = RoomCoverage {
            room_id: self.named.room_id.to_string(),
            name: self.named.name.clone(),
            is_direct: self.named.is_direct,
            is_left: self.named.is_left,
            covered: 0,
            missing: 0,
            unopened: 0,
            mendable: 0,
            keys: 0,
            unknown: 0,
            gap: None,
            reached_ms: self.reached_ms,
            is_whole: matches!(self.place, Place::Beginning),
            trouble: self.trouble,
        };
        let mut by_sender = BTreeMap::<&str, u64>::new();
        report.keys = self.sessions.values().filter(|seen| seen.is_needed()).count() as u64;
        for (range, counts) in self.sessions.values().flat_map(Seen::counts) {
            report.covered += counts.covered;
            report.unopened += counts.unopened;
            report.mendable += counts.mendable;
            if !range.was_theirs {
                report.unknown += counts.absent;
            } else if counts.absent > 0 {
                report.missing += counts.absent;
                *by_sender.entry(&range.sender).or_default() += counts.absent;
                // If a later key opens only a part of a range, the times are those of the whole.
                let gap = report.gap.get_or_insert_with(|| Gap { from_ms: u64::MAX, ..Gap::default() });
                gap.from_ms = gap.from_ms.min(range.from_ms);
                gap.to_ms = gap.to_ms.max(range.to_ms);
            }
        }
        if let Some(gap) = &mut report.gap {
            let mut senders: Vec<_> = by_sender.into_iter().collect();
            senders.sort_by_key(|(sender, messages)| (std::cmp::Reverse(*messages), *sender));
            gap.senders = senders.iter().take(MOST_SENDERS).map(|(sender, _)| (*sender).to_owned()).collect();
            gap.more_senders = senders.len().saturating_sub(MOST_SENDERS) as u64;
        }
        Some(report)
    }
}
