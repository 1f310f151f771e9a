//! Comparing emoji with another device of the person, by the SDK's own flow; this is who speaks for our side.
//!
//! Source: specification, "Key verification framework" and "Short Authentication String (SAS) verification".

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
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

use crate::{
    domain::{
        problem::Problem,
        verification::{CancelReason, Emoji, Move, Partner, Shown, Verification},
    },
    engine::{
        account::public_key,
        connection::Connection,
        devices::{listening::Hearing, outgoing, vouching},
        net::failure::{Failure, cut},
    },
};

/// How long other devices get to learn of this one: most pass over what a device asks that they do not know.
const TO_GET_KNOWN: Duration = Duration::from_millis(2_500);

/// The one verification that there is, and how far it has come.
#[derive(Default)]
pub(in crate::engine) struct Talk {
    request: Option<VerificationRequest>,
    /// Once both want to; another one if both sides began it.
    sas: Option<Sas>,
    partner: Option<Partner>,
    /// The devices that we asked: only one of them can answer.
    asked: Vec<OwnedDeviceId>,
    /// Whether those that did not answer were told so.
    told_the_others: bool,
    /// Whether the other device's MACs name another key than its own: an identity's.
    names_identity: bool,
    /// How it ended, where the SDK's request cannot tell.
    ended: Option<Verification>,
    /// What the page was told last.
    told: Verification,
}

impl Talk {
    /// Where it is now.
    pub(in crate::engine) fn state(&self) -> Verification {
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
                    match Shown::new(emoji.collect(), decimals) {
                        Some(shown) => Verification::Comparing { partner: partner(), shown },
                        // Nothing to compare is no question; the SDK always gives numbers.
                        None => Verification::Cancelled { by_us: true, reason: CancelReason::Unsupported },
                    }
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
    pub(in crate::engine) fn news(&mut self) -> Option<Verification> {
        (self.state() != self.told).then(|| self.tell())
    }

    /// Where it is now, which the page is told.
    pub(in crate::engine) fn tell(&mut self) -> Verification {
        self.told = self.state();
        self.told.clone()
    }

    /// Whether a request of this device has to be declined, since another device is being talked to.
    pub(in crate::engine) fn is_with_another(&self, device_id: &str) -> bool {
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
                if self.sas.as_ref().is_some_and(|held| is_replaced(held, &sas)) {
                    self.end_swapped(unsent);
                    return;
                }
                self.partner = Some(partner(&other_device_data));
                self.sas = Some(*sas);
            }
            // By another method than the one we named.
            State::Transitioned { .. } => {}
            State::Created { .. } | State::Done | State::Cancelled(_) => {}
        }
    }

    /// Judges a message of a comparison, before the machine sees it. The machine takes any
    /// `m.key.verification.start` of a transaction for the one that counts, at any time, if the other device's id
    /// sorts before ours; and any `ready`, whoever was asked.
    pub(in crate::engine) fn judge(&self, step: Step, flow_id: &str, from_device: Option<&str>) -> Judgement {
        let request = self.request.as_ref().filter(|request| request.flow_id().as_str() == flow_id);
        let Some(request) = request.filter(|_| self.ended.is_none()) else { return Judgement::Stray };
        let begun_by_us = |sas: &Sas| matches!(sas.state(), SasState::Created { .. });
        let fits = match (step, request.state()) {
            (Step::Ready, _) => {
                let was_asked = |from: &str| self.asked.iter().any(|asked| asked == from);
                from_device.is_some_and(was_asked)
            }
            // Both may begin at the same time: then the specification says which of the two counts.
            (Step::Start, State::Ready { .. }) => true,
            (Step::Start, State::Transitioned { verification: Method::SasV1(sas), .. })
                if begun_by_us(&sas) =>
            {
                true
            }
            (Step::Start, State::Transitioned { .. }) if self.state().is_under_way() => {
                return Judgement::Second;
            }
            (Step::Start, _) => false,
            (Step::Accept, State::Transitioned { verification: Method::SasV1(sas), .. }) => begun_by_us(&sas),
            (Step::Accept, _) => false,
            (Step::Other, _) => true,
        };
        if fits { Judgement::Fits } else { Judgement::Stray }
    }

    /// Remembers for which keys the other device has sent MACs.
    pub(in crate::engine) fn note_macs<'a>(&mut self, mut names: impl Iterator<Item = &'a String>) {
        let own = self.partner.as_ref().map(|partner| ["ed25519:", &partner.device_id].concat());
        self.names_identity |= names.any(|name| name.starts_with("ed25519:") && Some(name) != own.as_ref());
    }

    /// Ends it since somebody put another comparison in the place of this one, or tries to: the devices that took
    /// part are told, and nothing of it is trusted.
    pub(in crate::engine) fn end_swapped(&mut self, unsent: &mut Unsent) {
        self.end(&CancelCode::UnexpectedMessage, CancelReason::Swapped, unsent);
    }

    /// Ends it since the server takes a message of it under no circumstances: the other device would wait for that
    /// without end, and so would the person.
    pub(in crate::engine) fn end_unsent(&mut self, unsent: &mut Unsent) {
        if self.state().is_under_way() {
            self.end(&CancelCode::Timeout, CancelReason::Failed, unsent);
        }
    }

    fn end(&mut self, code: &CancelCode, reason: CancelReason, unsent: &mut Unsent) {
        let Some(request) = &self.request else { return };
        // Cancelled in the machine, too; what that would send names another reason, and one device only.
        drop(request.cancel());
        drop(self.sas.as_ref().and_then(Sas::cancel));
        let mut devices: BTreeSet<OwnedDeviceId> = self.asked.iter().cloned().collect();
        devices.extend(self.partner.as_ref().map(|partner| partner.device_id.as_str().into()));
        let devices: Vec<_> = devices.into_iter().collect();
        unsent.extend(cancellation(request.other_user(), &devices, request.flow_id().as_str(), code));
        self.ended = Some(Verification::Cancelled { by_us: true, reason });
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
        if std::mem::replace(&mut self.told_the_others, true) {
            return;
        }
        let others: Vec<_> = self.asked.iter().filter(|device| *device != answered).cloned().collect();
        if let Some(request) = self.request.as_ref().filter(|_| !others.is_empty()) {
            let accepted = CancelCode::Accepted;
            unsent.extend(cancellation(request.other_user(), &others, request.flow_id().as_str(), &accepted));
        }
    }
}

