//! Tells where the keys are that the backup lacks, and says so.
#![deny(clippy::wildcard_enum_match_arm)]

use super::state::Harvest;
use crate::{
    domain::{apps::STAY, plan::Task},
    words,
};

/// Place of the keys that are not in the backup yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In apps that are signed in.
    Apps,
    /// In an app that was just given the key.
    AppTold,
    /// In an app that handed over the key to the backup it uses.
    AppWithKey,
    /// In an app that handed over its identity, and has to find the backup that was made then.
    AppThatFindsIt,
    /// In apps that have sent everything once, to the backup that was there before.
    AppsOfOlderBackup,
    /// In no app that is signed in.
    Nowhere,
}

impl Source {
    /// Concludes from what was written in this visit, and from the apps.
    pub fn of(harvest: &Harvest) -> Self {
        let visit = &harvest.visit;
        let wrote = |task| visit.written.contains(&task);
        let has_new_key = wrote(Task::StoreSecrets) && !wrote(Task::RetireOldKey);
        if !visit.has_app() {
            Self::Nowhere
        } else if harvest.compared_with.is_some() {
            Self::AppTold
        } else if wrote(Task::Upload) && !has_new_key {
            Self::AppsOfOlderBackup
        } else if has_new_key && !wrote(Task::PublishIdentity) {
            // The identity is the app's own; so is the backup, unless it had to be made.
            if wrote(Task::CreateBackup) { Self::AppThatFindsIt } else { Self::AppWithKey }
        } else {
            Self::Apps
        }
    }

    /// Tells whether the person still has to open an app. Otherwise the page waits for keys.
    pub fn wants_app(self, harvest: &Harvest) -> bool {
        self == Self::Apps && harvest.came() == 0
    }

    /// Says at first where the keys are. `is_new`: backup was turned on in this visit.
    pub fn words(self, is_new: bool) -> [&'static str; 2] {
        match self {
            Self::Apps => [
                if is_new {
                    words::source_backup_is_on_now_bring()
                } else {
                    words::source_bring_in_your_old_messages()
                },
                words::source_most_apps_then_upload_their(),
            ],
            Self::AppTold => [words::source_they_match_your_app_gets(), words::source_keep_your_app_open()],
            Self::AppWithKey => {
                [words::source_your_recovery_key_is_stored(), words::source_your_app_already_uploads_its()]
            }
            Self::AppThatFindsIt => [words::source_backup_is_on(), words::source_keep_your_app_open_it()],
            Self::AppsOfOlderBackup => {
                [words::source_let_your_apps_find_the(), words::source_reload_your_apps_or_start()]
            }
            Self::Nowhere => [
                if is_new { words::source_backup_is_on() } else { words::source_bring_in_keys_from_a() },
                words::source_you_have_no_app_that(),
            ],
        }
    }

    /// Says why the person must not sign out of their app; `None` once there is no reason to.
    pub fn stay(self, harvest: &Harvest) -> Option<[&'static str; 2]> {
        let reason = match self {
            Self::Nowhere => return None,
            Self::AppsOfOlderBackup if has_found_backup(harvest) => return None,
            Self::AppsOfOlderBackup => words::source_until_it_has_found_the(),
            // A number that has stopped growing does not show that every key is there: only opening the messages does.
            Self::Apps | Self::AppTold | Self::AppWithKey | Self::AppThatFindsIt
                if harvest.misses_nothing() =>
            {
                if has_found_backup(harvest) {
                    return None;
                }
                words::source_until_it_has_found_the()
            }
            Self::Apps | Self::AppTold if harvest.app_never_sends() && harvest.imported.is_none() => {
                words::source_its_old_message_keys_may()
            }
            Self::Apps | Self::AppTold | Self::AppWithKey | Self::AppThatFindsIt => {
                words::source_only_this_app_may_have()
            }
        };
        Some([STAY(), reason])
    }
}

/// Tells whether every app is seen to use the backup. One that was made in this visit has to be found first: a key that
/// came shows that one app has.
fn has_found_backup(harvest: &Harvest) -> bool {
    let written = &harvest.visit.written;
    let is_new = written.contains(&Task::CreateBackup) || written.contains(&Task::Upload);
    !is_new || harvest.came() > 0 && !harvest.waits() && harvest.visit.account.apps().count() == 1
}
