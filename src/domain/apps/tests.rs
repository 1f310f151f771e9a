//! Tests of recognising apps and of what is said about them.

use proptest::prelude::*;

use super::{
    App, Sends, in_app,
    messages::MESSAGES,
    unverified,
    walks::{ANSWER, BEGIN_THERE, CHANGE_KEY, ENTER_KEY, EXPORT, NEVER, Spot, Walk},
};
use crate::{
    domain::account::{Account, DEVICE_NAME, Device, Identity},
    words::speaking::in_each_language,
};

const ALL: [App; 10] = [
    App::Element,
    App::ElementX,
    App::ElementClassic,
    App::SchildiChat,
    App::Cinny,
    App::Nheko,
    App::Hydrogen,
    App::FluffyChat,
    App::Fractal,
    App::Unknown,
];

fn walks() -> impl Iterator<Item = &'static Walk> {
    [&CHANGE_KEY[..], &ENTER_KEY, &ANSWER, &BEGIN_THERE, &EXPORT].into_iter().flatten()
}

#[test]
fn the_names_that_apps_give_their_devices_tell_which_app_it_is() {
    for (name, app) in [
        ("Element Desktop: Linux", App::Element),
        ("Element Desktop: macOS", App::Element),
        ("Element Nightly: Windows", App::Element),
        ("Element Web", App::Element),
        ("Element", App::Element),
        ("app.element.io: Firefox on Ubuntu", App::Element),
        ("https://app.element.io/: Chrome on Windows", App::Element),
        ("chat.example.org: Safari on macOS", App::Element),
        ("localhost:8080: Chrome on Linux", App::Element),
        // The address of a host tells nothing of what runs there, and this form is Element's.
        ("cinny.example.org: Chrome on Linux", App::Element),
        ("https://riot.im/app/ via Firefox on Linux", App::Element),
        ("Element X Android", App::ElementX),
        ("Element X iOS", App::ElementX),
        ("Element X", App::ElementX),
        ("Element X on iPhone 15", App::ElementX),
        ("ElementX", App::ElementX),
        ("Element Pro iOS", App::ElementX),
        ("Element Android", App::ElementClassic),
        ("Element iOS", App::ElementClassic),
        ("Element Classic", App::ElementClassic),
        ("RiotX Android", App::ElementClassic),
        ("SchildiChat Desktop: Linux", App::SchildiChat),
        ("SchildiChat Android", App::SchildiChat),
        ("SchildiChat Next", App::SchildiChat),
        ("Cinny Web", App::Cinny),
        ("Cinny Desktop", App::Cinny),
        ("Nheko on Linux", App::Nheko),
        ("nheko", App::Nheko),
        ("Hydrogen", App::Hydrogen),
        ("FluffyChat android", App::FluffyChat),
        ("FluffyChat web", App::FluffyChat),
        ("Fractal", App::Fractal),
        ("Element xfce", App::Element),
        ("", App::Unknown),
        ("My laptop", App::Unknown),
        ("Alice's iPhone", App::Unknown),
        ("Key backup page (temporary)", App::Unknown),
        ("elementary school", App::Unknown),
        ("note: Firefox on Linux", App::Unknown),
    ] {
        assert_eq!(App::of(Some(name)), app, "{name}");
        assert_eq!(App::of(Some(&name.to_uppercase())), app, "{name}");
    }
    assert_eq!(App::of(None), App::Unknown);
}

#[test]
fn each_app_of_a_person_is_named_once_and_in_order() {
    let device =
        |name: Option<&str>| Device { device_id: "A".into(), name: name.map(str::to_owned), verified: true };
    let devices = ["Nheko on Linux", "Element Desktop: Linux", "nheko", "app.element.io: Chrome on Linux"];
    let devices: Vec<_> = devices.into_iter().map(|name| device(Some(name))).chain([device(None)]).collect();
    assert_eq!(App::among(&devices), [App::Nheko, App::Element, App::Unknown]);
    assert_eq!(App::among(&[]), []);
}

