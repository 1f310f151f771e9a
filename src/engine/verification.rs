//! Comparing emoji with another device of the person, by the SDK's own flow; this is who speaks for our side.
//!
//! Source: specification, "Key verification framework" and "Short Authentication String (SAS) verification".

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use matrix_sdk::{
    ruma::{
        DeviceId, OwnedDeviceId, TransactionId, UserId,
        events::{
            AnyToDeviceEventContent,
            key::verification::{VerificationMethod, cancel::CancelCode},
        },
        serde::Raw,
        to_device::DeviceIdOrAllDevices,
    },
    sleep::sleep,
};
use matrix_sdk_crypto::{
    CancelInfo, DeviceData, OlmMachine, Sas, SasState, Verification as Method, VerificationRequest,
    VerificationRequestState as State,
    types::requests::{OutgoingRequest, OutgoingVerificationRequest, ToDeviceRequest},
};
use serde_json::{json, value::to_raw_value};

use super::{
    http::{Failure, cut},
    outgoing, public_key,
    session::Session,
    vouching,
};
use crate::domain::{
    problem::Problem,
    verification::{CancelReason, Emoji, Move, Partner, Verification},
};

/// How long other devices get to learn of this one: most pass over what a device asks that they do not know.
const TO_GET_KNOWN: Duration = Duration::from_millis(2_500);

/// The one verification that there is, and how far it has come.
#[derive(Default)]
pub(super) struct Talk {
    request: Option<VerificationRequest>,
    /// Once both want to; another one if both sides began it.
    sas: Option<Sas>,
    partner: Option<Partner>,
    /// The devices that we asked, until one of them answers.
    asked: Vec<OwnedDeviceId>,
    /// How it ended, where the SDK's request cannot tell.
    ended: Option<Verification>,
    /// What the page was told last.
    told: Verification,
}

impl Talk {
    /// Where it is now.
    pub(super) fn state(&self) -> Verification {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let Some(request) = &self.request else { return Verification::Idle };
        let partner = || self.partner.clone().unwrap_or_else(unknown);
        if let Some(sas) = &self.sas {
            return match sas.state() {
                SasState::Created { .. } | SasState::Started { .. } | SasState::Accepted { .. } => {
                    Verification::Agreed(partner())
                }
                SasState::KeysExchanged { emojis, decimals } => {
                    let emoji = emojis.into_iter().flat_map(|seven| seven.emojis).map(|emoji| Emoji {
                        symbol: emoji.symbol.to_owned(),
                        name: emoji.description.to_owned(),
                    });
                    Verification::Comparing { partner: partner(), emoji: emoji.collect(), decimals }
                }
                SasState::Confirmed => Verification::Confirmed(partner()),
                SasState::Done { .. } => Verification::Done(partner()),
                SasState::Cancelled(info) => cancelled(&info),
            };
        }
        match request.state() {
            State::Created { .. } => Verification::Asked,
            State::Requested { .. } => Verification::AskedBy(partner()),
            State::Ready { .. } | State::Transitioned { .. } => Verification::Agreed(partner()),
            // Without having compared anything, nothing can be done.
            State::Done => Verification::Cancelled { by_us: true, reason: CancelReason::Failed },
            State::Cancelled(info) => cancelled(&info),
        }
    }

    /// Where it is now, if the page was not told yet.
    pub(super) fn news(&mut self) -> Option<Verification> {
        (self.state() != self.told).then(|| self.tell())
    }

    /// Where it is now, which the page is told.
    pub(super) fn tell(&mut self) -> Verification {
        self.told = self.state();
        self.told.clone()
    }

    /// Whether a request of this device has to be declined, since another device is being talked to.
    pub(super) fn is_with_another(&self, device_id: &str) -> bool {
        let partner = self.partner.as_ref().filter(|_| self.state().is_under_way());
        partner.is_some_and(|partner| partner.device_id != device_id)
    }

    /// Takes up what the machine has heard: another device's request, its answer to ours, or that it began to
    /// compare.
    fn refresh(&mut self, machine: &OlmMachine, unsent: &mut Unsent) {
        if !self.state().is_under_way() {
            self.take_up(machine, unsent);
        }
        let Some(request) = &self.request else { return };
        match request.state() {
            State::Requested { other_device_data, .. } => self.partner = Some(partner(&other_device_data)),
            State::Ready { other_device_data, .. } => {
                self.partner = Some(partner(&other_device_data));
                self.tell_the_others(other_device_data.device_id(), unsent);
            }
            State::Transitioned { verification: Method::SasV1(sas), other_device_data } => {
                self.partner = Some(partner(&other_device_data));
                self.sas = Some(*sas);
            }
            // By another method than the one we named.
            State::Transitioned { .. } => {}
            State::Created { .. } | State::Done | State::Cancelled(_) => {}
        }
    }

