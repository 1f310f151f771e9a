//! Hearing what the person's other devices say, and answering them.
//!
//! Source: specification, "Send-to-Device messaging" and "Syncing".

use std::{collections::VecDeque, time::Duration};

use futures_util::future::{Either, select};
use matrix_sdk::{
    ruma::{
        api::client::{
            filter::{Filter, FilterDefinition, RoomFilter},
            sync::sync_events,
        },
        assign,
        presence::PresenceState,
        time::Instant,
    },
    sleep::sleep,
};
use matrix_sdk_crypto::{EncryptionSyncChanges, types::requests::OutgoingRequest};
use rand::RngExt as _;

use crate::{
    domain::{problem::Problem, verification::Verification},
    engine::{
        account::{backup::CurrentBackup, our_backup::OurBackup},
        connection::Connection,
        devices::{
            admission,
            outgoing::{self, DECRYPTION},
            received_secrets::Receiving,
            secret_requests::Trusted,
            verification::{self, Talk},
            vouching::{self, Pushed},
        },
        net::{
            failure::{Failure, Limits, Repeat},
            interrupt::Interrupt,
        },
    },
    protocol::messages::Event,
};

/// How long the server may keep us waiting for news.
const PATIENCE: Duration = Duration::from_secs(20);

/// The shortest time between two questions that bring nothing: a server that does not wait must not keep us busy.
const PAUSE: Duration = Duration::from_secs(1);

/// What is known from listening so far.
#[derive(Default)]
pub(in crate::engine) struct Hearing {
    /// Up to where the server's news are known; it forgets messages only once this is sent.
    since: Option<String>,
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
    malformed_told: u32,
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

/// One round: sends what waits, waits for news unless somebody wants something else, and answers.
///
/// # Errors
/// The first request's problem. The next round goes on where this one stopped.
pub(in crate::engine) async fn listen(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    interrupt: &Interrupt,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    let result = round(connection, hearing, ours, interrupt, tell).await;
    tell_news(hearing, tell);
    Ok(result?)
}

async fn round(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    interrupt: &Interrupt,
    tell: &impl Fn(Event),
) -> Result<(), Failure> {
    let tracked = connection.machine.update_tracked_users([connection.user_id.as_ref()]).await;
    tracked.map_err(|_| Failure::Garbled)?;
    vouching::prepare(connection, hearing, ours).await?;
    verification::advance(connection, hearing).await?;
    vouching::sign_own_device(connection, hearing).await?;
    vouching::push(connection, hearing).await?;
    tell_news(hearing, tell);
    let since = Instant::now();
    // The first question is answered at once by every server.
    let is_first = hearing.since.is_none();
    let news =
        connection.server.send_within(question(hearing.since.clone()), Repeat::Safe, Limits::LONG_POLL);
    // An answer that is given up on costs nothing: what it held is in the next one.
    let news = match select(Box::pin(news), Box::pin(interrupt.raised())).await {
        Either::Left((news, _)) => news?,
        Either::Right(((), _)) => return Ok(()),
    };
    let brought_something = take_in(connection, hearing, ours, news).await?;
    verification::advance(connection, hearing).await?;
    if !brought_something && !is_first {
        let pause = sleep(PAUSE.saturating_sub(since.elapsed()));
        select(Box::pin(pause), Box::pin(interrupt.raised())).await;
    }
    Ok(())
}

fn tell_news(hearing: &mut Hearing, tell: &impl Fn(Event)) {
    let malformed = hearing.malformed;
    if std::mem::replace(&mut hearing.malformed_told, malformed) != malformed {
        tell(Event::Dropped { malformed });
    }
    if let Some(talk) = hearing.talk.news() {
        tell(Event::Verification(talk));
    }
}

/// Asks for messages between devices and changes of keys, and for nothing else.
fn question(since: Option<String>) -> sync_events::v3::Request {
    // See `account_data`: a type that never exists makes each initial sync a new question to Synapse.
    let nonce = format!("never.{:032x}", rand::rng().random::<u128>());
    let nothing = || assign!(Filter::default(), { types: Some(Vec::new()) });
    let filter = assign!(FilterDefinition::default(), {
        account_data: assign!(nothing(), { not_types: vec![nonce] }),
        presence: nothing(),
        room: assign!(RoomFilter::default(), { rooms: Some(Vec::new()) }),
    });
    assign!(sync_events::v3::Request::new(), {
        filter: Some(sync_events::v3::Filter::FilterDefinition(filter)),
        since,
        set_presence: PresenceState::Offline,
        timeout: Some(PATIENCE),
    })
}

/// Gives the machine what came, and answers whether anything did.
async fn take_in(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    news: sync_events::v3::Response,
) -> Result<bool, Failure> {
    // A device that is new has to be known before its messages are read: the machine passes over strangers'.
    let has_changed = news.device_lists.changed.contains(&connection.user_id);
    if has_changed {
        receive(connection, &news).await?;
        outgoing::send_all(connection, hearing).await?;
    }
    let brought_something =
        admission::admit(connection, hearing, &news.to_device.events).await? || has_changed;
    receive(connection, &news).await?;
    // At once: read a second time, the same messages would contradict the first.
    hearing.since = Some(news.next_batch);
    if matches!(hearing.talk.state(), Verification::Done(_)) {
        let has_backup_key = ours.get().is_some();
        hearing.receiving.begin(&connection.machine, has_backup_key).await;
    }
    Ok(brought_something)
}

/// Tells the machine of everything in an answer but the messages.
async fn receive(connection: &Connection, news: &sync_events::v3::Response) -> Result<(), Failure> {
    let changes = EncryptionSyncChanges {
        to_device_events: Vec::new(),
        changed_devices: &news.device_lists,
        one_time_keys_counts: &news.device_one_time_keys_count,
        unused_fallback_keys: news.device_unused_fallback_key_types.as_deref(),
        next_batch_token: None,
    };
    let received = connection.machine.receive_sync_changes(changes, &DECRYPTION).await;
    received.map(|_| ()).map_err(|_| Failure::Garbled)
}
