//! Listens to the person's other devices, and answers them.
//!
//! Source: specification, "Send-to-Device messaging" and "Syncing".

use std::time::Duration;

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
use matrix_sdk_crypto::EncryptionSyncChanges;
use rand::RngExt as _;

use crate::{
    domain::{problem::Problem, verification::Verification},
    engine::{
        account::our_backup::OurBackup,
        bell::Bell,
        connection::Connection,
        devices::{
            admission,
            hearing::Hearing,
            outgoing::{self, DECRYPTION},
            verification, vouching,
        },
        net::failure::{Failure, Limits, Repeat},
    },
    protocol::messages::Event,
};

/// The time that the server may hold a sync until there is news.
const PATIENCE: Duration = Duration::from_secs(20);

/// The shortest time between two syncs without news: a server that does not hold them must not keep the page busy.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries out one round: sends what waits, waits for news until the next command comes, and answers.
///
/// # Errors
/// The first request's problem. The next round goes on where this one stopped.
pub(in crate::engine) async fn listen(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    bell: &Bell,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    let result = round(connection, hearing, ours, bell, tell).await;
    tell_news(hearing, tell);
    Ok(result?)
}

async fn round(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    bell: &Bell,
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
    // Every server answers an initial sync at once.
    let is_first = hearing.since.is_none();
    let news =
        connection.server.send_within(question(hearing.since.clone()), Repeat::Safe, Limits::LONG_POLL);
    // Dropping the answer loses nothing: without its token as `since`, the server sends the same again.
    let news = match select(Box::pin(news), Box::pin(bell.rung())).await {
        Either::Left((news, _)) => news?,
        Either::Right(((), _)) => return Ok(()),
    };
    let brought_something = take_in(connection, hearing, ours, news).await?;
    verification::advance(connection, hearing).await?;
    if !brought_something && !is_first {
        let pause = sleep(PAUSE.saturating_sub(since.elapsed()));
        select(Box::pin(pause), Box::pin(bell.rung())).await;
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

/// Asks for to-device messages and changes of keys, and for nothing else.
fn question(since: Option<String>) -> sync_events::v3::Request {
    // A random type defeats Synapse's cache of initial syncs, as in `account_data`.
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

/// Gives the machine what came; returns whether anything did.
async fn take_in(
    connection: &Connection,
    hearing: &mut Hearing,
    ours: &OurBackup,
    news: sync_events::v3::Response,
) -> Result<bool, Failure> {
    // A new device has to be known before its messages are read: the machine ignores messages of unknown devices.
    let has_changed = news.device_lists.changed.contains(&connection.user_id);
    if has_changed {
        receive(connection, &news).await?;
        outgoing::send_all(connection, hearing).await?;
    }
    let brought_something =
        admission::admit(connection, hearing, &news.to_device.events).await? || has_changed;
    receive(connection, &news).await?;
    // Set before the next request: a second reading of the same messages would contradict the first.
    hearing.since = Some(news.next_batch);
    if matches!(hearing.talk.state(), Verification::Done(_)) {
        let has_backup_key = ours.get().is_some();
        hearing.receiving.begin(&connection.machine, has_backup_key).await;
    }
    Ok(brought_something)
}

/// Tells the machine of everything in an answer but the to-device messages.
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
