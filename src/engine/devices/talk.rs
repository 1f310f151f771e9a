//! The one comparison of emoji that there can be, and how far it has come. Reads what the SDK knows of it,
//! and at most cancels it.
//!
//! Source: specification, "Key verification framework" and "Short Authentication String (SAS) verification".

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use matrix_sdk::ruma::{
    DeviceId, OwnedDeviceId, TransactionId, UserId,
    events::{
        AnyToDeviceEventContent,
        key::verification::{VerificationMethod, cancel::CancelCode},
    },
    serde::Raw,
    to_device::DeviceIdOrAllDevices,
};
use matrix_sdk_crypto::{
    CancelInfo, DeviceData, OlmMachine, Sas, SasState, Verification as Method, VerificationRequest,
    VerificationRequestState as State,
    types::requests::{OutgoingRequest, OutgoingVerificationRequest, ToDeviceRequest},
};
use serde_json::{json, value::to_raw_value};

use crate::{
    domain::verification::{CancelReason, Emoji, Partner, Shown, Verification},
    engine::net::failure::cut,
};

/// The verification under way, or the last one.
#[derive(Default)]
pub(in crate::engine) struct Talk {
    stage: Stage,
    /// The state that the page was told last.
    told: Verification,
}

#[derive(Default)]
enum Stage {
    #[default]
    Idle,
    /// The SDK knows how far it has come.
    Begun(Box<Begun>),
    /// This page has ended it, for a reason that the SDK's request cannot tell.
    Ended(CancelReason),
}

/// A verification that was asked for, by this page or by the other device.
pub(super) struct Begun {
    pub(super) request: VerificationRequest,
    /// The SAS flow, once both sides want one; replaced if both sides began one.
    pub(super) sas: Option<Sas>,
    partner: Option<Partner>,
    /// The devices that this page asked: one of them can answer.
    asked: Vec<OwnedDeviceId>,
    /// Set once the devices that did not answer were told that another one did.
    told_the_others: bool,
    /// Set if the other device's MACs name a key besides its own: an identity's.
    pub(super) names_identity: bool,
}

impl Begun {
    fn of(request: VerificationRequest, asked: Vec<OwnedDeviceId>) -> Self {
        Self { request, sas: None, partner: None, asked, told_the_others: false, names_identity: false }
    }

    fn state(&self) -> Verification {
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
                        // Without emoji or numbers there is nothing to ask the person; the SDK always gives numbers.
                        None => Verification::Cancelled { by_us: true, reason: CancelReason::Unsupported },
                    }
                }
                SasState::Confirmed => Verification::Confirmed(partner()),
                SasState::Done { .. } => Verification::Done(partner()),
                SasState::Cancelled(info) => cancelled(&info),
            };
        }
        match self.request.state() {
            State::Created { .. } => Verification::Asked,
            State::Requested { .. } => Verification::AskedBy(partner()),
            State::Ready { .. } | State::Transitioned { .. } => Verification::Agreed(partner()),
            // A verification that ends without a comparison proves nothing.
            State::Done => Verification::Cancelled { by_us: true, reason: CancelReason::Failed },
            State::Cancelled(info) => cancelled(&info),
        }
    }

    /// Ends it, and returns what the devices that took part are told. The machine's own cancellations are dropped: they
    /// name another reason, and one device only.
    fn end(&self, code: &CancelCode) -> Option<OutgoingRequest> {
        drop(self.request.cancel());
        drop(self.sas.as_ref().and_then(Sas::cancel));
        let mut devices: BTreeSet<OwnedDeviceId> = self.asked.iter().cloned().collect();
        devices.extend(self.partner.as_ref().map(|partner| partner.device_id.as_str().into()));
        let devices: Vec<_> = devices.into_iter().collect();
        cancellation(self.request.other_user(), &devices, self.request.flow_id().as_str(), code)
    }

    /// The devices that the person's cancellation goes to: all that were asked, until one has answered. Empty once
    /// one has: the SDK then cancels with that one.
    pub(super) fn still_asked(&self) -> &[OwnedDeviceId] {
        if self.told_the_others { &[] } else { &self.asked }
    }

    /// Tells the asked devices that did not answer to stop asking the person.
    fn tell_the_others(&mut self, answered: &DeviceId) -> Option<OutgoingRequest> {
        if std::mem::replace(&mut self.told_the_others, true) {
            return None;
        }
        let others: Vec<_> = self.asked.iter().filter(|device| *device != answered).cloned().collect();
        if others.is_empty() {
            return None;
        }
        let flow_id = self.request.flow_id().as_str();
        cancellation(self.request.other_user(), &others, flow_id, &CancelCode::Accepted)
    }
}