#[test]
fn only_where_an_identity_could_verify_them_are_devices_called_unverified() {
    let device = |id: &str, verified| Device { device_id: id.into(), name: None, verified };
    // This page's own, of an earlier visit, is no app.
    let left = Device { name: Some(DEVICE_NAME.into()), ..device("D", false) };
    let devices = vec![device("A", false), device("B", true), device("C", false), left];
    let fresh = Account { devices, ..Account::fresh("@a:b.example", "PAGE") };
    assert!(unverified(&fresh).is_empty());
    let identity = Some(Identity { master_key: "key".into() });
    let account = Account { identity, ..fresh };
    let ids: Vec<_> = unverified(&account).iter().map(|device| &*device.device_id).collect();
    assert_eq!(ids, ["A", "C"]);
}

#[test]
fn a_remedy_names_its_app_and_asks_for_a_file_only_of_apps_that_can_write_one() {
    for app in ALL {
        let facts = app.facts();
        if app != App::Unknown {
            assert!(facts.remedy.contains(facts.name), "{app:?}");
        }
        assert_eq!(facts.remedy.contains("import the file here"), facts.exports, "{app:?}");
        // Reloading does not help with an app that never sends.
        let again = ["Reload", "Close"].iter().any(|word| facts.remedy.starts_with(word));
        assert_eq!(again, facts.sends != Sends::Never, "{app:?}");
        for sentence in [facts.remedy, facts.verify] {
            check_words(sentence);
        }
    }
}

/// The labels that delete the backup.
fn never() -> [&'static str; 6] {
    NEVER.map(|label| label())
}

/// Checks that quotation marks come in pairs, that no label is one that deletes the backup, and that sentences are
/// short.
fn check_words(text: &str) {
    let opened = text.matches('“').count();
    assert_eq!(opened, text.matches('”').count(), "{text}");
    for label in text.split('“').skip(1) {
        let label = label.split('”').next().unwrap();
        assert!(!label.is_empty() && !never().contains(&label), "{text}");
    }
    for sentence in text.split(['.', ':', '?']) {
        assert!(sentence.split_whitespace().count() <= 20, "{sentence}");
    }
}

#[test]
fn no_walk_leads_to_what_deletes_the_backup_and_each_says_where_it_was_seen() {
    for walk in walks() {
        assert!(!(walk.title)().is_empty() && !walk.steps.is_empty());
        assert_eq!((walk.seen)().is_empty(), walk.app == App::Unknown, "{}", (walk.title)());
        check_words((walk.recognise)());
        for step in walk.steps {
            check_words(step());
        }
    }
}

#[test]
fn in_every_language_labels_are_quoted_as_drawings_mark_them_and_none_deletes_the_backup() {
    in_each_language(|language| {
        for Walk { title, recognise, finds, steps, .. } in walks() {
            let texts: Vec<_> = steps.iter().chain([recognise]).map(|text| text()).collect();
            for text in &texts {
                assert_eq!(text.matches('“').count(), text.matches('”').count(), "{language}: {text}");
            }
            for label in finds.iter().map(|label| label()) {
                let quoted = ["“", label, "”"].concat();
                let is_said = texts.iter().any(|text| text.contains(&quoted));
                assert!(is_said && !never().contains(&label), "{language}, {}: {label}", title());
            }
        }
        for label in never() {
            assert!(super::walks::WARNING().contains(&["“", label, "”"].concat()), "{language}: {label}");
        }
    });
}

