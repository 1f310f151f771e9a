//! Decides who gets secrets of this page: the devices that emoji were compared with in this visit, and nobody else.
//!
//! The SDK's machine answers every device that the identity has signed, and a lost phone may still be one. So requests
//! of other devices are kept from the machine, and what it encrypts for them is not sent.
//!
//! Source: specification, "Sharing secrets".

use std::collections::{BTreeMap, VecDeque};

use matrix_sdk::ruma::{
    DeviceId, OwnedDeviceId, UserId,
    events::{AnyToDeviceEvent, AnyToDeviceEventContent},
    serde::Raw,
    to_device::DeviceIdOrAllDevices,
};
use matrix_sdk_crypto::types::requests::{AnyOutgoingRequest, OutgoingRequest};
use serde::{Deserialize, de::IgnoredAny};

/// The most requests of devices not compared with that are kept; the oldest is dropped first.
const MOST_WITHHELD: usize = 40;
/// The longest request that is kept, in bytes; a real one has a few hundred.
const LONGEST_WITHHELD: usize = 4_096;

/// The devices that were compared with, and the requests of others.
#[derive(Default)]
pub(in crate::engine) struct Trusted {
    /// Each with its Curve25519 key in unpadded base64: a server may list another key under the same id.
    compared: BTreeMap<OwnedDeviceId, String>,
    /// The requests of other devices, to be answered once they are compared with. Some devices ask only once, before
    /// this page knows that the comparison is done.
    withheld: VecDeque<Withheld>,
}

struct Withheld {
    asking: Asking,
    message: Raw<AnyToDeviceEvent>,
}

/// The part of an `m.secret.request` that is looked at here.
#[derive(Deserialize, PartialEq, Eq)]
struct Asking {
    /// The device to which the machine would send the secret.
    requesting_device_id: OwnedDeviceId,
    request_id: String,
}

#[derive(Deserialize)]
struct Envelope {
    content: Asking,
}

/// The part of an encrypted message that is looked at here: the Curve25519 keys that it is for.
#[derive(Deserialize)]
struct Sealed {
    ciphertext: BTreeMap<String, IgnoredAny>,
}

impl Trusted {
    /// Trusts the device with this key, whose emoji were the same: it gets what it asks for.
    pub(in crate::engine) fn trust(&mut self, device_id: OwnedDeviceId, curve25519_key: String) {
        self.compared.insert(device_id, curve25519_key);
    }

    /// Tells whether the machine may see an `m.secret.request`; if not, keeps it until its device was compared with.
    pub(in crate::engine) fn admits(&mut self, message: &Raw<AnyToDeviceEvent>) -> bool {
        let Ok(Envelope { content: asking }) = message.deserialize_as_unchecked::<Envelope>() else {
            return false;
        };
        if self.compared.contains_key(&asking.requesting_device_id) {
            return true;
        }
        // A cancellation replaces the request that it cancels, and asks for nothing.
        self.withheld.retain(|withheld| withheld.asking != asking);
        if message.json().get().len() <= LONGEST_WITHHELD {
            if self.withheld.len() >= MOST_WITHHELD {
                self.withheld.pop_front();
            }
            self.withheld.push_back(Withheld { asking, message: message.clone() });
        }
        false
    }

    /// Takes out the kept requests of devices that were compared with meanwhile.
    pub(in crate::engine) fn take_released(&mut self) -> Vec<Raw<AnyToDeviceEvent>> {
        let (released, withheld) = std::mem::take(&mut self.withheld)
            .into_iter()
            .partition(|withheld| self.compared.contains_key(&withheld.asking.requesting_device_id));
        self.withheld = withheld;
        let released: VecDeque<Withheld> = released;
        released.into_iter().map(|withheld| withheld.message).collect()
    }

    /// Tells whether a request of the machine may be sent: a message encrypted for a device may hold a secret.
    pub(in crate::engine) fn lets_out(&self, request: &OutgoingRequest, own_user_id: &UserId) -> bool {
        let AnyOutgoingRequest::ToDeviceRequest(request) = request.request() else { return true };
        request.event_type.to_string() != "m.room.encrypted"
            || request.messages.iter().all(|(user_id, messages)| {
                user_id == own_user_id
                    && messages.iter().all(|(device, message)| match device {
                        DeviceIdOrAllDevices::DeviceId(device_id) => self.is_for(device_id, message),
                        DeviceIdOrAllDevices::AllDevices => false,
                    })
            })
    }

    /// Tells whether a message is encrypted for the key that was compared with, and for no other.
    fn is_for(&self, device_id: &DeviceId, message: &Raw<AnyToDeviceEventContent>) -> bool {
        let Some(compared) = self.compared.get(device_id) else { return false };
        let sealed = message.deserialize_as_unchecked::<Sealed>();
        sealed.is_ok_and(|Sealed { ciphertext }| ciphertext.keys().eq([compared]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    fn asks(device_id: &str, request_id: usize) -> Raw<AnyToDeviceEvent> {
        let content = json!({
            "action": "request", "name": "m.megolm_backup.v1",
            "requesting_device_id": device_id, "request_id": request_id.to_string(),
        });
        let message = json!({"type": "m.secret.request", "sender": "@a:b.example", "content": content});
        Raw::from_json(to_raw_value(&message).unwrap())
    }

    fn cancels(device_id: &str, request_id: usize) -> Raw<AnyToDeviceEvent> {
        let text =
            asks(device_id, request_id).json().get().replace(r#""request""#, r#""request_cancellation""#);
        Raw::from_json_string(text).unwrap()
    }

    #[test]
    fn only_a_device_that_was_compared_with_is_heard_and_what_it_asked_before_as_well() {
        let mut trusted = Trusted::default();
        assert!(!trusted.admits(&asks("PHONE", 1)) && !trusted.admits(&asks("LOST", 1)));
        assert!(trusted.take_released().is_empty());
        trusted.trust("PHONE".into(), "key".into());
        let released = trusted.take_released();
        assert_eq!(released.len(), 1);
        assert_eq!(released[0].json().get(), asks("PHONE", 1).json().get());
        assert!(trusted.take_released().is_empty(), "once");
        assert!(trusted.admits(&asks("PHONE", 2)));
        assert!(!trusted.admits(&asks("LOST", 2)));
    }

    #[test]
    fn requests_that_nobody_may_have_answered_are_not_kept_without_end() {
        let mut trusted = Trusted::default();
        for number in 0..1_000 {
            assert!(!trusted.admits(&asks("LOST", number)));
        }
        assert!(!trusted.admits(&asks(&"L".repeat(LONGEST_WITHHELD), 1)));
        assert!(!trusted.admits(&Raw::from_json_string("{}".to_owned()).unwrap()));
        assert_eq!(trusted.withheld.len(), MOST_WITHHELD);
    }

    #[test]
    fn a_request_that_was_taken_back_is_not_answered_later() {
        let mut trusted = Trusted::default();
        trusted.admits(&asks("PHONE", 1));
        trusted.admits(&cancels("PHONE", 1));
        trusted.trust("PHONE".into(), "key".into());
        let released = trusted.take_released();
        assert_eq!(released.len(), 1);
        assert!(released[0].json().get().contains("request_cancellation"));
    }
}