impl Talk {
    /// The present state.
    pub(in crate::engine) fn state(&self) -> Verification {
        match &self.stage {
            Stage::Idle => Verification::Idle,
            Stage::Begun(begun) => begun.state(),
            Stage::Ended(reason) => Verification::Cancelled { by_us: true, reason: *reason },
        }
    }

    /// The verification that the SDK knows of, unless this page has ended it.
    pub(super) fn begun(&self) -> Option<&Begun> {
        if let Stage::Begun(begun) = &self.stage { Some(begun) } else { None }
    }

    /// As [`Self::begun`], to be changed.
    pub(super) fn begun_mut(&mut self) -> Option<&mut Begun> {
        if let Stage::Begun(begun) = &mut self.stage { Some(begun) } else { None }
    }

    /// The SAS flow, if both sides want one.
    pub(super) fn sas(&self) -> Option<&Sas> {
        self.begun()?.sas.as_ref()
    }

    /// Begins a verification in the place of the one before. The page has asked these devices for it, or none if
    /// another device asks.
    pub(super) fn begin(&mut self, request: VerificationRequest, asked: Vec<OwnedDeviceId>) {
        self.stage = Stage::Begun(Box::new(Begun::of(request, asked)));
    }

    /// Ends the verification for a reason that the SDK's request cannot tell.
    pub(super) fn end(&mut self, reason: CancelReason) {
        self.stage = Stage::Ended(reason);
    }

