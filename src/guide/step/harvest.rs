//! Everything that came in after backup was turned on.

use super::{arrival::Arrival, survey::Survey, visit::Visit};
use crate::domain::{
    key_file::{Imported, TakenHome},
    mended::Mended,
    proved::{Checked, Proved},
};

/// What has come in since backup is on, and what was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Harvest {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// What was proved last.
    pub proved: Proved,
    /// The last time that everything was opened once more.
    pub checked: Option<Checked>,
    /// How the number of saved keys develops.
    pub arrival: Arrival,
    /// What the last file brought.
    pub imported: Option<Imported>,
    /// Which messages are covered.
    pub survey: Survey,
    /// What became of the keys that only this page could read.
    pub mended: Option<Mended>,
    /// Whether a copy was taken home.
    pub copy: CopyHome,
}

impl Harvest {
    /// Nothing has come in yet.
    pub fn new(visit: Box<Visit>, proved: Proved) -> Box<Self> {
        let arrival = Arrival { room_keys: proved.room_keys, ..Arrival::default() };
        Box::new(Self {
            visit,
            proved,
            checked: None,
            arrival,
            imported: None,
            survey: Survey::default(),
            mended: None,
            copy: CopyHome::NotOffered,
        })
    }

    /// Whether messages were not looked at yet, or the backup has changed since: what was seen then may have been
    /// replaced, by an app's poorer key for example.
    pub fn has_to_look(&self) -> bool {
        let (seen, now) = (&self.survey.etag, &self.arrival.etag);
        self.survey.at_ms.is_none() || !now.is_empty() && now != seen
    }

    /// Takes in what was put back whole. What was seen before has to be held against the backup again.
    pub(in crate::guide) fn took_mended(&mut self, mended: Mended) {
        self.mended = Some(mended);
        self.visit.touched |= mended.mended > 0;
    }

    /// Whether messages were seen whose keys only this page can read.
    pub fn has_mendable(&self) -> bool {
        self.survey.rooms.iter().any(|room| room.mendable > 0)
    }

    /// Whether the server keeps such keys as they are, so that only a fresh backup carries them along whole.
    pub fn needs_fresh_backup(&self) -> bool {
        self.has_mendable() && self.mended.is_some_and(|mended| mended.kept > 0)
    }

    /// Takes in what a file brought: what was seen of messages before is not true any more.
    pub(in crate::guide) fn took(&mut self, imported: Imported) {
        self.imported = Some(imported);
        self.visit.touched = true;
        let room_keys = imported.room_keys;
        self.arrival = Arrival { room_keys, ..Arrival::default() };
        if imported.new + imported.better > 0 {
            self.survey = Survey::default();
            if matches!(self.copy, CopyHome::Taken(_)) {
                self.copy = CopyHome::Older;
            }
        }
    }

    /// Whether keys can be taken from a file. A host may withhold it only while an app can still send them, and
    /// no message was seen to lack its keys.
    pub fn offers_import(&self) -> bool {
        let visit = &self.visit;
        let app_can_send = !visit.account.devices.is_empty() && !visit.known.app_lost;
        let has_gaps = self.survey.rooms.iter().any(|room| room.missing + room.unopened > 0);
        visit.offers.import || !app_can_send || has_gaps
    }
}

/// A copy of the backup that does not lie on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyHome {
    /// The person has not been asked yet.
    NotOffered,
    /// The person did without.
    Declined,
    /// It was made and read back.
    Taken(TakenHome),
    /// One was made, and keys of a file came in since.
    Older,
}
