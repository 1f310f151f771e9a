//! Sends what the SDK's machine wants to be sent. A request counts as sent only once the server has answered; until
//! then it is sent again in the next round.

use matrix_sdk::ruma::{
    TransactionId, api::client::to_device::send_event_to_device, events::AnyToDeviceEvent, serde::Raw,
    time::Instant,
};
use matrix_sdk_crypto::{
    DecryptionSettings, EncryptionSyncChanges, OlmMachine, TrustRequirement,
    types::requests::{AnyIncomingResponse, AnyOutgoingRequest, OutgoingRequest},
};

use crate::engine::{
    account::public_key,
    connection::Connection,
    devices::hearing::Hearing,
    net::{failure::Failure, homeserver::Homeserver},
};

/// The most rounds in which the machine is asked for requests: answers lead to new requests, a few times over.
const ROUNDS: u32 = 6;

/// The SDK's settings for decrypting any message. Whatever they say, it takes secrets from verified devices only.
pub(in crate::engine) const DECRYPTION: DecryptionSettings =
    DecryptionSettings { sender_device_trust_requirement: TrustRequirement::Untrusted };

/// Sends everything that waits to be sent: this page's requests first, then the machine's, and those that their answers
/// lead to.
///
/// # Errors
/// The first request's [`Failure`]; what was not sent waits for the next time. Of this page's requests, one that the
/// server will never take is dropped, so that it does not hold up those behind it. A comparison that cannot go on
/// without it is ended.
pub(in crate::engine) async fn send_all(
    connection: &Connection,
    hearing: &mut Hearing,
) -> Result<(), Failure> {
    while let Some(request) = hearing.unsent.front() {
        let sent = send(&connection.server, &connection.machine, request).await;
        let is_refused = sent.as_ref().err().is_some_and(is_final);
        if sent.is_ok() || is_refused {
            let request = hearing.unsent.pop_front();
            if is_refused && request.is_some_and(|request| is_step(&request)) {
                hearing.talk.end_unsent(&mut hearing.unsent);
            }
        }
        sent?;
    }
    // For a device without one-time keys the machine would ask forever.
    let mut has_claimed = false;
    for _ in 0..ROUNDS {
        let mut requests = connection.machine.outgoing_requests().await.map_err(|_| Failure::Garbled)?;
        requests.retain(|request| match request.request() {
            AnyOutgoingRequest::KeysClaim(_) => !has_claimed,
            // This page compares emoji in no room.
            AnyOutgoingRequest::RoomMessage(_) => false,
            AnyOutgoingRequest::KeysUpload(_)
            | AnyOutgoingRequest::KeysQuery(_)
            | AnyOutgoingRequest::ToDeviceRequest(_)
            | AnyOutgoingRequest::SignatureUpload(_) => true,
        });
        if requests.is_empty() {
            break;
        }
        for request in &requests {
            if !hearing.trusted.lets_out(request, &connection.user_id) {
                // Marked as sent, since the machine would otherwise bring it again.
                let unsent = send_event_to_device::v3::Response::new();
                mark(&connection.machine, request.request_id(), &unsent).await?;
                continue;
            }
            send(&connection.server, &connection.machine, request).await?;
            if matches!(request.request(), AnyOutgoingRequest::KeysUpload(keys) if keys.device_keys.is_some())
            {
                hearing.published = Some(Instant::now());
            }
            if matches!(request.request(), AnyOutgoingRequest::KeysClaim(_)) {
                has_claimed = true;
                // The machine can now answer what waited for these keys.
                look_after(&connection.machine).await?;
            }
        }
    }
    Ok(())
}

/// Tells whether a comparison that was agreed to cannot go on without this message.
fn is_step(request: &OutgoingRequest) -> bool {
    let AnyOutgoingRequest::ToDeviceRequest(request) = request.request() else { return false };
    let event_type = request.event_type.to_string();
    event_type
        .strip_prefix("m.key.verification.")
        .is_some_and(|step| !matches!(step, "request" | "cancel" | "done"))
}

/// Tells whether the same request would fail again: neither for a passing trouble, nor for an unknown token.
fn is_final(failure: &Failure) -> bool {
    match failure {
        Failure::NoAnswer => false,
        Failure::Garbled => true,
        Failure::Refused(refusal) => refusal.is_final() && refusal.status != 401,
    }
}

/// Lets the machine do what it does with every sync: answer requests that wait, and forget what has ended or timed out.
///
/// # Errors
/// [`Failure::Garbled`] if it cannot.
pub(in crate::engine) async fn look_after(machine: &OlmMachine) -> Result<(), Failure> {
    hand_in(machine, Vec::new()).await
}

/// Gives the machine to-device messages apart from the sync they came with.
///
/// # Errors
/// [`Failure::Garbled`] if it cannot take them.
pub(in crate::engine) async fn hand_in(
    machine: &OlmMachine,
    messages: Vec<Raw<AnyToDeviceEvent>>,
) -> Result<(), Failure> {
    let changes = EncryptionSyncChanges {
        to_device_events: messages,
        changed_devices: &Default::default(),
        one_time_keys_counts: &Default::default(),
        unused_fallback_keys: None,
        next_batch_token: None,
    };
    // The plain `receive_sync_changes` would take missing counts of one-time keys for zero.
    machine.receive_sync_changes_msc4186(changes, &DECRYPTION).await.map_err(|_| Failure::Garbled)?;
    Ok(())
}

async fn send(server: &Homeserver, machine: &OlmMachine, outgoing: &OutgoingRequest) -> Result<(), Failure> {
    let id = outgoing.request_id();
    match outgoing.request() {
        AnyOutgoingRequest::KeysUpload(request) => {
            mark(machine, id, &server.send(request.clone()).await?).await
        }
        AnyOutgoingRequest::KeysQuery(request) => {
            mark(machine, id, &public_key::ask(server, request.device_keys.clone()).await?).await
        }
        AnyOutgoingRequest::KeysClaim(request) => {
            mark(machine, id, &server.send(request.clone()).await?).await
        }
        AnyOutgoingRequest::ToDeviceRequest(request) => {
            let (event_type, id_sent) = (request.event_type.clone(), request.txn_id.clone());
            let request =
                send_event_to_device::v3::Request::new_raw(event_type, id_sent, request.messages.clone());
            mark(machine, id, &server.send(request).await?).await
        }
        AnyOutgoingRequest::SignatureUpload(request) => {
            let response = server.send(request.clone()).await?;
            if !response.failures.is_empty() {
                return Err(Failure::Garbled);
            }
            mark(machine, id, &response).await
        }
        AnyOutgoingRequest::RoomMessage(_) => Ok(()),
    }
}

async fn mark<'a>(
    machine: &OlmMachine,
    id: &TransactionId,
    response: impl Into<AnyIncomingResponse<'a>>,
) -> Result<(), Failure> {
    machine.mark_request_as_sent(id, response).await.map_err(|_| Failure::Garbled)
}