type Unsent = VecDeque<OutgoingRequest>;

/// The messages of a comparison that are told apart before the machine sees them.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Step {
    /// `m.key.verification.ready`.
    Ready,
    /// `m.key.verification.start`.
    Start,
    /// `m.key.verification.accept`.
    Accept,
    /// What the SDK's own states judge.
    Other,
}

/// What is to be done with such a message.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Judgement {
    /// The machine may see it.
    Fits,
    /// It belongs to nothing that is under way, or not to where that is.
    Stray,
    /// It begins a second comparison in the place of the first.
    Second,
}

/// Whether the request has another SAS than the one that is held, once that was more than our proposal. An SAS has no
/// name; but two handles of one are always in the same state and show the same.
fn is_replaced(held: &Sas, now: &Sas) -> bool {
    let state = held.state();
    let is_settled = !matches!(state, SasState::Created { .. });
    is_settled && (state != now.state() || held.decimals() != now.decimals())
}

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

fn addressed(
    devices: &[OwnedDeviceId],
    content: &Raw<AnyToDeviceEventContent>,
) -> BTreeMap<DeviceIdOrAllDevices, Raw<AnyToDeviceEventContent>> {
    devices.iter().map(|device| (DeviceIdOrAllDevices::DeviceId(device.clone()), content.clone())).collect()
}

