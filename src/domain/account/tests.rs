use super::*;
use crate::domain::{
    diagnosis::{diagnose, tests::for_every_case},
    plan::plan,
};

#[test]
fn a_device_that_an_earlier_visit_left_over_is_no_app_in_any_conclusion() {
    let left_over = |verified| Device {
        device_id: "OLDPAGE".into(),
        name: Some("Key backup page (temporary)".into()),
        verified,
    };
    for_every_case(|account, known| {
        let before = diagnose(account, known);
        let mut with_more = account.clone();
        with_more.devices.extend([true, false].map(left_over));
        assert_eq!(diagnose(&with_more, known), before);
        assert_eq!(plan(before, &with_more, known), plan(before, account, known));
        assert!(with_more.apps().eq(&account.devices), "only apps are listed and counted");
        assert_eq!(with_more.has_apps(), !account.devices.is_empty());
    });
}

#[test]
fn only_exactly_this_pages_name_marks_a_device_as_left_over() {
    for (name, is_left_over) in [
        (Some(DEVICE_NAME), true),
        (Some("Key backup page"), false),
        (Some("key backup page (temporary)"), false),
        (Some(""), false),
        (None, false),
    ] {
        let device = Device { device_id: "D".into(), name: name.map(str::to_owned), verified: true };
        assert_eq!(device.is_left_over(), is_left_over, "{name:?}");
        let account = Account { devices: vec![device], ..Account::fresh("@ada:example.org", "PAGE") };
        assert_eq!(account.has_namesake(), is_left_over, "{name:?}");
    }
}
