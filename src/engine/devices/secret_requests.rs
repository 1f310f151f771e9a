//! Who may have secrets of this page: the devices that emoji were compared with in this visit, and nobody else.
//!
//! The SDK's machine answers every device that the identity has ever signed, and a phone that was lost may be one
//! that still is. So what others ask for is kept from the machine, and what it encrypts for them is not sent.
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

/// How many requests of devices that were not compared with are kept; the oldest goes first.
const MOST_WITHHELD: usize = 40;
/// The longest request that is kept, in bytes: a real one is a few hundred.
const LONGEST_WITHHELD: usize = 4_096;

/// The devices that were compared with, and what others have asked for.
#[derive(Default)]
pub(in crate::engine) struct Trusted {
    /// With its Curve25519 key, in unpadded base64: a server may list another one under the same id.
    compared: BTreeMap<OwnedDeviceId, String>,
    /// Whoever is compared with later need not ask twice: some ask once, and before this side knows that it is done.
    withheld: VecDeque<Withheld>,
}

struct Withheld {
    asking: Asking,
    message: Raw<AnyToDeviceEvent>,
}

/// As much of an `m.secret.request` as is looked at here.
#[derive(Deserialize, PartialEq, Eq)]
struct Asking {
    /// To which the machine would send what is asked for.
    requesting_device_id: OwnedDeviceId,
    request_id: String,
}

#[derive(Deserialize)]
struct Envelope {
    content: Asking,
}

/// As much of an encrypted message as is looked at here: for which Curve25519 keys it is.
#[derive(Deserialize)]
struct Sealed {
    ciphertext: BTreeMap<String, IgnoredAny>,
}

impl Trusted {
    /// The emoji were the same: from here on the device with this key gets what it asks for.
    pub(in crate::engine) fn trust(&mut self, device_id: OwnedDeviceId, curve25519_key: String) {
        self.compared.insert(device_id, curve25519_key);
    }

    /// Whether the machine may see an `m.secret.request`; if not, it is kept until its device was compared with.
    pub(in crate::engine) fn admits(&mut self, message: &Raw<AnyToDeviceEvent>) -> bool {
        let Ok(Envelope { content: asking }) = message.deserialize_as_unchecked::<Envelope>() else {
            return false;
        };
        if self.compared.contains_key(&asking.requesting_device_id) {
            return true;
        }
        // A cancellation takes the place of what it cancels: it asks for nothing.
        self.withheld.retain(|withheld| withheld.asking != asking);
        if message.json().get().len() <= LONGEST_WITHHELD {
            if self.withheld.len() >= MOST_WITHHELD {
                self.withheld.pop_front();
            }
            self.withheld.push_back(Withheld { asking, message: message.clone() });
        }
        false
    }

    /// What devices had asked for before they were compared with.
    pub(in crate::engine) fn take_released(&mut self) -> Vec<Raw<AnyToDeviceEvent>> {
        let (released, withheld) = std::mem::take(&mut self.withheld)
            .into_iter()
            .partition(|withheld| self.compared.contains_key(&withheld.asking.requesting_device_id));
        self.withheld = withheld;
        let released: VecDeque<Withheld> = released;
        released.into_iter().map(|withheld| withheld.message).collect()
    }

    /// Whether the machine's request may be sent: what is encrypted for a device may hold a secret.
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

    /// Whether a message is encrypted for the key that was compared with, and for no other.
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
    fn what_nobody_may_have_is_not_kept_without_end() {
        let mut trusted = Trusted::default();
        for number in 0..1_000 {
            assert!(!trusted.admits(&asks("LOST", number)));
        }
        assert!(!trusted.admits(&asks(&"L".repeat(LONGEST_WITHHELD), 1)));
        assert!(!trusted.admits(&Raw::from_json_string("{}".to_owned()).unwrap()));
        assert_eq!(trusted.withheld.len(), MOST_WITHHELD);
    }

    #[test]
    fn what_was_taken_back_is_not_answered_later() {
        let mut trusted = Trusted::default();
        trusted.admits(&asks("PHONE", 1));
        trusted.admits(&cancels("PHONE", 1));
        trusted.trust("PHONE".into(), "key".into());
        let released = trusted.take_released();
        assert_eq!(released.len(), 1);
        assert!(released[0].json().get().contains("request_cancellation"));
    }
}
