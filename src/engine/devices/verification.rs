//! Comparing emoji with another device of the person, by the SDK's own flow; this is who speaks for our side.
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
    Sas, SasState, VerificationRequest,
    types::requests::{OutgoingRequest, OutgoingVerificationRequest},
};

use crate::{
    domain::{
        problem::Problem,
        verification::{CancelReason, Move, Verification},
    },
    engine::{
        account::public_key,
        connection::Connection,
        devices::{
            hearing::Hearing,
            outgoing,
            talk::{Talk, addressed},
            vouching,
        },
        net::failure::Failure,
    },
};

/// How long other devices get to learn of this one: most pass over what a device asks that they do not know.
const TO_GET_KNOWN: Duration = Duration::from_millis(2_500);

/// Makes the person's move. One that does not fit any more, since something came in between, changes nothing.
///
/// # Errors
/// The request's problem. What was to be sent is sent with the next listening.
pub(in crate::engine) async fn make(
    connection: &Connection,
    hearing: &mut Hearing,
    step: Move,
) -> Result<(), Problem> {
    let state = hearing.talk.state();
    match (step, &state) {
        (Move::Ask, state) if !state.is_under_way() => ask(connection, hearing).await?,
        (Move::Accept, Verification::AskedBy(_)) => {
            let request = hearing.talk.request.as_ref();
            let accepted = request.and_then(|r| r.accept_with_methods(vec![VerificationMethod::SasV1]));
            hearing.unsent.extend(accepted.map(OutgoingRequest::from));
        }
        (Move::Match(confirmed), Verification::Comparing { shown, .. }) if confirmed != *shown => {
            hearing.talk.end_swapped(&mut hearing.unsent);
        }
        (Move::Match(_), Verification::Comparing { .. }) => {
            let sas = hearing.talk.sas.as_ref().ok_or(Problem::OutOfOrder)?;
            let (requests, signature) = sas.confirm().await.map_err(|_| Problem::EngineStopped)?;
            let unsent = &mut hearing.unsent;
            unsent.extend(requests.into_iter().map(OutgoingRequest::from));
            unsent.extend(signature.map(OutgoingRequest::from));
        }
        (Move::Differ, Verification::Comparing { .. }) => {
            let sas = hearing.talk.sas.as_ref().ok_or(Problem::OutOfOrder)?;
            let cancelled = sas.cancel_with_code(CancelCode::MismatchedSas);
            hearing.unsent.extend(cancelled.map(OutgoingRequest::from));
        }
        (Move::Cancel, state) if state.is_under_way() => cancel(hearing),
        _ => {}
    }
    Ok(advance(connection, hearing).await?)
}

/// Does what our side does by itself, and sends it: begins to compare once both want to, or says yes to the other
/// side having begun.
///
/// # Errors
/// The request's [`Failure`]; asked again, it goes on.
pub(in crate::engine) async fn advance(
    connection: &Connection,
    hearing: &mut Hearing,
) -> Result<(), Failure> {
    outgoing::send_all(connection, hearing).await?;
    hearing.talk.refresh(&connection.machine, &mut hearing.unsent);
    if let Some(request) = hearing.talk.request.as_ref().filter(|request| request.is_ready()) {
        match request.start_sas().await.map_err(|_| Failure::Garbled)? {
            Some((sas, start)) => {
                hearing.talk.sas = Some(sas);
                hearing.unsent.push_back(start.into());
            }
            None => {
                hearing.unsent.extend(request.cancel().map(OutgoingRequest::from));
                let reason = CancelReason::Unsupported;
                hearing.talk.ended = Some(Verification::Cancelled { by_us: true, reason });
            }
        }
    }
    if let Some(sas) = &hearing.talk.sas {
        hearing.unsent.extend(sas.accept().map(OutgoingRequest::from));
    }
    outgoing::send_all(connection, hearing).await?;
    check_done(connection, hearing).await?;
    vouching::answer(connection, hearing).await
}

/// That a device is called verified must be true of what the machine knows, and of the very keys that were compared;
/// then it may have secrets.
async fn check_done(connection: &Connection, hearing: &mut Hearing) -> Result<(), Failure> {
    let Verification::Done(_) = hearing.talk.state() else { return Ok(()) };
    let Some(sas) = hearing.talk.sas.clone() else { return Ok(()) };
    let compared = sas.other_device();
    let device = connection.machine.get_device(&connection.user_id, compared.device_id(), None).await;
    let device = device.map_err(|_| Failure::Garbled)?;
    let is_it = device.is_some_and(|device| device.is_verified() && device.keys() == compared.keys());
    match compared.curve25519_key() {
        Some(key) if is_it && is_identity_the_same(connection, hearing, &sas).await? => {
            hearing.trusted.trust(compared.device_id().to_owned(), key.to_base64());
        }
        _ => {
            let reason = CancelReason::KeysDiffer;
            hearing.talk.ended = Some(Verification::Cancelled { by_us: true, reason });
        }
    }
    Ok(())
}

