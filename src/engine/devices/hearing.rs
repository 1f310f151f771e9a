//! The state of listening to the person's other devices.

use std::collections::VecDeque;

use matrix_sdk::ruma::time::Instant;
use matrix_sdk_crypto::types::requests::OutgoingRequest;

use crate::engine::{
    account::backup::BackupVersion,
    devices::{received_secrets::Receiving, secret_requests::Trusted, talk::Talk},
};

/// The state of listening, kept from one round to the next.
#[derive(Default)]
pub(in crate::engine) struct Hearing {
    /// The `since` of the next sync; the server forgets messages only once it is sent.
    pub(super) since: Option<String>,
    /// The requests that this page makes itself; the machine keeps its own.
    pub(in crate::engine) unsent: VecDeque<OutgoingRequest>,
    /// The moment at which this device's keys were last uploaded.
    pub(in crate::engine) published: Option<Instant>,
    /// The verification under way, or the last one.
    pub(in crate::engine) talk: Talk,
    /// The devices to which this page may send secrets.
    pub(in crate::engine) trusted: Trusted,
    /// The secrets that are awaited after a verification.
    pub(in crate::engine) receiving: Receiving,
    /// The backup version whose key the machine gives to trusted devices.
    pub(in crate::engine) gives: Option<String>,
    /// The device to which a backup key was given unasked.
    pub(in crate::engine) pushed: Option<Pushed>,
    /// Older backup versions whose keys this page has not; other devices were asked for them.
    pub(in crate::engine) awaited: Vec<BackupVersion>,
    /// Set once this device is seen to be signed by the identity.
    pub(in crate::engine) is_signed: bool,
    /// Encrypted messages that could not be meant for this device.
    pub(in crate::engine) malformed: u32,
    /// The number of them that the page was told.
    pub(super) malformed_told: u32,
}

impl Hearing {
    /// Notes that an order is complete: only the keys of older backup versions are still awaited. What was handed over
    /// is stored, or another identity has replaced it. If the order made an identity, it has just published this
    /// device.
    pub(in crate::engine) fn order_completed(&mut self, awaited: Vec<BackupVersion>) {
        self.awaited = awaited;
        self.receiving = Receiving::default();
        self.published = Some(Instant::now());
    }
}

/// The device that is given a backup key unasked.
pub(in crate::engine) struct Pushed {
    pub(super) device_id: String,
    pub(super) version: String,
    /// Attempts that are left; none once the key is given.
    pub(super) tries: u32,
}