    /// Takes up another device's request, if there is one; declines what cannot be compared.
    fn take_up(&mut self, machine: &OlmMachine, unsent: &mut Unsent) {
        for request in machine.get_verification_requests(machine.user_id()) {
            let State::Requested { their_methods, .. } = request.state() else { continue };
            if !their_methods.contains(&VerificationMethod::SasV1) {
                unsent.extend(request.cancel().map(OutgoingRequest::from));
            } else if !request.timed_out() {
                let told = std::mem::take(&mut self.told);
                *self = Self { request: Some(request), told, ..Self::default() };
                return;
            }
        }
    }

    /// Of the devices that were asked, those that did not answer stop asking the person.
    fn tell_the_others(&mut self, answered: &DeviceId, unsent: &mut Unsent) {
        let asked = std::mem::take(&mut self.asked);
        let others: Vec<_> = asked.into_iter().filter(|device| device != answered).collect();
        if let Some(request) = self.request.as_ref().filter(|_| !others.is_empty()) {
            let accepted = CancelCode::Accepted;
            unsent.extend(cancellation(request.other_user(), &others, request.flow_id().as_str(), &accepted));
        }
    }
}

type Unsent = VecDeque<OutgoingRequest>;

/// Makes the person's move. One that does not fit any more, since something came in between, changes nothing.
///
/// # Errors
/// The request's problem. What was to be sent is sent with the next listening.
pub(super) async fn make(session: &mut Session, step: Move) -> Result<(), Problem> {
    let state = session.hearing.talk.state();
    match (step, &state) {
        (Move::Ask, state) if !state.is_under_way() => ask(session).await?,
        (Move::Accept, Verification::AskedBy(_)) => {
            let request = session.hearing.talk.request.as_ref();
            let accepted = request.and_then(|r| r.accept_with_methods(vec![VerificationMethod::SasV1]));
            session.hearing.unsent.extend(accepted.map(OutgoingRequest::from));
        }
        (Move::Match, Verification::Comparing { .. }) => {
            let sas = session.hearing.talk.sas.as_ref().ok_or(Problem::OutOfOrder)?;
            let (requests, signature) = sas.confirm().await.map_err(|_| Problem::EngineStopped)?;
            let unsent = &mut session.hearing.unsent;
            unsent.extend(requests.into_iter().map(OutgoingRequest::from));
            unsent.extend(signature.map(OutgoingRequest::from));
        }
        (Move::Differ, Verification::Comparing { .. }) => {
            let sas = session.hearing.talk.sas.as_ref().ok_or(Problem::OutOfOrder)?;
            let cancelled = sas.cancel_with_code(CancelCode::MismatchedSas);
            session.hearing.unsent.extend(cancelled.map(OutgoingRequest::from));
        }
        (Move::Cancel, state) if state.is_under_way() => cancel(session),
        _ => {}
    }
    Ok(advance(session).await?)
}

/// Does what our side does by itself, and sends it: begins to compare once both want to, or says yes to the other
/// side having begun.
///
/// # Errors
/// The request's [`Failure`]; asked again, it goes on.
pub(super) async fn advance(session: &mut Session) -> Result<(), Failure> {
    outgoing::send_all(session).await?;
    let hearing = &mut session.hearing;
    hearing.talk.refresh(&session.machine, &mut hearing.unsent);
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
    outgoing::send_all(session).await?;
    check_done(session).await?;
    vouching::answer(session).await
}

/// That a device is called verified must be true of what the machine knows; then it may have secrets.
async fn check_done(session: &mut Session) -> Result<(), Failure> {
    let Verification::Done(partner) = session.hearing.talk.state() else { return Ok(()) };
    let device_id: OwnedDeviceId = partner.device_id.into();
    let device = session.machine.get_device(&session.user_id, &device_id, None).await;
    if device.map_err(|_| Failure::Garbled)?.is_some_and(|device| device.is_verified()) {
        session.hearing.trusted.trust(device_id);
    } else {
        let reason = CancelReason::KeysDiffer;
        session.hearing.talk.ended = Some(Verification::Cancelled { by_us: true, reason });
    }
    Ok(())
}