    /// Forgets the verification before.
    pub(super) fn clear(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Returns the present state, and notes that the page is told; `None` if it was told already.
    pub(in crate::engine) fn news(&mut self) -> Option<Verification> {
        (self.state() != self.told).then(|| self.tell())
    }

    /// Returns the present state, and notes that the page is told.
    pub(in crate::engine) fn tell(&mut self) -> Verification {
        self.told = self.state();
        self.told.clone()
    }

    /// Tells whether a request of this device has to be declined, since a verification with another one is under way.
    pub(in crate::engine) fn is_with_another(&self, device_id: &str) -> bool {
        let partner =
            self.begun().filter(|_| self.state().is_under_way()).and_then(|begun| begun.partner.as_ref());
        partner.is_some_and(|partner| partner.device_id != device_id)
    }

    /// Takes over what the machine has heard: another device's request, its answer to ours, or that it has begun to
    /// compare.
    pub(super) fn refresh(&mut self, machine: &OlmMachine, unsent: &mut Unsent) {
        if !self.state().is_under_way() {
            self.take_up(machine, unsent);
        }
        let Some(begun) = self.begun_mut() else { return };
        match begun.request.state() {
            State::Requested { other_device_data, .. } => begun.partner = Some(partner(&other_device_data)),
            State::Ready { other_device_data, .. } => {
                begun.partner = Some(partner(&other_device_data));
                unsent.extend(begun.tell_the_others(other_device_data.device_id()));
            }
            State::Transitioned { verification: Method::SasV1(sas), other_device_data } => {
                if begun.sas.as_ref().is_some_and(|held| is_replaced(held, &sas)) {
                    self.end_swapped(unsent);
                    return;
                }
                begun.partner = Some(partner(&other_device_data));
                begun.sas = Some(*sas);
            }
            // A method that this page did not offer.
            State::Transitioned { .. } => {}
            State::Created { .. } | State::Done | State::Cancelled(_) => {}
        }
    }

    /// Judges a message of a comparison before the machine sees it. If the other device's id sorts before ours, the
    /// machine takes any `m.key.verification.start` of a transaction for the one that counts, at any time. It also
    /// takes any `ready`, whichever device was asked.
    pub(in crate::engine) fn judge(&self, step: Step, flow_id: &str, from_device: Option<&str>) -> Judgement {
        let begun = self.begun().filter(|begun| begun.request.flow_id().as_str() == flow_id);
        let Some(begun) = begun else { return Judgement::Stray };
        let begun_by_us = |sas: &Sas| matches!(sas.state(), SasState::Created { .. });
        let fits = match (step, begun.request.state()) {
            (Step::Ready, _) => {
                let was_asked = |from: &str| begun.asked.iter().any(|asked| asked == from);
                from_device.is_some_and(was_asked)
            }
            // Both sides may begin at the same time; the specification says which of the two counts.
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

    /// Notes the names of the keys for which the other device has sent MACs.
    pub(in crate::engine) fn note_macs<'a>(&mut self, mut names: impl Iterator<Item = &'a String>) {
        let Some(begun) = self.begun_mut() else { return };
        let own = begun.partner.as_ref().map(|partner| ["ed25519:", &partner.device_id].concat());
        begun.names_identity |= names.any(|name| name.starts_with("ed25519:") && Some(name) != own.as_ref());
    }

    /// Ends the comparison because somebody replaced it by another one, or tries to. The devices that took part are
    /// told, and nothing of it is trusted.
    pub(in crate::engine) fn end_swapped(&mut self, unsent: &mut Unsent) {
        self.cut_off(&CancelCode::UnexpectedMessage, CancelReason::Swapped, unsent);
    }

    /// Ends the comparison because the server will never take one of its messages: the other device and the person
    /// would wait for it without end.
    pub(in crate::engine) fn end_unsent(&mut self, unsent: &mut Unsent) {
        if self.state().is_under_way() {
            self.cut_off(&CancelCode::Timeout, CancelReason::Failed, unsent);
        }
    }

    fn cut_off(&mut self, code: &CancelCode, reason: CancelReason, unsent: &mut Unsent) {
        let Some(begun) = self.begun() else { return };
        unsent.extend(begun.end(code));
        self.end(reason);
    }

    /// Takes up another device's request, if there is one; declines those that offer no SAS.
    fn take_up(&mut self, machine: &OlmMachine, unsent: &mut Unsent) {
        for request in machine.get_verification_requests(machine.user_id()) {
            let State::Requested { their_methods, .. } = request.state() else { continue };
            if !their_methods.contains(&VerificationMethod::SasV1) {
                unsent.extend(request.cancel().map(OutgoingRequest::from));
            } else if !request.timed_out() {
                self.begin(request, Vec::new());
                return;
            }
        }
    }
}

pub(super) type Unsent = VecDeque<OutgoingRequest>;

/// The kinds of messages that are told apart before the machine sees them.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Step {
    /// `m.key.verification.ready`.
    Ready,
    /// `m.key.verification.start`.
    Start,
    /// `m.key.verification.accept`.
    Accept,
    /// Any other, which the SDK's own states judge.
    Other,
}

/// The judgement on such a message.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine) enum Judgement {
    /// The machine may see it.
    Fits,
    /// It belongs to no comparison under way, or not to its present stage.
    Stray,
    /// It would replace the comparison under way by a second one.
    Second,
}

/// Tells whether the request has another SAS than `held`, which was already more than our proposal. An SAS has no id,
/// but two handles of one always have the same state and show the same numbers.
fn is_replaced(held: &Sas, now: &Sas) -> bool {
    let state = held.state();
    let is_settled = !matches!(state, SasState::Created { .. });
    is_settled && (state != now.state() || held.decimals() != now.decimals())
}

pub(super) fn addressed(
    devices: &[OwnedDeviceId],
    content: &Raw<AnyToDeviceEventContent>,
) -> BTreeMap<DeviceIdOrAllDevices, Raw<AnyToDeviceEventContent>> {
    devices.iter().map(|device| (DeviceIdOrAllDevices::DeviceId(device.clone()), content.clone())).collect()
}

/// Makes the message that tells devices that a verification has ended for them.
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
mod tests;