/// Whether the identity that the other device has sent a MAC for, if it did, is the one that the server shows us, then
/// and now. The machine passes over a MAC for an identity that it does not know: that alone would leave a made-up one
/// unnoticed.
async fn is_identity_the_same(
    connection: &Connection,
    hearing: &Hearing,
    sas: &Sas,
) -> Result<bool, Failure> {
    let SasState::Done { verified_identities, .. } = sas.state() else { return Ok(false) };
    if !hearing.talk.names_identity {
        return Ok(true);
    }
    let identity = connection.machine.get_identity(&connection.user_id, None).await;
    let identity = identity.map_err(|_| Failure::Garbled)?.and_then(|identity| identity.own());
    Ok(!verified_identities.is_empty() && identity.is_some_and(|identity| identity.is_verified()))
}

/// Asks every device that could answer: where we hold the identity's private keys, any of the person's devices;
/// otherwise only those that the identity has signed, for no other could hand them over.
async fn ask(connection: &Connection, hearing: &mut Hearing) -> Result<(), Problem> {
    outgoing::send_all(connection, hearing).await?;
    if let Some(published) = hearing.published {
        sleep(TO_GET_KNOWN.saturating_sub(published.elapsed())).await;
    }
    let machine = &connection.machine;
    // Otherwise the machine would take a verification that has ended for one that is under way, and end this one.
    outgoing::look_after(machine).await?;
    let (id, request) = machine.query_keys_for_users([connection.user_id.as_ref()]);
    let keys = public_key::ask(&connection.server, request.device_keys).await?;
    machine.mark_request_as_sent(&id, &keys).await.map_err(|_| Problem::Garbled)?;

    let told = std::mem::take(&mut hearing.talk.told);
    hearing.talk = Talk { told, ..Talk::default() };
    let holds_identity = machine.cross_signing_status().await.is_complete();
    let devices =
        machine.get_user_devices(&connection.user_id, None).await.map_err(|_| Problem::EngineStopped)?;
    let can_answer = devices.devices().filter(|device| {
        device.device_id() != connection.device_id
            && !device.is_dehydrated()
            && (holds_identity || device.is_cross_signed_by_owner())
    });
    let asked: Vec<OwnedDeviceId> = can_answer.map(|device| device.device_id().to_owned()).collect();
    let identity =
        machine.get_identity(&connection.user_id, None).await.map_err(|_| Problem::EngineStopped)?;
    let identity = identity.and_then(|identity| identity.own()).filter(|_| !asked.is_empty());
    let Some(identity) = identity else {
        let reason = CancelReason::Unsupported;
        hearing.talk.ended = Some(Verification::Cancelled { by_us: true, reason });
        return Ok(());
    };
    let request = identity.request_verification_with_methods(vec![VerificationMethod::SasV1]).await;
    let (request, outgoing) = request.map_err(|_| Problem::EngineStopped)?;
    hearing.unsent.extend(readdressed(outgoing, &asked));
    hearing.talk.request = Some(request);
    hearing.talk.asked = asked;
    Ok(())
}

fn cancel(hearing: &mut Hearing) {
    let Some(cancelled) = hearing.talk.request.as_ref().and_then(VerificationRequest::cancel) else { return };
    if hearing.talk.asked.is_empty() || hearing.talk.told_the_others {
        hearing.unsent.push_back(cancelled.into());
    } else {
        hearing.unsent.extend(readdressed(cancelled, &hearing.talk.asked));
    }
}

/// The same message for other devices. The SDK asks signed ones only; a device that is not signed yet is whom we
/// can help.
fn readdressed(request: OutgoingVerificationRequest, devices: &[OwnedDeviceId]) -> Option<OutgoingRequest> {
    let OutgoingVerificationRequest::ToDevice(mut request) = request else { return None };
    for messages in request.messages.values_mut() {
        let content = messages.values().next()?.clone();
        *messages = addressed(devices, &content);
    }
    Some(OutgoingVerificationRequest::ToDevice(request).into())
}
