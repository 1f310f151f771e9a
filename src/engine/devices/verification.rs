//! Compares emoji with another device of the person, by the SDK's own flow. This file acts for our side.
//!
//! Source: specification, "Key verification framework" and "Short Authentication String (SAS) verification".

use std::time::Duration;

use matrix_sdk::{
    ruma::{
        OwnedDeviceId,
        events::key::verification::{VerificationMethod, cancel::CancelCode},
    },
    sleep::sleep,
};
use matrix_sdk_crypto::{
    Sas, SasState,
    types::requests::{OutgoingRequest, OutgoingVerificationRequest},
};

use crate::{
    domain::{
        problem::Problem,
        verification::{CancelReason, Move, Verification},
    },
    engine::{
        account::public_key,
        connection::{Connection, DEVICE_NAME},
        devices::{
            hearing::Hearing,
            outgoing,
            talk::{Begun, addressed},
            vouching,
        },
        net::failure::Failure,
    },
};

/// The time that other devices get to learn of this one: most ignore a request from a device that they do not know.
const TO_GET_KNOWN: Duration = Duration::from_millis(2_500);

/// Makes the person's move. A move that no longer fits the state changes nothing.
///
/// # Errors
/// The request's problem. The next round of listening sends what is left.
pub(in crate::engine) async fn make(
    connection: &Connection,
    hearing: &mut Hearing,
    made: Move,
) -> Result<(), Problem> {
    let state = hearing.talk.state();
    match (made, &state) {
        (Move::Ask, state) if !state.is_under_way() => ask(connection, hearing).await?,
        // An app that was loaded anew has forgotten the question.
        (Move::Ask, Verification::Asked) => {
            cancel(hearing);
            ask(connection, hearing).await?;
        }
        (Move::Accept, Verification::AskedBy(_)) => {
            let accepts = |begun: &Begun| begun.request.accept_with_methods(vec![VerificationMethod::SasV1]);
            let accepted = hearing.talk.begun().and_then(accepts);
            hearing.unsent.extend(accepted.map(OutgoingRequest::from));
        }
        (Move::Match(confirmed), Verification::Comparing { shown, .. }) if confirmed != *shown => {
            hearing.talk.end_swapped(&mut hearing.unsent);
        }
        (Move::Match(_), Verification::Comparing { .. }) => {
            let sas = hearing.talk.sas().ok_or(Problem::out_of_order())?;
            let (requests, signature) = sas.confirm().await.map_err(|_| Problem::engine_stopped())?;
            let unsent = &mut hearing.unsent;
            unsent.extend(requests.into_iter().map(OutgoingRequest::from));
            unsent.extend(signature.map(OutgoingRequest::from));
        }
        (Move::Differ, Verification::Comparing { .. }) => {
            let sas = hearing.talk.sas().ok_or(Problem::out_of_order())?;
            let cancelled = sas.cancel_with_code(CancelCode::MismatchedSas);
            hearing.unsent.extend(cancelled.map(OutgoingRequest::from));
        }
        (Move::Cancel, state) if state.is_under_way() => cancel(hearing),
        _ => {}
    }
    Ok(advance(connection, hearing).await?)
}

/// Does what needs no person, and sends it: begins to compare once both sides want to, or accepts that the other side
/// has begun.
///
/// # Errors
/// The request's [`Failure`]; the next call goes on.
pub(in crate::engine) async fn advance(
    connection: &Connection,
    hearing: &mut Hearing,
) -> Result<(), Failure> {
    outgoing::send_all(connection, hearing).await?;
    hearing.talk.refresh(&connection.machine, &mut hearing.unsent);
    let Hearing { talk, unsent, .. } = hearing;
    if let Some(begun) = talk.begun_mut().filter(|begun| begun.request.is_ready()) {
        match begun.request.start_sas().await.map_err(|_| Failure::Garbled)? {
            Some((sas, start)) => {
                begun.sas = Some(sas);
                unsent.push_back(start.into());
            }
            None => {
                unsent.extend(begun.request.cancel().map(OutgoingRequest::from));
                talk.end(CancelReason::Unsupported);
            }
        }
    }
    unsent.extend(talk.sas().and_then(Sas::accept).map(OutgoingRequest::from));
    outgoing::send_all(connection, hearing).await?;
    check_done(connection, hearing).await?;
    vouching::answer(connection, hearing).await
}

