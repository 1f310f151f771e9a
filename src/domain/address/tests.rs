use super::*;

#[test]
fn what_people_type_is_understood() {
    for (entry, user, url) in [
        ("@you:example.org", Some("@you:example.org"), "https://example.org"),
        ("  @you:example.org \n", Some("@you:example.org"), "https://example.org"),
        ("@a=b/c:Example.ORG:8448", Some("@a=b/c:Example.ORG:8448"), "https://example.org:8448"),
        ("you:example.org", Some("@you:example.org"), "https://example.org"),
        ("example.org", None, "https://example.org"),
        ("example.org:8448", None, "https://example.org:8448"),
        ("localhost", None, "http://localhost"),
        ("@alice:127.0.0.1:8080", Some("@alice:127.0.0.1:8080"), "http://127.0.0.1:8080"),
        ("@alice:[::1]:8008", Some("@alice:[::1]:8008"), "http://[::1]:8008"),
        ("https://Matrix.example.org/", None, "https://matrix.example.org"),
        ("https://example.org/matrix/", None, "https://example.org/matrix"),
        ("http://localhost:8008", None, "http://localhost:8008"),
    ] {
        let address = Address::parse(entry).unwrap_or_else(|e| panic!("{entry}: {e:?}"));
        assert_eq!(address.user_id(), user, "{entry}");
        let base = match address {
            Address::UserId { server, .. } | Address::Server(server) => server.base_url(),
            Address::Url(base) => base,
        };
        assert_eq!(base.as_str(), url, "{entry}");
    }
}

#[test]
fn what_is_no_address_is_told_apart() {
    for (entry, error) in [
        ("", AddressError::Empty),
        ("   ", AddressError::Empty),
        ("@you", AddressError::NoServer),
        ("you", AddressError::NoServer),
        ("you@example.org", AddressError::Email),
        ("@:example.org", AddressError::BadUser),
        ("@y ou:example.org", AddressError::BadUser),
        ("@you:exa mple.org", AddressError::BadServer),
        ("@you:", AddressError::BadServer),
        ("example..org", AddressError::BadServer),
        ("example.org:99999", AddressError::BadServer),
        ("example.org:0", AddressError::BadServer),
        ("example.org:+443", AddressError::BadServer),
        ("https://example.org:+443", AddressError::BadServer),
        ("-a.org", AddressError::BadServer),
        ("http://example.org", AddressError::Insecure),
        ("http://127.0.0.1.example.org", AddressError::Insecure),
        ("ftp://example.org", AddressError::BadServer),
        ("https://user:pw@example.org", AddressError::BadServer),
        ("https://example.org/?a=b", AddressError::BadServer),
        ("https://example.org/a b", AddressError::BadServer),
        ("https://[::1", AddressError::BadServer),
        ("javascript://example.org", AddressError::BadServer),
    ] {
        assert_eq!(Address::parse(entry), Err(error), "{entry:?}");
    }
}

#[test]
fn the_origin_leaves_out_the_path() {
    let url = BaseUrl::parse("https://example.org:8448/some/path").unwrap();
    assert_eq!(url.origin(), "https://example.org:8448");
    assert_eq!(url.host(), "example.org:8448");
}

proptest::proptest! {
    #[test]
    fn no_entry_panics_and_every_accepted_url_is_safe_in_a_policy(entry in "\\PC{0,80}") {
        if let Ok(Address::Url(url)) = Address::parse(&entry) {
            let origin = url.origin();
            proptest::prop_assert!(!origin.contains([';', ' ', ',', '\'', '"', '*']));
            proptest::prop_assert!(origin.starts_with("https://") || is_this_computer(url.host()));
        }
    }

    #[test]
    fn entries_of_address_characters_never_panic(entry in "[@:/\\[\\]a-z0-9.-]{0,40}") {
        let _ = Address::parse(&entry);
    }
}

