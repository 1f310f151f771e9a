//! Fills a fresh backup with every room key, and reads it back.

use std::cell::Cell;

use super::{Rotation, problem};
use crate::{
    domain::{
        problem::{Part, Problem},
        rotation::is_complete,
    },
    engine::{
        account::backup,
        connection::Connection,
        keys::room_keys::{self, BackupKey, Target, Uploaded},
    },
};

/// The most times that the fresh version is read again because another client writes into it.
const MOST_READINGS: usize = 5;

impl Rotation {
    /// Writes every key into the fresh version. First reads what other clients have written there meanwhile, so that no
    /// better key is replaced.
    pub(super) async fn fill(
        &mut self,
        connection: &Connection,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        for _ in 0..MOST_READINGS {
            let (version, key) = self.target()?;
            let target = Target { server: &connection.server, version, backup_key: &key, sifted: None };
            self.course.restart();
            let uploaded = room_keys::upload(&target, &self.room_keys, &self.course, stop, progress);
            match uploaded.await.map_err(problem)? {
                Uploaded::All => return Ok(()),
                Uploaded::Changed => {
                    let now = backup::version(&connection.server, version).await?;
                    let now = now.ok_or(Problem::SomeoneElseIsWriting)?;
                    self.read(connection, &now, stop, progress).await?;
                    self.course.begin(&now.facts);
                }
            }
        }
        Err(Problem::SomeoneElseIsWriting)
    }

    /// Reads the fresh version back. Writes what is missing once more before it fails.
    pub(super) async fn compare(
        &mut self,
        connection: &Connection,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        for _ in 0..2 {
            let (version, key) = self.target()?;
            let rooms =
                room_keys::compare(&connection.server, version, &key, &self.room_keys, stop, progress);
            if is_complete(&rooms.await.map_err(problem)?) {
                return Ok(());
            }
            self.fill(connection, stop, progress).await?;
        }
        Err(Problem::NotAsWritten { part: Part::Backup })
    }

    pub(super) fn target(&self) -> Result<(&str, BackupKey), Problem> {
        let version = self.version.as_deref().ok_or(Problem::out_of_order())?;
        Ok((version, BackupKey::from(&self.backup_key)))
    }
}
