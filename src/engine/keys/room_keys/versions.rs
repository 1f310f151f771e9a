//! Finds the backup versions that still exist.
//!
//! Source: specification, "Server-side key backups". There is no list of versions, and their names are opaque. Synapse
//! and others count up, so that older ones can be asked for by number.

use futures_util::{StreamExt as _, stream};

use crate::engine::{
    account::backup::{self, BackupVersion, Newest},
    net::{failure::Failure, homeserver::Homeserver},
};

/// The most older numbers that are tried; people have a handful of versions.
const MOST_TRIED: u64 = 200;
/// The most other names that are tried; each rotation or change of keys leaves one.
const MOST_NAMED: usize = 200;
/// The name from which to count down if the server does not tell the newest.
const ONE_MORE_THAN_ANYBODY_HAS: &str = "33";
/// The most versions that the server may fail to tell of before the search ends.
const MOST_GARBLED: usize = 8;
/// Requests under way at the same time.
const AT_ONCE: usize = 8;

/// The versions that were found.
#[derive(Debug)]
pub(in crate::engine) struct Versions {
    /// The versions that exist, newest first.
    pub(in crate::engine) found: Vec<BackupVersion>,
    /// The names of versions that exist but that nothing can use, or that the server fails to tell of.
    pub(in crate::engine) garbled: Vec<String>,
    /// Set if there may be older ones that were not looked for. The names do not count up, or the number is so high
    /// that not all below it were tried.
    pub(in crate::engine) maybe_more: bool,
}

/// Finds every version that can be found: the current one, those that count down from it, and `named` ones.
///
/// # Errors
/// The first request's [`Failure`] that says nothing of the version.
pub(in crate::engine) async fn versions(server: &Homeserver, named: &[String]) -> Result<Versions, Failure> {
    let mut versions = Versions { found: Vec::new(), garbled: Vec::new(), maybe_more: false };
    let (older, all) = match backup::newest(server).await? {
        // The newest version that exists is the current one: without it there is none.
        Newest { backup: None, is_untold: false } => return Ok(versions),
        Newest { backup: None, is_untold: true } => (to_try(ONE_MORE_THAN_ANYBODY_HAS, named).0, false),
        Newest { backup: Some(newest), .. } => {
            let older = to_try(&newest.facts.version, named);
            versions.take(newest);
            older
        }
    };
    versions.maybe_more = !all;
    let answers = older.into_iter().map(async |name| (backup::version(server, &name).await, name));
    let mut answers = stream::iter(answers).buffered(AT_ONCE);
    while let Some((answer, name)) = answers.next().await {
        match answer {
            Ok(Some(version)) => versions.take(version),
            Ok(None) => {}
            Err(failure) if backup::is_of_the_version(&failure) => {
                versions.garbled.push(name);
                // A server that fails for each of them would keep the page busy for an hour.
                if versions.garbled.len() > MOST_GARBLED {
                    versions.maybe_more = true;
                    break;
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(versions)
}

impl Versions {
    fn take(&mut self, version: BackupVersion) {
        if version.facts.usable {
            self.found.push(version);
        } else {
            self.garbled.push(version.facts.version);
        }
    }
}

/// Returns the names to be tried, and whether these are all there can be. First come those that count down from the
/// newest one's, then the named ones, up to a limit. Named ones come from account data, into which a server can put any
/// number.
fn to_try(newest: &str, named: &[String]) -> (Vec<String>, bool) {
    let (mut names, all) = older_than(newest);
    let most = names.len() + MOST_NAMED;
    for name in named {
        if name != newest && !names.contains(name) {
            if names.len() == most {
                return (names, false);
            }
            names.push(name.clone());
        }
    }
    (names, all)
}

/// Returns the names that older versions may have, newest first, and whether these are all there can be.
fn older_than(newest: &str) -> (Vec<String>, bool) {
    match newest.parse::<u64>() {
        // Rust parses "+7" and "007" as numbers, but no server counts so.
        Ok(number) if number.to_string() == newest => {
            let least = number.saturating_sub(MOST_TRIED).max(1);
            ((least..number).rev().map(|number| number.to_string()).collect(), least == 1)
        }
        _ => (Vec::new(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_tried_once_and_not_without_end() {
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let tried = to_try("3", &named(&["a", "2", "3", "a", "9"]));
        assert_eq!(tried, (named(&["2", "1", "a", "9"]), true));
        let many = (0..201).map(|number| format!("n{number}")).collect::<Vec<_>>();
        assert_eq!(to_try("b", &many[..200]), (many[..200].to_vec(), false));
        let (names, all) = to_try("3", &many[..200]);
        assert_eq!((names.len(), all), (202, true));
        let (names, all) = to_try("3", &many);
        assert_eq!((names.len(), all), (202, false));
    }

    #[test]
    fn older_versions_are_tried_down_to_the_first_but_not_without_end() {
        assert_eq!(older_than("4"), (vec!["3".to_owned(), "2".to_owned(), "1".to_owned()], true));
        assert_eq!(older_than("1"), (vec![], true));
        assert_eq!(older_than("0"), (vec![], true));
        for (newest, count, all) in [
            ("201", 200, true),
            ("202", 200, false),
            ("18446744073709551615", 200, false),
            ("18446744073709551616", 0, false),
            ("007", 0, false),
            ("+7", 0, false),
            ("", 0, false),
            ("b1946ac9", 0, false),
        ] {
            let (older, is_all) = older_than(newest);
            assert_eq!((older.len(), is_all), (count, all), "{newest}");
        }
    }
}
