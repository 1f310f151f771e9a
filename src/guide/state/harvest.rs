//! Everything that came in after backup was turned on.

use super::{arrival::Arrival, part::Part, survey::Survey, visit::Visit};
use crate::{
    domain::{
        apps::{App, Sends},
        coverage::Tally,
        key_file::{Imported, TakenHome},
        mended::Mended,
        proved::{Checked, Proved},
    },
    guide::waits::left_ms,
};

/// Everything that has come in since backup is on, and what was found in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Harvest {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The latest evidence that the recovery key opens the backup.
    pub evidence: Evidence,
    /// The counts of the backup's room keys.
    pub arrival: Arrival,
    /// The app that emoji were compared with last; it may have the backup key from then on.
    pub compared_with: Option<App>,
    /// Number of room keys that the backup had when an app was last compared with, or a file imported.
    pub keys_before: u64,
    /// Result of the last import.
    pub imported: Option<Imported>,
    /// The messages that were looked at.
    pub survey: Survey,
    /// Result of putting entries back whole.
    pub mended: Option<Mended>,
    /// State of the copy that the person takes home.
    pub copy: CopyHome,
    /// The steps that the person came by, to go back to.
    pub came_by: Vec<Part>,
}

/// The evidence that the recovery key opens the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The engine opened everything when it turned backup on, or tried the key.
    Proved(Proved),
    /// It has opened everything once more since.
    Checked(Checked),
}

impl Harvest {
    /// Makes one to which nothing has come in yet.
    pub fn new(visit: Box<Visit>, proved: Proved) -> Box<Self> {
        let arrival = Arrival { room_keys: proved.room_keys, ..Arrival::default() };
        Box::new(Self {
            visit,
            keys_before: proved.room_keys,
            evidence: Evidence::Proved(proved),
            arrival,
            compared_with: None,
            imported: None,
            survey: Survey::default(),
            mended: None,
            copy: CopyHome::NotOffered,
            came_by: Vec::new(),
        })
    }

    /// The latest evidence that the recovery key opens the backup.
    pub fn proved(&self) -> &Proved {
        match &self.evidence {
            Evidence::Proved(proved) | Evidence::Checked(Checked { proved, .. }) => proved,
        }
    }

    /// The last check in which everything was opened once more, if there was one.
    pub fn checked(&self) -> Option<&Checked> {
        if let Evidence::Checked(checked) = &self.evidence { Some(checked) } else { None }
    }

    /// Tells whether the page has to look at the messages: it has not yet, or the backup has changed since. Another
    /// app may have replaced a room key by a poorer one.
    pub fn has_to_look(&self) -> bool {
        let (seen, now) = (&self.survey.etag, &self.arrival.etag);
        self.survey.at_ms.is_none() || !now.is_empty() && now != seen
    }

    /// Tells whether keys were missing when the key was tried, and the page has neither looked since nor seen keys
    /// come.
    pub(in crate::guide) fn had_gaps(&self) -> bool {
        let nothing_came = self.arrival.room_keys <= self.proved().room_keys && self.imported.is_none();
        self.survey.at_ms.is_none() && nothing_came && self.visit.has_gaps()
    }

    /// Takes note that emoji were compared with an app. The time in which it sends nothing begins now.
    pub(in crate::guide) fn note_compared(&mut self, app: App) {
        self.visit.touched = true;
        self.compared_with = Some(app);
        self.keys_before = self.arrival.room_keys;
        self.arrival.begin_anew();
    }

    /// Takes the result of putting entries back whole; the count that follows leads to another look at the messages.
    pub(in crate::guide) fn took_mended(&mut self, mended: Mended) {
        self.mended = Some(mended);
        self.visit.touched |= mended.mended > 0;
    }

    /// Tells whether some messages have entries that only this page can read.
    pub fn has_mendable(&self) -> bool {
        self.survey.rooms.iter().any(|room| room.mendable > 0)
    }

    /// Tells whether only a fresh backup can have these entries whole, since the server keeps the old ones.
    pub fn needs_fresh_backup(&self) -> bool {
        self.has_mendable() && self.mended.is_some_and(|mended| mended.kept > 0)
    }

    /// Takes the result of an import. If it brought keys, the messages have to be looked at again, and a copy made
    /// before lacks them.
    pub(in crate::guide) fn took(&mut self, imported: Imported) {
        self.imported = Some(imported);
        self.visit.touched = true;
        let room_keys = imported.room_keys;
        self.arrival = Arrival { room_keys, ..Arrival::default() };
        self.keys_before = room_keys;
        if imported.new + imported.better > 0 {
            self.survey = Survey::default();
            if matches!(self.copy, CopyHome::Taken(_)) {
                self.copy = CopyHome::Older;
            }
        }
    }

    /// Number of room keys that have come since an app was compared with, or a file imported.
    pub fn came(&self) -> u64 {
        self.arrival.room_keys.saturating_sub(self.keys_before)
    }

    /// The time until the page expects no more room keys if none come, in milliseconds; zero once it expects none.
    ///
    /// It waits for no app that never sends any, and not once every message back to the beginning of its room has
    /// opened.
    pub fn left_ms(&self) -> u32 {
        let visit = &self.visit;
        // A look is as old as it is: one count since then has to find that nothing has changed.
        let is_all_there = self.misses_nothing() && self.arrival.still_ms > 0;
        if !visit.has_app() || visit.silent_app().is_some() || is_all_there {
            return 0;
        }
        left_ms(self.came() > 0, self.arrival.still_ms)
    }

    /// Tells whether room keys may still be coming in.
    pub fn waits(&self) -> bool {
        self.left_ms() > 0
    }

    /// Tells whether every message was opened, back to the beginning of every room, with the backup as it is now. There
    /// is at least one, and the page knows of each whose it is.
    pub fn misses_nothing(&self) -> bool {
        let tally = Tally::of(&self.survey.rooms);
        let is_whole = tally.has_no_gaps() && tally.unknown == 0 && !tally.goes_further && !self.survey.more;
        !self.has_to_look() && tally.covered > 0 && is_whole
    }

    /// Tells whether the app that was compared with last, or every app, is one that never sends an old key.
    pub fn app_never_sends(&self) -> bool {
        self.compared_with
            .or_else(|| self.visit.silent_app())
            .is_some_and(|app| app.facts().sends == Sends::Never)
    }

    /// Tells whether the page offers to import a key file. A host can switch that off only while an app can still
    /// send the keys, and none were found missing.
    pub fn offers_import(&self) -> bool {
        let visit = &self.visit;
        let app_can_send = visit.has_app() && !self.app_never_sends();
        let has_gaps = self.survey.rooms.iter().any(|room| room.missing + room.unopened > 0);
        visit.offers.import || !app_can_send || has_gaps
    }
}

/// State of the copy of the backup that the person takes home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyHome {
    /// The page has not offered one yet.
    NotOffered,
    /// The person declined it.
    Declined,
    /// It was made and read back.
    Taken(TakenHome),
    /// One was made, but a key file brought keys after it, or it lacks keys.
    Older,
}