/// Asks every device that could answer: where we hold the identity's private keys, any of the person's devices;
/// otherwise only those that the identity has signed, for no other could hand them over.
async fn ask(session: &mut Session) -> Result<(), Problem> {
    outgoing::send_all(session).await?;
    if let Some(published) = session.hearing.published {
        sleep(TO_GET_KNOWN.saturating_sub(published.elapsed())).await;
    }
    let machine = &session.machine;
    // Otherwise the machine would take a verification that has ended for one that is under way, and end this one.
    outgoing::look_after(machine).await?;
    let (id, request) = machine.query_keys_for_users([session.user_id.as_ref()]);
    let keys = public_key::ask(&session.server, request.device_keys).await?;
    machine.mark_request_as_sent(&id, &keys).await.map_err(|_| Problem::Garbled)?;

    let told = std::mem::take(&mut session.hearing.talk.told);
    session.hearing.talk = Talk { told, ..Talk::default() };
    let holds_identity = machine.cross_signing_status().await.is_complete();
    let devices =
        machine.get_user_devices(&session.user_id, None).await.map_err(|_| Problem::EngineStopped)?;
    let can_answer = devices.devices().filter(|device| {
        device.device_id() != session.device_id
            && !device.is_dehydrated()
            && (holds_identity || device.is_cross_signed_by_owner())
    });
    let asked: Vec<OwnedDeviceId> = can_answer.map(|device| device.device_id().to_owned()).collect();
    let identity = machine.get_identity(&session.user_id, None).await.map_err(|_| Problem::EngineStopped)?;
    let identity = identity.and_then(|identity| identity.own()).filter(|_| !asked.is_empty());
    let Some(identity) = identity else {
        let reason = CancelReason::Unsupported;
        session.hearing.talk.ended = Some(Verification::Cancelled { by_us: true, reason });
        return Ok(());
    };
    let request = identity.request_verification_with_methods(vec![VerificationMethod::SasV1]).await;
    let (request, outgoing) = request.map_err(|_| Problem::EngineStopped)?;
    session.hearing.unsent.extend(readdressed(outgoing, &asked));
    session.hearing.talk.request = Some(request);
    session.hearing.talk.asked = asked;
    Ok(())
}

fn cancel(session: &mut Session) {
    let hearing = &mut session.hearing;
    let asked = std::mem::take(&mut hearing.talk.asked);
    let Some(cancelled) = hearing.talk.request.as_ref().and_then(VerificationRequest::cancel) else { return };
    if asked.is_empty() {
        hearing.unsent.push_back(cancelled.into());
    } else {
        hearing.unsent.extend(readdressed(cancelled, &asked));
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

fn addressed(
    devices: &[OwnedDeviceId],
    content: &Raw<AnyToDeviceEventContent>,
) -> BTreeMap<DeviceIdOrAllDevices, Raw<AnyToDeviceEventContent>> {
    devices.iter().map(|device| (DeviceIdOrAllDevices::DeviceId(device.clone()), content.clone())).collect()
}

/// Tells devices that a verification has ended for them.
pub(super) fn cancellation(
    user_id: &UserId,
    devices: &[OwnedDeviceId],
    flow_id: &str,
    code: &CancelCode,
) -> Option<OutgoingRequest> {
    let content = json!({ "transaction_id": flow_id, "code": code.as_str(), "reason": code.as_str() });
    let content = Raw::from_json(to_raw_value(&content).ok()?);
    let request = ToDeviceRequest {
        event_type: "m.key.verification.cancel".into(),
        txn_id: TransactionId::new(),
        messages: [(user_id.to_owned(), addressed(devices, &content))].into(),
    };
    Some(OutgoingVerificationRequest::ToDevice(request).into())
}

fn partner(device: &DeviceData) -> Partner {
    Partner { device_id: cut(device.device_id().as_str()), name: device.display_name().map(cut) }
}

fn unknown() -> Partner {
    Partner { device_id: String::new(), name: None }
}

fn cancelled(info: &CancelInfo) -> Verification {
    Verification::Cancelled { by_us: info.cancelled_by_us(), reason: reason(info.cancel_code()) }
}

fn reason(code: &CancelCode) -> CancelReason {
    match code {
        CancelCode::User => CancelReason::Declined,
        CancelCode::Timeout => CancelReason::TimedOut,
        CancelCode::MismatchedSas => CancelReason::Differed,
        CancelCode::Accepted => CancelReason::AnsweredElsewhere,
        CancelCode::UnknownMethod => CancelReason::Unsupported,
        CancelCode::KeyMismatch | CancelCode::UserMismatch => CancelReason::KeysDiffer,
        _ => CancelReason::Failed,
    }
}
