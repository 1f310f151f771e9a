//! Checks messages encrypted with Olm before the SDK reads them.
//!
//! Source: specification, "m.olm.v1.curve25519-aes-sha2".

use std::collections::BTreeMap;

use matrix_sdk::ruma::{events::AnyToDeviceEvent, serde::Raw};
use matrix_sdk_crypto::vodozemac::{base64_decode, olm::OlmMessage};
use serde::Deserialize;

use crate::engine::account::public_key;

/// The longest message that is looked at, in bytes; one with a secret has one or two thousand.
const LONGEST: usize = 65_536;

/// The sender that an encrypted message names, if it is well-formed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Envelope {
    /// The Curve25519 key that it names as its sender's, in unpadded base64.
    From(String),
    /// No device makes such a message for this one.
    Malformed,
}

#[derive(Deserialize)]
struct Message {
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    algorithm: String,
    sender_key: String,
    ciphertext: BTreeMap<String, Ciphertext>,
}

#[derive(Deserialize)]
struct Ciphertext {
    #[serde(rename = "type")]
    message_type: usize,
    body: String,
}

/// Reads the unencrypted part of an `m.room.encrypted` for the device with this Curve25519 key.
pub(in crate::engine) fn read(message: &Raw<AnyToDeviceEvent>, own_key: &str) -> Envelope {
    sender_key(message, own_key).map_or(Envelope::Malformed, Envelope::From)
}

fn sender_key(message: &Raw<AnyToDeviceEvent>, own_key: &str) -> Option<String> {
    if message.json().get().len() > LONGEST {
        return None;
    }
    let Content { algorithm, sender_key, ciphertext } =
        message.deserialize_as_unchecked::<Message>().ok()?.content;
    // Written as the SDK writes it, to be compared as text.
    let sender_key = public_key::curve25519(&sender_key)?;
    // With several ciphertexts, the SDK would take the first one for ours, whoever it is for.
    let ours = ciphertext.get(own_key).filter(|_| ciphertext.len() == 1)?;
    if algorithm != "m.olm.v1.curve25519-aes-sha2" {
        return None;
    }
    let body = base64_decode(&ours.body).ok()?;
    match OlmMessage::from_parts(ours.message_type, &body).ok()? {
        OlmMessage::PreKey(message) => {
            (message.identity_key().to_base64() == sender_key).then_some(sender_key)
        }
        OlmMessage::Normal(_) => Some(sender_key),
    }
}
