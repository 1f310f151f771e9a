//! stub
use super::session::Session;
use crate::{
    domain::{problem::Problem, proved::Proved, rotated::Rotated, secret::Secret},
    protocol::messages::Event,
};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
pub(super) struct Rotation {}
impl Rotation {
    pub(super) fn new(_: &mut Session) -> Result<Self, Problem> {
        Err(Problem::OutOfOrder)
    }
    pub(super) fn is_done(&self) -> bool {
        false
    }
    pub(super) fn recovery_key(&self) -> Secret {
        Secret::from("")
    }
    pub(super) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        None
    }
    pub(super) async fn run(
        &mut self,
        _: &Session,
        _: &std::cell::Cell<bool>,
        _: &impl Fn(Event),
    ) -> Result<(Proved, Rotated), Problem> {
        Err(Problem::OutOfOrder)
    }
    pub(super) async fn delete_older(&self, _: &Session, _: &[String]) -> Result<(), Problem> {
        Ok(())
    }
}
