//! Decides which messages of other devices the SDK's machine may see: it believes more than it should.
//!
//! The homeserver relays them all, and can leave out, repeat, reorder and make up any of them.

use matrix_sdk::ruma::{
    events::{AnyToDeviceEvent, key::verification::cancel::CancelCode},
    serde::Raw,
};
use matrix_sdk_crypto::vodozemac::Curve25519PublicKey;
use serde::Deserialize;

use crate::engine::{
    connection::Connection,
    devices::{
        hearing::Hearing,
        olm::{self, Envelope as Olm},
        outgoing,
        talk::{self, Judgement, Step},
    },
    net::failure::Failure,
};

/// The most messages of one answer that are looked at; servers send a hundred.
const MOST_MESSAGES: usize = 1_000;
/// The most verification requests of one answer that are looked at, since each costs a request. Nobody has so many
/// devices that ask at once.
const MOST_REQUESTS: usize = 20;

/// The part of a to-device message that is looked at here.
#[derive(Deserialize)]
struct Envelope {
    sender: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    from_device: Option<String>,
    #[serde(default)]
    transaction_id: Option<String>,
}

/// The part of an `m.key.verification.mac` that is looked at here.
#[derive(Deserialize)]
struct Mac {
    content: MacContent,
}

#[derive(Deserialize)]
struct MacContent {
    mac: std::collections::BTreeMap<String, String>,
}

/// Hands the machine the messages that it may see; returns whether there were any. Only the person's own devices may
/// send any. Before a message whose meaning depends on earlier ones is judged, the machine gets those.
///
/// # Errors
/// [`Failure::Garbled`] if the machine cannot take them.
pub(in crate::engine) async fn admit(
    connection: &Connection,
    hearing: &mut Hearing,
    messages: &[Raw<AnyToDeviceEvent>],
) -> Result<bool, Failure> {
    let mut any = false;
    let mut admitted = Vec::new();
    let mut requests = 0;
    for message in messages.iter().take(MOST_MESSAGES) {
        let Ok(envelope) = message.deserialize_as_unchecked::<Envelope>() else { continue };
        if envelope.sender != connection.user_id.as_str() {
            continue;
        }
        let may_be_seen = match envelope.event_type.as_str() {
            "m.secret.request" => hearing.trusted.admits(message),
            "m.room.encrypted" => {
                hand_in(connection, &mut admitted).await?;
                is_from_verified(connection, hearing, message).await?
            }
            "m.key.verification.request" => {
                requests += 1;
                requests <= MOST_REQUESTS && !declines(connection, hearing, envelope.content)
            }
            "m.key.verification.cancel" => true,
            event_type => match event_type.strip_prefix("m.key.verification.") {
                Some(step) => {
                    hand_in(connection, &mut admitted).await?;
                    judge_in_order(hearing, step, &envelope.content, message)
                }
                // This page needs no forwarded room keys, and answers no requests for them.
                None => false,
            },
        };
        if may_be_seen {
            admitted.push(message.clone());
            any = true;
        }
    }
    hand_in(connection, &mut admitted).await?;
    Ok(any)
}

async fn hand_in(connection: &Connection, admitted: &mut Vec<Raw<AnyToDeviceEvent>>) -> Result<(), Failure> {
    if admitted.is_empty() {
        return Ok(());
    }
    outgoing::hand_in(&connection.machine, std::mem::take(admitted)).await
}

/// Declines another device's verification request while one is under way, since the machine would end both;
/// returns whether it did.
fn declines(connection: &Connection, hearing: &mut Hearing, content: Content) -> bool {
    let (Some(from), Some(flow_id)) = (content.from_device, content.transaction_id) else { return false };
    if !hearing.talk.is_with_another(&from) {
        return false;
    }
    let declined = talk::cancellation(&connection.user_id, &[from.into()], &flow_id, &CancelCode::User);
    hearing.unsent.extend(declined);
    true
}

/// Returns whether a message belongs to the comparison under way, and to its present stage. Ends the
/// comparison if the message would replace it by a second one.
fn judge_in_order(
    hearing: &mut Hearing,
    step: &str,
    content: &Content,
    message: &Raw<AnyToDeviceEvent>,
) -> bool {
    let Some(flow_id) = &content.transaction_id else { return false };
    let kind = match step {
        "ready" => Step::Ready,
        "start" => Step::Start,
        "accept" => Step::Accept,
        _ => Step::Other,
    };
    match hearing.talk.judge(kind, flow_id, content.from_device.as_deref()) {
        Judgement::Fits => {
            if step == "mac"
                && let Ok(Mac { content }) = message.deserialize_as_unchecked::<Mac>()
            {
                hearing.talk.note_macs(content.mac.keys());
            }
            true
        }
        Judgement::Stray => false,
        Judgement::Second => {
            hearing.talk.end_swapped(&mut hearing.unsent);
            false
        }
    }
}

/// Tells whether an `m.room.encrypted` comes from a device of the person's that the machine has verified. This page
/// needs no other, and the SDK reads the content with a parser that can panic. Only the holder of a device's private
/// key can make a message under its public key that decrypts.
async fn is_from_verified(
    connection: &Connection,
    hearing: &mut Hearing,
    message: &Raw<AnyToDeviceEvent>,
) -> Result<bool, Failure> {
    let own = connection.machine.identity_keys().curve25519.to_base64();
    let Olm::From(sender_key) = olm::read(message, &own) else {
        hearing.malformed = hearing.malformed.saturating_add(1);
        return Ok(false);
    };
    let devices = connection.machine.get_user_devices(&connection.user_id, None).await;
    let devices = devices.map_err(|_| Failure::Garbled)?;
    let is_it = |key: Curve25519PublicKey| key.to_base64() == sender_key;
    let mut senders = devices.devices().filter(|device| device.device_id() != connection.device_id);
    Ok(senders.any(|device| device.is_verified() && device.curve25519_key().is_some_and(is_it)))
}