/// Tells devices that a verification has ended for them.
pub(in crate::engine) fn cancellation(
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

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use matrix_sdk::ruma::{
        api::client::{keys::get_keys, to_device::send_event_to_device},
        assign,
        events::AnyToDeviceEvent,
    };
    use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;
    use serde_json::Value;

    use super::*;

    const PAGE: &str = "ZZZZZZZZZZ";
    /// Sorts before the page's: the machine takes each of its `m.key.verification.start`s for the one that counts.
    const PHONE: &str = "AAAAAAAAAA";

    async fn machines() -> (OlmMachine, OlmMachine) {
        let user_id = UserId::parse("@ada:example.org").unwrap();
        let page = OlmMachine::new(&user_id, PAGE.into()).await;
        let phone = OlmMachine::new(&user_id, PHONE.into()).await;
        let mut published = BTreeMap::new();
        for machine in [&page, &phone] {
            for request in machine.outgoing_requests().await.unwrap() {
                if let AnyOutgoingRequest::KeysUpload(keys) = request.request() {
                    published.insert(machine.device_id().to_owned(), keys.device_keys.clone().unwrap());
                }
            }
        }
        for machine in [&page, &phone] {
            let (id, _) = machine.query_keys_for_users([user_id.as_ref()]);
            let device_keys = [(user_id.clone(), published.clone())].into();
            let keys = assign!(get_keys::v3::Response::new(), { device_keys });
            machine.mark_request_as_sent(&id, &keys).await.unwrap();
        }
        (page, phone)
    }

    async fn deliver(request: &ToDeviceRequest, to: &OlmMachine) {
        let content = request.messages.values().next().unwrap().values().next().unwrap();
        let event = json!({
            "type": request.event_type.to_string(), "sender": "@ada:example.org",
            "content": serde_json::from_str::<Value>(content.json().get()).unwrap(),
        });
        let event: Raw<AnyToDeviceEvent> = Raw::from_json(to_raw_value(&event).unwrap());
        outgoing::hand_in(to, vec![event]).await.unwrap();
    }

    async fn say(request: OutgoingVerificationRequest, to: &OlmMachine) {
        let OutgoingVerificationRequest::ToDevice(request) = request else { panic!("{request:?}") };
        deliver(&request, to).await;
    }

    async fn say_all(from: &OlmMachine, to: &OlmMachine) {
        for request in from.outgoing_requests().await.unwrap() {
            if let AnyOutgoingRequest::ToDeviceRequest(message) = request.request() {
                deliver(message, to).await;
                let sent = send_event_to_device::v3::Response::new();
                from.mark_request_as_sent(request.request_id(), &sent).await.unwrap();
            }
        }
    }

    /// Even where the machine has seen the second one.
    #[tokio::test]
    async fn a_comparison_that_has_taken_the_place_of_another_ends_both() {
        let (page, phone) = machines().await;
        let device = page.get_device(page.user_id(), PHONE.into(), None).await.unwrap().unwrap();
        let (request, asks) = device.request_verification_with_methods(vec![VerificationMethod::SasV1]);
        say(asks, &phone).await;
        let flow_id = request.flow_id().as_str().to_owned();
        let theirs = phone.get_verification_request(phone.user_id(), &flow_id).unwrap();
        say(theirs.accept_with_methods(vec![VerificationMethod::SasV1]).unwrap(), &page).await;
        let mut unsent = Unsent::new();
        let mut talk = Talk { request: Some(request), asked: vec![PHONE.into()], ..Talk::default() };
        talk.refresh(&page, &mut unsent);
        // Both begin at once: the phone's counts, and that ends nothing.
        let (ours, _) = talk.request.as_ref().unwrap().start_sas().await.unwrap().unwrap();
        talk.sas = Some(ours);
        talk.refresh(&page, &mut unsent);
        let (_, start) = theirs.start_sas().await.unwrap().unwrap();
        say(start, &page).await;
        talk.refresh(&page, &mut unsent);
        say(talk.sas.as_ref().unwrap().accept().unwrap(), &phone).await;
        for _ in 0..2 {
            say_all(&phone, &page).await;
            say_all(&page, &phone).await;
        }
        talk.refresh(&page, &mut unsent);
        assert!(matches!(talk.state(), Verification::Comparing { .. }), "{:?}", talk.state());
        assert!(unsent.is_empty());
        assert_eq!(talk.judge(Step::Start, &flow_id, Some(PHONE)), Judgement::Second);

        let (_, second) = theirs.start_sas().await.unwrap().unwrap();
        say(second, &page).await;
        talk.refresh(&page, &mut unsent);
        let swapped = Verification::Cancelled { by_us: true, reason: CancelReason::Swapped };
        assert_eq!(talk.state(), swapped);
        let sent = format!("{unsent:?}");
        assert!(unsent.len() == 1 && sent.contains("m.unexpected_message") && sent.contains(PHONE), "{sent}");
        assert_eq!(page.get_verification(page.user_id(), &flow_id).map(|sas| sas.is_cancelled()), Some(true));
        talk.refresh(&page, &mut unsent);
        assert_eq!(talk.state(), swapped);
        assert_eq!(talk.judge(Step::Start, &flow_id, Some(PHONE)), Judgement::Stray, "it is over");
    }
}