/// Trusts the other device with secrets once the comparison is done. Ends the comparison unless the machine regards the
/// device as verified, with exactly the keys that were compared.
async fn check_done(connection: &Connection, hearing: &mut Hearing) -> Result<(), Failure> {
    let Verification::Done(_) = hearing.talk.state() else { return Ok(()) };
    let Some(sas) = hearing.talk.sas().cloned() else { return Ok(()) };
    let compared = sas.other_device();
    let device = connection.machine.get_device(&connection.user_id, compared.device_id(), None).await;
    let device = device.map_err(|_| Failure::Garbled)?;
    let is_it = device.is_some_and(|device| device.is_verified() && device.keys() == compared.keys());
    match compared.curve25519_key() {
        Some(key) if is_it && is_identity_the_same(connection, hearing, &sas).await? => {
            hearing.trusted.trust(compared.device_id().to_owned(), key.to_base64());
        }
        _ => hearing.talk.end(CancelReason::KeysDiffer),
    }
    Ok(())
}

/// Tells whether the other device sees the identity that the server shows us, then and now. Looks at the MAC that it
/// sent for an identity, if it did. The machine ignores a MAC for an identity that it does not know: that alone would
/// let a made-up identity pass.
async fn is_identity_the_same(
    connection: &Connection,
    hearing: &Hearing,
    sas: &Sas,
) -> Result<bool, Failure> {
    let SasState::Done { verified_identities, .. } = sas.state() else { return Ok(false) };
    if hearing.talk.begun().is_none_or(|begun| !begun.names_identity) {
        return Ok(true);
    }
    let identity = connection.machine.get_identity(&connection.user_id, None).await;
    let identity = identity.map_err(|_| Failure::Garbled)?.and_then(|identity| identity.own());
    Ok(!verified_identities.is_empty() && identity.is_some_and(|identity| identity.is_verified()))
}

/// Asks every device that could answer. If the machine holds the identity's private keys, these are all of the person's
/// devices. Otherwise only those that the identity has signed: no other could hand the keys over.
async fn ask(connection: &Connection, hearing: &mut Hearing) -> Result<(), Problem> {
    outgoing::send_all(connection, hearing).await?;
    if let Some(published) = hearing.published {
        sleep(TO_GET_KNOWN.saturating_sub(published.elapsed())).await;
    }
    let machine = &connection.machine;
    // Otherwise the machine would take an ended verification for one under way, and end the new one.
    outgoing::look_after(machine).await?;
    let (id, request) = machine.query_keys_for_users([connection.user_id.as_ref()]);
    let keys = public_key::ask(&connection.server, request.device_keys).await?;
    machine.mark_request_as_sent(&id, &keys).await.map_err(|_| Problem::Garbled)?;

    hearing.talk.clear();
    let holds_identity = machine.cross_signing_status().await.is_complete();
    let devices =
        machine.get_user_devices(&connection.user_id, None).await.map_err(|_| Problem::engine_stopped())?;
    let can_answer = devices.devices().filter(|device| {
        device.device_id() != connection.device_id
            && !device.is_dehydrated()
            // Nobody answers on a device that an earlier visit left over.
            && device.display_name() != Some(DEVICE_NAME)
            && (holds_identity || device.is_cross_signed_by_owner())
    });
    let asked: Vec<OwnedDeviceId> = can_answer.map(|device| device.device_id().to_owned()).collect();
    let identity =
        machine.get_identity(&connection.user_id, None).await.map_err(|_| Problem::engine_stopped())?;
    let identity = identity.and_then(|identity| identity.own()).filter(|_| !asked.is_empty());
    let Some(identity) = identity else {
        hearing.talk.end(CancelReason::Unsupported);
        return Ok(());
    };
    let request = identity.request_verification_with_methods(vec![VerificationMethod::SasV1]).await;
    let (request, outgoing) = request.map_err(|_| Problem::engine_stopped())?;
    hearing.unsent.extend(readdressed(outgoing, &asked));
    hearing.talk.begin(request, asked);
    Ok(())
}

fn cancel(hearing: &mut Hearing) {
    let Some(begun) = hearing.talk.begun() else { return };
    let Some(cancelled) = begun.request.cancel() else { return };
    match begun.still_asked() {
        [] => hearing.unsent.push_back(cancelled.into()),
        asked => hearing.unsent.extend(readdressed(cancelled, asked)),
    }
}

/// Addresses a message to other devices. The SDK asks only signed devices; one that is not signed yet is one that this
/// page can help.
fn readdressed(request: OutgoingVerificationRequest, devices: &[OwnedDeviceId]) -> Option<OutgoingRequest> {
    let OutgoingVerificationRequest::ToDevice(mut request) = request else { return None };
    for messages in request.messages.values_mut() {
        let content = messages.values().next()?.clone();
        *messages = addressed(devices, &content);
    }
    Some(OutgoingVerificationRequest::ToDevice(request).into())
}
