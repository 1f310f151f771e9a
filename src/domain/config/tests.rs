use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::*;

const EXAMPLE: &str = include_str!("../../../hosting/config.example.json");
const SCHEMA: &str = include_str!("../../../hosting/config.schema.json");

fn read(value: Value) -> (Config, Vec<Warning>) {
    Config::read(&Json::of(value).unwrap())
}

/// Reads the settings; returns the path and the fault of each value that is ignored.
fn faults(value: Value) -> (Config, Vec<(String, Fault)>) {
    let (config, warnings) = read(value);
    (config, warnings.iter().map(|warning| (warning.key().to_owned(), warning.fault())).collect())
}

#[test]
fn the_example_sets_everything_and_all_of_it_is_used() {
    let (config, warnings) = Config::read(&Json::parse(EXAMPLE.as_bytes()).unwrap());
    assert_eq!(warnings, []);
    let home =
        Home { name: "example.org".into(), address: Address::parse("example.org").unwrap(), is_locked: true };
    assert_eq!(config.locked(), Some(&home));
    assert_eq!(config.brand.as_deref(), Some("Example Cooperative"));
    assert_eq!(config.logo.as_deref(), Some("logo.svg"));
    let links: Vec<_> = config.links.iter().map(|link| (&*link.text, link.address.as_str())).collect();
    assert_eq!(links[0], ("Imprint", "https://example.org/imprint"));
    assert_eq!(links.len(), 3);
    assert!(config.notice.unwrap().starts_with("Our chat moves"));
    assert_eq!(config.contact.unwrap().link.as_deref(), Some("mailto:chat-help@example.org"));
    assert_eq!(config.element.unwrap().host(), "chat.example.org");
    assert_eq!(
        config.offers,
        Offers { change_key: true, rotate: false, import: false, inside_element: false }
    );
    assert_eq!(config.strength.power(), 12);
    assert_eq!(config.language, Some("en"));
}

#[test]
fn the_schema_lists_the_pages_languages() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema["properties"]["language"]["enum"], json!(LANGUAGES));
}

#[test]
fn schema_example_and_page_know_the_same_keys_and_limits() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let example: Value = serde_json::from_str(EXAMPLE).unwrap();
    let at = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
    for (pointer, keys, shown) in [
        ("", &KEYS[..], ""),
        ("/properties/homeserver", &HOMESERVER_KEYS[..], "/homeserver"),
        ("/properties/links/items", &LINK_KEYS[..], "/links/0"),
        ("/properties/journeys", &offers::KEYS[..], "/journeys"),
    ] {
        let object = at(pointer);
        assert_eq!(object["additionalProperties"], json!(false), "{pointer}");
        let of = |value: &Value| -> Vec<String> {
            let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let mut known = keys.to_vec();
        known.sort_unstable();
        assert_eq!(of(&object["properties"]), known, "{pointer}");
        assert_eq!(of(example.pointer(shown).unwrap()), known, "{pointer}");
        for (key, property) in object["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{pointer}/{key}");
        }
    }
    for (pointer, limit) in [
        ("/properties/brand/maxLength", LONGEST_BRAND),
        ("/properties/logo/maxLength", LONGEST_LOGO),
        ("/properties/links/maxItems", MOST_LINKS),
        ("/properties/links/items/properties/text/maxLength", LONGEST_LINK_TEXT),
        ("/properties/links/items/properties/url/maxLength", crate::domain::web_address::LONGEST),
        ("/properties/element_address/maxLength", crate::domain::web_address::LONGEST),
        ("/properties/notice/maxLength", LONGEST_NOTICE),
        ("/properties/contact/maxLength", crate::domain::contact::LONGEST_CONTACT),
        ("/properties/minimum_phrase_strength/minimum", usize::from(Strength::LEAST)),
        ("/properties/minimum_phrase_strength/default", usize::from(Strength::LEAST)),
        ("/properties/minimum_phrase_strength/maximum", usize::from(Strength::MOST)),
    ] {
        assert_eq!(at(pointer), &json!(limit), "{pointer}");
    }
}

#[test]
fn empty_settings_change_nothing() {
    for value in [json!({}), json!({"$schema": "./config.schema.json"})] {
        assert_eq!(read(value), (Config::default(), vec![]));
    }
}

#[test]
fn a_file_that_is_missing_is_no_mistake_and_one_that_is_broken_is() {
    let brand = Json::of(json!({"brand": "Example"}));
    for (answer, brand, fault) in [
        (Answer::Status(404, None), None, None),
        (Answer::Status(404, brand.clone()), None, None),
        (Answer::Status(200, brand.clone()), Some("Example"), None),
        (Answer::Status(200, None), None, Some(Fault::NotJson)),
        (Answer::Status(403, brand.clone()), None, Some(Fault::NotServed)),
        (Answer::Status(500, None), None, Some(Fault::NotServed)),
        (Answer::Nothing, None, Some(Fault::NotServed)),
    ] {
        let (config, warnings) = Config::read_answer(&answer);
        assert_eq!(config.brand.as_deref(), brand, "{answer:?}");
        let found: Vec<_> = warnings.iter().map(Warning::fault).collect();
        assert_eq!(found, fault.into_iter().collect::<Vec<_>>(), "{answer:?}");
    }
}