#[test]
fn what_a_drawing_marks_is_quoted_by_its_walk_and_belongs_to_that_app() {
    for Walk { app, title, recognise, spot, finds, steps, .. } in walks() {
        let title = title();
        for label in finds.iter().map(|label| label()) {
            let quoted = ["“", label, "”"].concat();
            let is_said = steps.iter().chain([recognise]).any(|text| text().contains(&quoted));
            assert!(is_said && !never().contains(&label), "{title}: {label}");
        }
        let Some(spot) = *spot else { continue };
        let is_of = match spot {
            Spot::NewBox | Spot::NewSettings => *app == App::Element && !title.contains("older"),
            Spot::OldBox | Spot::OldMenu => *app == App::Element && title.contains("older"),
            Spot::SettingsBelow => *app == App::Cinny,
            Spot::Bar => *app == App::Nheko,
            Spot::PhoneSettings => matches!(app, App::ElementClassic | App::FluffyChat),
            Spot::PhoneQuestion => matches!(app, App::ElementX | App::FluffyChat),
            Spot::Key | Spot::PhoneKey | Spot::Entry | Spot::PhoneEntry => false,
            Spot::Settings | Spot::Question => {
                matches!(app, App::Cinny | App::Nheko | App::Hydrogen | App::Unknown)
            }
        };
        assert!(is_of, "{title}: {spot:?}");
    }
}

#[test]
fn each_list_of_walks_names_a_way_once_and_exports_only_from_apps_that_can() {
    for list in [&CHANGE_KEY[..], &ENTER_KEY, &ANSWER, &BEGIN_THERE, &EXPORT] {
        let titles: std::collections::BTreeSet<_> = list.iter().map(|walk| (walk.title)()).collect();
        assert_eq!(titles.len(), list.len());
    }
    for walk in &EXPORT {
        assert!(walk.app.facts().exports, "{}", (walk.title)());
    }
}

#[test]
fn in_every_language_setting_up_inside_an_app_quotes_what_its_drawings_mark_and_deletes_no_backup() {
    in_each_language(|language| {
        let mut ids = std::collections::BTreeSet::new();
        for walk in &in_app::WALKS {
            let id = walk.id;
            assert!(ids.insert(id), "{id}");
            assert!(
                !(walk.title)().is_empty() && !(walk.seen)().is_empty() && !walk.lacks.is_empty(),
                "{id}"
            );
            for step in walk.steps {
                let text = (step.text)();
                assert_eq!(text.matches('“').count(), text.matches('”').count(), "{language}: {text}");
                assert!(step.spot.is_some() || step.labels.is_empty(), "{language}: {text}");
                for label in never() {
                    assert!(!text.contains(&["“", label, "”"].concat()), "{language}: {text}");
                }
                for label in step.labels.iter().map(|label| label()) {
                    assert!(text.contains(&["“", label, "”"].concat()), "{language}, {id}: {label}");
                }
            }
        }
    });
    for text in in_app::WALKS.iter().flat_map(|walk| walk.steps).map(|step| (step.text)()) {
        check_words(text);
    }
}

#[test]
fn the_person_is_warned_of_every_label_that_deletes_the_backup() {
    for label in never() {
        assert!(super::walks::WARNING().contains(&["“", label, "”"].concat()), "{label}");
    }
}

#[test]
fn every_sentence_that_brings_people_here_has_an_answer() {
    for sentence in [
        "Enable your key storage before proceeding to Element X",
        "Your key storage is out of sync",
        "Verify this device",
        "Verify this session",
        "Confirm your digital identity",
        "Turn on key storage",
        "Back up your chats",
        "Set up Secure Backup",
    ] {
        let quoted = ["“", sentence, "”"].concat();
        let answers = MESSAGES.iter().filter(|message| (message.shown)().contains(&quoted));
        assert_eq!(answers.count(), 1, "{sentence}");
    }
    for message in MESSAGES {
        check_words((message.shown)());
        check_words((message.meaning)());
    }
}

proptest! {
    #[test]
    fn any_name_is_read_and_more_words_around_an_apps_name_do_not_hide_it(
        before in "[a-z ]{0,8}", name in any::<String>(),
    ) {
        let _ = App::of(Some(&name));
        let named = [&before, " nheko on linux"].concat();
        prop_assert_eq!(App::of(Some(&named)), App::Nheko);
    }
}
