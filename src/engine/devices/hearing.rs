//! The state of listening to the person's other devices.

use std::collections::VecDeque;

use matrix_sdk::ruma::time::Instant;
use matrix_sdk_crypto::types::requests::OutgoingRequest;

use crate::engine::{
    account::backup::CurrentBackup,
    devices::{received_secrets::Receiving, secret_requests::Trusted, talk::Talk},
};

/// What is known from listening so far.
#[derive(Default)]
pub(in crate::engine) struct Hearing {
    /// Up to where the server's news are known; it forgets messages only once this is sent.
    pub(super) since: Option<String>,
    /// What our side has to send besides the machine's own requests.
    pub(in crate::engine) unsent: VecDeque<OutgoingRequest>,
    /// When this device was made known to the others.
    pub(in crate::engine) published: Option<Instant>,
    /// The verification that there is.
    pub(in crate::engine) talk: Talk,
    /// The devices that may have secrets of this page.
    pub(in crate::engine) trusted: Trusted,
    /// What comes in after one.
    pub(in crate::engine) receiving: Receiving,
    /// The backup version whose key the machine gives to who may ask for it.
    pub(in crate::engine) gives: Option<String>,
    /// To whom a backup's key was given unasked.
    pub(in crate::engine) pushed: Option<Pushed>,
    /// The older backups whose keys are with other devices only, as far as is known: these have been asked for them.
    pub(in crate::engine) awaited: Vec<CurrentBackup>,
    /// Whether this device's signature was uploaded.
    pub(in crate::engine) is_signed: bool,
    /// How many encrypted messages could not be ones for this device.
    pub(in crate::engine) malformed: u32,
    /// Of how many of these the page was told.
    pub(super) malformed_told: u32,
}

impl Hearing {
    /// From here on nothing is waited for but the keys of older backups: what was handed over is stored, or another
    /// identity has taken its place. With an identity of its own making this device has just been published.
    pub(in crate::engine) fn is_set_up(&mut self, awaited: Vec<CurrentBackup>) {
        self.awaited = awaited;
        self.receiving = Receiving::default();
        self.published = Some(Instant::now());
    }
}

/// The device that was given a backup's key unasked, or is to be.
pub(in crate::engine) struct Pushed {
    pub(super) device_id: String,
    pub(super) version: String,
    /// How often it may still be tried; none are left once it is given.
    pub(super) tries: u32,
}