#[test]
fn an_entry_is_read_without_what_nobody_sees_and_what_stands_around_it() {
    for (entry, user, url) in [
        ("example.org/", None, "https://example.org"),
        ("example.org:8448/", None, "https://example.org:8448"),
        ("@you:example.org/", Some("@you:example.org"), "https://example.org"),
        ("@you:example.org.", Some("@you:example.org"), "https://example.org"),
        ("“@you:example.org”,", Some("@you:example.org"), "https://example.org"),
        ("<@you:example.org>", Some("@you:example.org"), "https://example.org"),
        ("\u{feff}@you:exam\u{ad}ple.org", Some("@you:example.org"), "https://example.org"),
        ("\u{2068}@you\u{200b}:\u{200e}example.org\u{2069}", Some("@you:example.org"), "https://example.org"),
        ("＠you：example．org", Some("@you:example.org"), "https://example.org"),
        ("\u{a0}https://\u{2060}matrix.example.org/ ", None, "https://matrix.example.org"),
    ] {
        assert_eq!(read(entry), Ok((user.map(str::to_owned), url.to_owned())), "{entry:?}");
    }
}

/// The user and the address that an entry means.
fn read(entry: &str) -> Result<(Option<String>, String), AddressError> {
    let address = Address::parse(entry)?;
    let user = address.user_id().map(str::to_owned);
    Ok(match address {
        Address::UserId { server, .. } | Address::Server(server) => (user, server.base_url().to_string()),
        Address::Url(base) => (user, base.to_string()),
    })
}

#[test]
fn a_link_to_somebody_is_their_matrix_id() {
    for link in [
        "https://matrix.to/#/@you:example.org",
        "https://matrix.to/#/%40you%3Aexample.org",
        "https://matrix.to/#/@you:example.org?via=example.org&via=other.example",
        "HTTPS://Matrix.to/#/@you:example.org/",
        "matrix.to/#/@you:example.org",
        "http://www.matrix.to/#/%40you:example.org",
        "<https://matrix.to/#/@you:example.org>.",
        "https://app.element.io/#/user/@you:example.org",
        "https://chat.example.org/app/#/user/@you%3aexample.org",
        "matrix:u/you:example.org",
        "matrix:user/you:example.org?action=chat",
        "MATRIX:U/you%3aexample.org",
        "web+matrix:u/you:example.org",
        "matrix:u/@you:example.org",
        "matrix:u/%40you%3Aexample.org",
        "https://matrix.to/@you:example.org",
    ] {
        let expected = (Some("@you:example.org".to_owned()), "https://example.org".to_owned());
        assert_eq!(read(link), Ok(expected), "{link}");
        assert_eq!(login_name(link).as_deref(), Ok("@you:example.org"), "{link}");
    }
    for (link, error) in [
        ("https://matrix.to/#/#room:example.org", AddressError::NotAUser),
        ("https://matrix.to/#/!room:example.org/$event?via=example.org", AddressError::NotAUser),
        ("https://matrix.to/#/%23room%3Aexample.org", AddressError::NotAUser),
        ("matrix:r/room:example.org", AddressError::NotAUser),
        ("matrix:roomid/room:example.org", AddressError::NotAUser),
        ("https://matrix.to/#/you", AddressError::BadUser),
        ("https://matrix.to/#/%zz", AddressError::BadUser),
        ("https://matrix.to/#/@%ff:example.org", AddressError::BadUser),
        ("https://matrix.to/#/@y%20ou:example.org", AddressError::BadUser),
        ("https://matrix.to/#/@you", AddressError::NoServer),
        ("https://example.org/#/@you:example.org", AddressError::BadServer),
    ] {
        assert_eq!(read(link), Err(error), "{link}");
        assert!(login_name(link).is_err(), "{link}");
    }
    assert_eq!(read(&"/#/user/@".repeat(100_000)), Err(AddressError::NoServer));
    // A server may be called so.
    assert_eq!(read("matrix:8448"), Ok((None, "https://matrix:8448".into())));
}

