//! Decides what to try next while an app that was given the key sends nothing.
#![deny(clippy::wildcard_enum_match_arm)]

use super::{source::Source, state::Harvest};
use crate::{
    domain::{
        apps::{App, Sends},
        plan::Task,
    },
    words,
};

/// The time that each remedy has before the next one, in seconds.
const EACH_SECONDS: u32 = 60;

/// The state of an app's sending, and the remedy for it. Each follows the one before it, if that did not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Keys have come since the app was given the key, and no more are expected.
    Came,
    /// Keys have come since then, and more may be coming.
    Comes,
    /// None has come, and it is too soon to try anything.
    Wait,
    /// Reload the app.
    Reload,
    /// Give the app the key in the other way.
    OtherWay,
    /// Export the keys there, and import them here.
    Export,
    /// Make a fresh backup.
    FreshBackup,
}

impl Remedy {
    /// Decides by the counts since an app was given the key.
    pub fn of(harvest: &Harvest) -> Self {
        // Nothing else helps with such an app, and no waiting; a key that comes is not one of its old ones.
        if harvest.app_never_sends() {
            return Self::Export;
        }
        if harvest.came() > 0 {
            return if harvest.waits() { Self::Comes } else { Self::Came };
        }
        // What was made in this visit is as new as a fresh backup would be.
        let has_fresh = harvest.visit.written.contains(&Task::CreateBackup);
        match harvest.arrival.still_for_seconds() / EACH_SECONDS {
            0 => Self::Wait,
            1 => Self::Reload,
            2 => Self::OtherWay,
            3 => Self::Export,
            _ if has_fresh || !harvest.visit.offers.rotate => Self::Export,
            _ => Self::FreshBackup,
        }
    }

    /// Decides the same where an app is expected to send its keys. `None` as long as none was given the key.
    pub fn wanted(harvest: &Harvest) -> Option<Self> {
        let expects = match Source::of(harvest) {
            Source::AppTold | Source::AppThatFindsIt => true,
            Source::Apps => harvest.came() > 0 || harvest.app_never_sends(),
            Source::AppWithKey | Source::AppsOfOlderBackup | Source::Nowhere => false,
        };
        expects.then(|| Self::of(harvest))
    }

    /// Says on the step that counts keys what is seen, and what to do.
    pub fn news(harvest: &Harvest) -> [&'static str; 2] {
        match Self::wanted(harvest) {
            None | Some(Self::Wait) => Source::of(harvest).words(!harvest.visit.written.is_empty()),
            Some(remedy) => remedy.words(harvest.compared_with.or_else(|| harvest.visit.silent_app())),
        }
    }

    /// Says what is seen, and what to do; `app` is the one that was given the key, or the only one, if its name tells
    /// which it is.
    pub fn words(self, app: Option<App>) -> [&'static str; 2] {
        let known = app.filter(|app| *app != App::Unknown).map(App::facts);
        match (self, known) {
            (Self::Reload, Some(facts)) => [words::remedy_no_keys_have_come_yet(), facts.remedy],
            (Self::Export, Some(facts)) if facts.sends == Sends::Never => {
                [words::remedy_no_keys_will_come_by(), facts.remedy]
            }
            // It says also whether this app can export.
            (Self::Export, Some(facts)) => [words::remedy_still_no_keys_have_come(), facts.remedy],
            (remedy, _) => remedy.words_for_any(),
        }
    }

    fn words_for_any(self) -> [&'static str; 2] {
        match self {
            Self::Came => [words::remedy_your_app_seems_to_be(), words::remedy_next_see_which_messages_are()],
            Self::Comes => [words::remedy_your_app_is_sending_its(), words::remedy_keep_it_open_until_the()],
            Self::Wait => Source::AppTold.words(false),
            Self::Reload => [words::remedy_no_keys_have_come_yet(), words::remedy_close_your_app_and_open()],
            Self::OtherWay => {
                [words::remedy_still_no_keys_have_come(), words::remedy_enter_the_recovery_key_in()]
            }
            Self::Export => {
                [words::remedy_your_app_may_not_send(), words::remedy_some_apps_never_do_export()]
            }
            Self::FreshBackup => {
                [words::remedy_nothing_has_come_from_your(), words::remedy_stay_signed_in_to_it()]
            }
        }
    }
}
