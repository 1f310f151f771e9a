//! What of the other devices' messages the SDK's machine may see: it believes more than it should.
//!
//! Everything here was relayed by the homeserver, which can leave out, repeat, reorder and make up any of it.

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

/// How many messages of one answer are looked at; servers give a hundred.
const MOST_MESSAGES: usize = 1_000;
/// How many wishes to talk of one answer are heard: each costs a request. Nobody has so many devices that ask at once.
const MOST_REQUESTS: usize = 20;

/// As much of a message between devices as is looked at here.
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

/// As much of an `m.key.verification.mac` as is looked at here.
#[derive(Deserialize)]
struct Mac {
    content: MacContent,
}

#[derive(Deserialize)]
struct MacContent {
    mac: std::collections::BTreeMap<String, String>,
}

/// Hands the machine what it may see, and answers whether there was any. Only from the person's own devices, since nobody
/// else has anything to say here. What depends on what came before in the same answer is judged after the machine has
/// seen that.
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
                requests <= MOST_REQUESTS && !is_declined(connection, hearing, envelope.content)
            }
            "m.key.verification.cancel" => true,
            event_type => match event_type.strip_prefix("m.key.verification.") {
                Some(step) => {
                    hand_in(connection, &mut admitted).await?;
                    is_in_order(hearing, step, &envelope.content, message)
                }
                // Rooms' keys, and requests for them, are none of ours.
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

/// While one device is talked to, another one's wish to talk is declined here: the machine would end both.
fn is_declined(connection: &Connection, hearing: &mut Hearing, content: Content) -> bool {
    let (Some(from), Some(flow_id)) = (content.from_device, content.transaction_id) else { return false };
    if !hearing.talk.is_with_another(&from) {
        return false;
    }
    let declined = talk::cancellation(&connection.user_id, &[from.into()], &flow_id, &CancelCode::User);
    hearing.unsent.extend(declined);
    true
}

/// Whether a message belongs to the comparison that is under way, and to where that is. One that would put a second
/// comparison in its place ends it.
fn is_in_order(
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

/// Whether an `m.room.encrypted` was made by a device of the person's that the machine has verified: of no other does
/// this page need any, and what is in it is read by a parser that can panic. Only who holds a device's private key can
/// make a message under its public one that decrypts.
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