#[test]
fn an_international_name_is_asked_for_in_ascii_and_shown_as_it_is() {
    // From RFC 3492, section 7.1, and what registries have.
    for (name, ascii) in [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"),
        ("почемужеонинеговорятпорусски.example", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example"),
        ("ليهمابتكلموشعربي؟.example", "xn--egbpdaj6bu4bxfgehfvwxn.example"),
        ("3年b組金八先生.example", "xn--3b-ww4c5e180e575a65lsy2b.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("пример.испытание:8448", "xn--e1afmkfd.xn--80akhbyknj4f:8448"),
    ] {
        let expected = |user: Option<String>| Ok((user, format!("https://{ascii}")));
        assert_eq!(read(name), expected(None), "{name}");
        assert_eq!(read(&format!("https://{name}/")), expected(None), "{name}");
        assert_eq!(read(&format!("@you:{name}")), expected(Some(format!("@you:{ascii}"))), "{name}");
    }
    for (ascii, shown) in [
        ("xn--bcher-kva.example", Some("bücher.example")),
        ("xn--e1afmkfd.xn--80akhbyknj4f:8448", Some("пример.испытание:8448")),
        ("example.org", None),
        ("example.org:8448", None),
        // Not what encoding makes of it, or no name at all.
        ("xn--example-.org", None),
        ("xn--99999999999.org", None),
        ("xn--a.org", None),
        ("[::1]", None),
    ] {
        let host =
            BaseUrl::parse(&["https://", ascii].concat()).ok().and_then(|url| url.international_host());
        assert_eq!(host.as_deref(), shown, "{ascii}");
    }
    for name in
        ["bü cher.example", "bücher..example", "ü@example.org", "https://ü@example.org", "ü;x.example"]
    {
        assert!(
            matches!(read(name), Err(AddressError::BadServer | AddressError::Email)),
            "{name} {:?}",
            read(name)
        );
    }
    assert_eq!(read(&["ü".repeat(64).as_str(), ".example"].concat()), Err(AddressError::BadServer));
}

#[test]
fn what_is_no_name_to_sign_in_with_is_told_before_a_password_goes_with_it() {
    for (entry, name) in [
        ("ada", "ada"),
        (" ada\u{200b} ", "ada"),
        ("@ada", "@ada"),
        ("ada.b.", "ada.b"),
        ("ada.", "ada."),
        ("12345678", "12345678"),
        ("a=b/c", "a=b/c"),
        ("@ada:example.org", "@ada:example.org"),
        ("ada:example.org", "@ada:example.org"),
        ("@Ada:Example.org", "@Ada:Example.org"),
        ("@ada:bücher.example", "@ada:xn--bcher-kva.example"),
    ] {
        assert_eq!(login_name(entry).as_deref(), Ok(name), "{entry:?}");
    }
    for (entry, error) in [
        ("", AddressError::Empty),
        (" \u{feff}", AddressError::Empty),
        ("ada@example.org", AddressError::Email),
        ("@ada@example.org", AddressError::Email),
        ("+4915123456789", AddressError::Phone),
        ("0151 / 234 56 789", AddressError::Phone),
        ("(0151) 23456789", AddressError::Phone),
        ("0049151234567", AddressError::Phone),
        ("@", AddressError::BadUser),
        ("ada lovelace", AddressError::BadUser),
        ("https://example.org", AddressError::BadUser),
        ("example.org:8448", AddressError::BadUser),
        ("@ada:", AddressError::BadServer),
        ("@:example.org", AddressError::BadUser),
    ] {
        assert_eq!(login_name(entry), Err(error), "{entry:?}");
    }
    assert_eq!(Address::parse("+49 151 2345678"), Err(AddressError::Phone));
}

proptest::proptest! {
    #[test]
    fn no_international_name_leaves_ascii_or_means_another(name in "[a-zà-öø-ÿа-я一-龠]{1,12}(\\.[a-zß-ö]{1,9}){1,2}", any in "\\PC{0,40}") {
        if let Ok(Address::Url(url)) = Address::parse(&["https://", &name].concat()) {
            proptest::prop_assert!(url.as_str().is_ascii());
            let shown = url.international_host();
            proptest::prop_assert_eq!(shown.as_deref(), (!name.is_ascii()).then_some(name.as_str()));
        }
        for entry in [any.clone(), ["https://matrix.to/#/", &any].concat(), ["xn--", &any].concat()] {
            let _ = Address::parse(&entry).map(|address| match address {
                Address::Url(url) => url.international_host(),
                Address::UserId { server, .. } | Address::Server(server) => server.base_url().international_host(),
            });
            let _ = login_name(&entry);
        }
    }

    #[test]
    fn a_login_name_is_read_as_itself_again(entry in "\\PC{0,30}|@[a-z.]{1,5}:[a-z.ü]{1,9}") {
        if let Ok(name) = login_name(&entry) {
            proptest::prop_assert_eq!(login_name(&name), Ok(name.clone()));
            proptest::prop_assert!(!name.is_empty() && !name.contains(char::is_whitespace));
        }
    }
}
