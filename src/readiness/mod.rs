//! Judges for an administrator, user by user, whether their old messages can be got back: `?readiness`.
//!
//! This is a program of its own (`src/bin/readiness.rs`), in a worker that only administrators load. It reads what the
//! server's administration returned for one user as the engine reads the user's own account, and has the same
//! [`diagnose`](crate::domain::diagnosis::diagnose) conclude. Nothing of what it read leaves it but [`Judged`].

mod reading;
mod state;
#[cfg(test)]
mod tests;

pub use reading::{Answers, Unreadable, read};
pub use state::{State, UNSEEN};

use crate::domain::apps::App;

/// The row of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What is stored.
    pub state: State,
    /// The apps that the names of the devices tell, each once, in the order of the alphabet.
    pub apps: Vec<&'static str>,
    /// Number of devices that have keys, without dehydrated ones and those that visits of this page left over.
    pub devices: usize,
    /// The last use of any device, in milliseconds since 1970.
    pub last_seen: Option<u64>,
}

/// Judges one user by the answers about them.
///
/// # Errors
/// [`Unreadable`] if an answer is not what its source says: nothing is known of this user then.
pub fn judge(answers: &Answers<'_>) -> Result<Judged, Unreadable> {
    let (account, last_seen) = read(answers)?;
    let mut apps: Vec<_> = App::among(account.apps()).into_iter().filter_map(App::product).collect();
    apps.sort_unstable();
    Ok(Judged { state: State::of(&account), apps, devices: account.apps().count(), last_seen })
}