#[test]
fn each_value_that_cannot_be_used_is_named_and_the_default_stays() {
    for (value, key, fault) in [
        (json!([]), "", Fault::NotAnObject),
        (json!("brand"), "", Fault::NotAnObject),
        (json!({"colour": "red"}), "colour", Fault::Unknown),
        (json!({"Brand": "x"}), "Brand", Fault::Unknown),
        (json!({"homeserver": "example.org"}), "homeserver", Fault::NotAnObject),
        (json!({"homeserver": {"adress": "example.org"}}), "homeserver.adress", Fault::Unknown),
        (json!({"homeserver": {"address": "@ada:example.org"}}), "homeserver.address", Fault::NoServer),
        (json!({"homeserver": {"address": "http://example.org"}}), "homeserver.address", Fault::NoServer),
        (json!({"homeserver": {"address": "javascript:alert(1)"}}), "homeserver.address", Fault::NoServer),
        (json!({"homeserver": {"address": "https://a.org/?b"}}), "homeserver.address", Fault::NoServer),
        (json!({"homeserver": {"locked": true}}), "homeserver.locked", Fault::NothingToLock),
        (json!({"brand": 7}), "brand", Fault::NotText),
        (json!({"brand": null}), "brand", Fault::NotText),
        (json!({"brand": ""}), "brand", Fault::NotPlain { longest: 40 }),
        (json!({"brand": "x".repeat(41)}), "brand", Fault::NotPlain { longest: 40 }),
        (json!({"brand": "a\u{0}b"}), "brand", Fault::NotPlain { longest: 40 }),
        (json!({"notice": "x".repeat(601)}), "notice", Fault::NotPlain { longest: 600 }),
        (json!({"notice": ["x"]}), "notice", Fault::NotText),
        (json!({"logo": "https://evil.org/logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "//evil.org/logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "/logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "../logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "a/../../logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "a\\b.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "%2e%2e/logo.svg"}), "logo", Fault::NotBeside),
        (json!({"logo": "data:image/svg+xml,x"}), "logo", Fault::NotBeside),
        (json!({"logo": "logo.svg?x"}), "logo", Fault::NotBeside),
        (json!({"links": {"text": "a"}}), "links", Fault::NotAList),
        (json!({"links": ["https://example.org"]}), "links[0]", Fault::NotAnObject),
        (json!({"links": [{"url": "https://example.org"}]}), "links[0].text", Fault::Missing),
        (json!({"links": [{"text": "a"}]}), "links[0].url", Fault::Missing),
        (json!({"links": [{"text": "a", "url": "javascript:alert(1)"}]}), "links[0].url", Fault::NotHttps),
        (json!({"links": [{"text": "a", "url": "http://a.org"}]}), "links[0].url", Fault::NotHttps),
        (json!({"contact": "javascript:alert(1)"}), "contact", Fault::NoContact),
        (json!({"language": "xx"}), "language", Fault::NoLanguage),
        (json!({"contact": {}}), "contact", Fault::NotText),
        (json!({"element_address": "http://chat.example.org"}), "element_address", Fault::NotHttps),
        (json!({"journeys": ["rotate"]}), "journeys", Fault::NotAnObject),
        (json!({"journeys": {"rotate": "false"}}), "journeys.rotate", Fault::NotAFlag),
        // A host cannot switch off what people need.
        (json!({"journeys": {"check": false}}), "journeys.check", Fault::Unknown),
        (json!({"journeys": {"take_home": false}}), "journeys.take_home", Fault::Unknown),
        (json!({"journeys": {"reset": false}}), "journeys.reset", Fault::Unknown),
        (json!({"minimum_phrase_strength": "12"}), "minimum_phrase_strength", Fault::NotANumber),
        (json!({"minimum_phrase_strength": 0}), "minimum_phrase_strength", Fault::TooWeak),
        (json!({"minimum_phrase_strength": 4}), "minimum_phrase_strength", Fault::TooWeak),
        (json!({"minimum_phrase_strength": 9.99}), "minimum_phrase_strength", Fault::TooWeak),
        (json!({"minimum_phrase_strength": -1e300}), "minimum_phrase_strength", Fault::TooWeak),
    ] {
        let found = faults(value.clone());
        assert_eq!(found, (Config::default(), vec![(key.to_owned(), fault)]), "{value}");
    }
}

#[test]
fn values_that_can_be_used_are_used_beside_those_that_cannot() {
    let good = json!({"text": "Help", "url": "https://example.org/help"});
    let (config, found) = faults(json!({
        "brand": "Example",
        "links": [{"text": "Bad", "url": "javascript:alert(1)"}, good],
        "homeserver": {"address": "https://Matrix.example.org/", "locked": "yes"},
        "journeys": {"rotate": false, "import": 0},
    }));
    assert_eq!(config.brand.as_deref(), Some("Example"));
    assert_eq!(config.links.len(), 1);
    let home = config.home.unwrap();
    assert_eq!((&*home.name, home.is_locked), ("https://matrix.example.org", false));
    assert_eq!(config.offers, Offers { rotate: false, ..Offers::default() });
    let keys: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["homeserver.locked", "links[0].url", "journeys.import"]);

    let (config, found) = faults(json!({"links": vec![good; 7]}));
    assert_eq!((config.links.len(), found), (6, vec![("links".into(), Fault::TooMany { most: 6 })]));
}

#[test]
fn a_host_may_ask_for_stronger_phrases_but_for_no_stronger_than_every_suggestion() {
    for (asked, power) in
        [(10.0, 10), (10.5, 11), (12.0, 12), (16.0, 16), (16.1, 16), (300.0, 16), (1e300, 16)]
    {
        let (config, found) = faults(json!({"minimum_phrase_strength": asked}));
        assert_eq!(config.strength.power(), power, "{asked}");
        assert_eq!(found.is_empty(), asked <= 16.0, "{asked}");
    }
}

#[test]
fn people_of_another_server_are_recognised_by_their_id() {
    let home = |address: &str, locked: bool| {
        read(json!({"homeserver": {"address": address, "locked": locked}})).0.home.unwrap()
    };
    for (user, refused) in [
        ("ada", false),
        ("@ada:example.org", false),
        ("@ada:EXAMPLE.org", false),
        (" ada:example.org ", false),
        ("@ada:other.org", true),
        ("ada:other.org", true),
        ("@ada:example.org.evil.org", true),
        ("@ada:example.org:8448", true),
    ] {
        assert_eq!(home("example.org", true).refuses(user), refused, "{user}");
        assert!(!home("example.org", false).refuses(user), "{user}");
        // Behind a URL, only the server knows whose accounts it has.
        assert!(!home("https://matrix.example.org", true).refuses(user), "{user}");
    }
}

#[test]
fn warnings_are_few_short_and_never_repeat_a_value() {
    let secret = "hunter2hunter2";
    let unknown: serde_json::Map<_, _> =
        (0..500).map(|number| (format!("{number}\n{}", "k".repeat(200)), json!(secret))).collect();
    let (config, warnings) = read(Value::Object(unknown));
    assert_eq!((config, warnings.len()), (Config::default(), 21));
    for warning in warnings {
        let text = warning.to_string();
        assert!(!text.contains(secret) && !text.contains('\n') && text.chars().count() < 200, "{text}");
    }
    let (_, warnings) = read(json!({"contact": ["javascript:", secret], "logo": secret.repeat(20)}));
    assert!(warnings.iter().all(|warning| !warning.to_string().contains(secret)));
}

/// Any JSON, with the page's own keys more often than not, so that every reader is reached.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just(String::new()),
        "\\PC{0,20}",
        "(https?|javascript|data|mailto|file):(//)?[a-z.@:/%?#-]{0,30}",
        "\\.{0,2}/?[a-z.%/]{1,20}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-5..40).prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let keys = KEYS.into_iter().chain(HOMESERVER_KEYS).chain(LINK_KEYS).chain(offers::KEYS);
    let key = prop_oneof![
        8 => proptest::sample::select(keys.map(str::to_owned).collect::<Vec<_>>()),
        1 => "\\PC{0,10}",
    ];
    leaf.prop_recursive(4, 60, 10, move |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..10).prop_map(Value::from),
            4 => vec((key.clone(), inner), 0..10).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_config_loosens_a_limit(value in any_json()) {
        let (config, warnings) = read(value);
        prop_assert!(warnings.len() <= 21);
        prop_assert!(config.strength >= Strength::default());
        prop_assert!(config.strength.power() <= Strength::MOST);
        if let Some(home) = &config.home {
            let base_url = match &home.address {
                Address::Server(name) => name.base_url(),
                Address::Url(base_url) => base_url.clone(),
                Address::UserId { .. } => panic!("a person is no server"),
            };
            // The page takes from the host only what a person could have entered.
            prop_assert_eq!(BaseUrl::parse(base_url.as_str()), Ok(base_url));
            prop_assert_eq!(Address::parse(&home.name), Ok(home.address.clone()));
        }
        let links = config.links.iter().map(|link| link.address.as_str());
        for address in links.chain(config.element.as_ref().map(WebAddress::as_str)) {
            prop_assert!(address.starts_with("https://"), "{address}");
        }
        if let Some(link) = config.contact.as_ref().and_then(|contact| contact.link.as_deref()) {
            prop_assert!(link.starts_with("https://") || link.starts_with("mailto:"), "{link}");
        }
        if let Some(logo) = &config.logo {
            prop_assert!(!logo.contains([':', '\\', '%']) && !logo.starts_with('/'));
            // A browser climbs at a part that is two dots, and at no other with dots in it.
            prop_assert!(logo.split('/').all(|part| part != ".."), "{logo}");
        }
        for (text, longest) in [(&config.brand, LONGEST_BRAND), (&config.notice, LONGEST_NOTICE)] {
            let fits = text.as_ref().is_none_or(|text| text.chars().count() <= longest);
            prop_assert!(fits && text.as_ref().is_none_or(|text| !text.contains(char::is_control)));
        }
        prop_assert!(config.links.len() <= MOST_LINKS);
    }
}
