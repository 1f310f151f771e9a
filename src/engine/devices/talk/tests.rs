use matrix_sdk::ruma::{
    api::client::{keys::get_keys, to_device::send_event_to_device},
    assign,
    events::AnyToDeviceEvent,
};
use matrix_sdk_crypto::types::requests::AnyOutgoingRequest;
use serde_json::Value;

use super::*;
use crate::engine::devices::outgoing;

const PAGE: &str = "ZZZZZZZZZZ";
/// Sorts before the page's id, so that the machine takes each of its `m.key.verification.start`s for the one that
/// counts.
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

/// Holds even if the machine has seen the second one.
#[tokio::test]
async fn a_comparison_that_replaces_another_ends_both() {
    let (page, phone) = machines().await;
    let device = page.get_device(page.user_id(), PHONE.into(), None).await.unwrap().unwrap();
    let (request, asks) = device.request_verification_with_methods(vec![VerificationMethod::SasV1]);
    say(asks, &phone).await;
    let flow_id = request.flow_id().as_str().to_owned();
    let theirs = phone.get_verification_request(phone.user_id(), &flow_id).unwrap();
    say(theirs.accept_with_methods(vec![VerificationMethod::SasV1]).unwrap(), &page).await;
    let mut unsent = Unsent::new();
    let mut talk = Talk::default();
    talk.begin(request, vec![PHONE.into()]);
    talk.refresh(&page, &mut unsent);
    // Both begin at the same time: the phone's comparison counts, and that ends nothing.
    let (ours, _) = talk.begun().unwrap().request.start_sas().await.unwrap().unwrap();
    talk.begun_mut().unwrap().sas = Some(ours);
    talk.refresh(&page, &mut unsent);
    let (_, start) = theirs.start_sas().await.unwrap().unwrap();
    say(start, &page).await;
    talk.refresh(&page, &mut unsent);
    say(talk.sas().unwrap().accept().unwrap(), &phone).await;
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
