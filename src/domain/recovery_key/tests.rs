use super::*;

const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";
/// Another one.
const OTHER: &str = "EsTi dQ3L ZPbR dqJD pppT iiXx MDkg s8Pe ShFQ LSS2 hnit zi1X";

#[test]
fn the_specifications_form_is_read_with_any_white_space() {
    let spaced = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
    let messy = format!("\u{feff}{}\r\n", KEY.replace("wKEA", "-wKEA\u{200b}\t"));
    for entry in [KEY, spaced, messy.as_str()] {
        assert!(RecoveryKey::parse(entry) == RecoveryKey::parse(KEY), "{entry}");
    }
    assert!(RecoveryKey::parse(KEY).is_ok());
}

#[test]
fn each_mistake_is_told_apart() {
    for (entry, error) in [
        ("".to_owned(), RecoveryKeyError::Empty),
        (" \n".to_owned(), RecoveryKeyError::Empty),
        (KEY[..47].to_owned(), RecoveryKeyError::Length(47)),
        (format!("{KEY}x"), RecoveryKeyError::Length(49)),
        (KEY.replace("EsTc", "EsTd"), RecoveryKeyError::Parity),
        (KEY.replace("EsTc", "FsTc"), RecoveryKeyError::Parity),
        (KEY.replace("EsTc", "EsT0"), RecoveryKeyError::Character('0')),
        (KEY.replace("EsTc", "EsTl"), RecoveryKeyError::Character('l')),
        ("correct horse battery staple".to_owned(), RecoveryKeyError::NotAKey),
        ("Every good boy does fine".to_owned(), RecoveryKeyError::NotAKey),
        (format!("1{}", &KEY[1..]), RecoveryKeyError::Parity),
        ("hunter2".to_owned(), RecoveryKeyError::NotAKey),
    ] {
        assert_eq!(RecoveryKey::parse(&entry).err(), Some(error), "{entry}");
    }
    assert!(RecoveryKey::resembles(&KEY[..40]));
    assert!(!RecoveryKey::resembles("correct horse battery staple"));
}

#[test]
fn fours_lose_nothing() {
    let groups = in_fours(&Secret::from(KEY));
    assert_eq!(groups.len(), 12);
    let joined: String = groups.iter().map(|g| g.expose().to_string()).collect();
    assert_eq!(joined, KEY);
}

proptest::proptest! {
    #[test]
    fn every_key_in_the_specifications_form_is_accepted(key: [u8; 32]) {
        let mut bytes = PREFIX.to_vec();
        bytes.extend(key);
        bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
        let text = bs58::encode(&bytes).into_string();
        proptest::prop_assert_eq!(text.len(), LENGTH);
        proptest::prop_assert!(RecoveryKey::parse(&text).is_ok());
        let made = RecoveryKey::of(&key).text();
        proptest::prop_assert_eq!(made.expose(), text);
        bytes[5] ^= 1;
        let damaged = bs58::encode(&bytes).into_string();
        proptest::prop_assert_eq!(RecoveryKey::parse(&damaged).err(), Some(RecoveryKeyError::Parity));
    }

    #[test]
    fn no_entry_panics(entry in "\\PC{0,120}") {
        let _ = RecoveryKey::parse(&entry);
    }
}

#[test]
fn an_entry_of_the_right_length_is_never_called_a_phrase() {
    let all_ones = vec!['1'; LENGTH].into_iter().collect::<String>();
    assert_eq!(RecoveryKey::parse(&all_ones).err(), Some(RecoveryKeyError::Parity));
}

fn fours() -> Vec<&'static str> {
    (0..LENGTH).step_by(4).map(|at| &KEY[at..at + 4]).collect()
}

/// Two lines of six groups, which a format may put something between, and around.
fn in_two_lines(space: &str, line: &str) -> String {
    let fours = fours();
    [fours[..6].join(space), fours[6..].join(space)].join(line)
}

#[test]
fn a_key_is_found_in_whatever_people_keep_it_in() {
    let spaced = fours().join(" ");
    let two_lines = in_two_lines(" ", "\n");
    let numbered = |end: &str| -> String {
        let line = |(at, pair): (usize, &[&str])| format!("{}{end}{}\n", at + 1, pair.join(" "));
        fours().chunks(2).enumerate().map(line).collect()
    };
    let hundredths: String =
        fours().iter().enumerate().map(|(at, four)| format!("{}: {four} ", at + 1)).collect();
    for entry in [
        // Signs of Unicode.
        fours().join("\u{ad}"),
        format!("\u{2066}{spaced}\u{2069}"),
        fours().join("\u{202f}"),
        fours().join("\u{3000}"),
        fours().join("\u{2011}"),
        fours().join("\u{2212}"),
        fours().join("\u{fe0f}\u{200d}"),
        fours().join("·"),
        KEY.chars().map(|c| format!("{c}\u{2060}")).collect(),
        KEY.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect(),
        // What people put around it.
        format!("\"{spaced}\""),
        format!("“{spaced}”."),
        format!("({KEY})"),
        format!("<{KEY}>"),
        format!("`{KEY}`,"),
        format!("Recovery key: {spaced}"),
        format!("key={KEY}"),
        format!("Key:{KEY};"),
        format!("The key of Ada's account is {spaced} and nobody else knows it."),
        format!("My recovery key for Matrix\n\n{two_lines}\n"),
        format!("Recovery key: {spaced}\nUser: @me:example.org\n"),
        format!("{KEY}\n{spaced}"),
        // Formats.
        format!("name,secret\r\n\"Matrix\",\"{spaced}\"\r\n"),
        format!(r#"{{"items":[{{"name":"Matrix","notes":"{}"}}]}}"#, in_two_lines(" ", r"\n")),
        format!(r#"{{"key":"{}"}}"#, fours().join(r"\u00a0")),
        format!(r#"{{"html":"<p>{}</p>"}}"#, in_two_lines("&nbsp;", r##"<br>\n<b class=\"x\">"##)),
        format!("> On Monday Ada wrote:\n> > {}", in_two_lines(" ", "\n> > ")),
        format!("<html><body><p>{}</p></body></html>", in_two_lines("&nbsp;", "</p><p class=\"Es\">")),
        format!("<td>{}</td>", fours().join("</td>\n<td style='width: 4em'>")),
        format!("<pre>{}", in_two_lines("&#160;", "<br/>")),
        format!("<b>{}</b>", in_two_lines("&#x2011;", "&shy;")),
        format!(r"{{\rtf1\ansi{{\fonttbl\f0 Helvetica;}}\f0\fs24 {}}}", in_two_lines(r"\'a0", "\\par\n")),
        format!(r"{{\rtf1 Key:\line {}\par}}", in_two_lines(r"\u8209?", r"\par ")),
        format!(r"{{\rtf1\ansi\uc0 {}}}", in_two_lines(r"\u8239 ", r"\b0\i ")),
        format!(r"{{\rtf1 {}}}", in_two_lines(r"\u8209\'2d", r"\~\line\cell ")),
        format!("https://example.org/note?text={}", fours().join("%20")),
        format!("Key=3A=20{}", in_two_lines("=C2=A0", "=\r\n")),
        format!(r#"{{"key":"{}"}}"#, fours().join(r"\U000000a0")),
        format!(r#"{{"html":"{}"}}"#, fours().join(r"\u003cbr\u003e")),
        format!(r#"{{"html":"{}"}}"#, in_two_lines(r"\u0026nbsp;", r"\u{3c}p\x3e")),
        format!("<p>{}</p>", fours().join("&amp;nbsp;")),
        format!("<p>{}</p>", in_two_lines("&amp;amp;#160;", "&amp;shy;")),
        format!("[b]{}[/b]", in_two_lines("[/b] [color=#123Abc]", "[/color][br][b]")),
        format!("\u{1b}[1;32m{}\u{1b}[0m", in_two_lines("\u{1b}[m ", "\u{1b}[33m\n\u{1b}[1m")),
        format!(r#""\u001b[1m{}\x1b[0m""#, in_two_lines(r"\u001b[32m ", r"\n")),
        format!(r"\texttt{{{}}}", in_two_lines("~", r"\\")),
        format!(r"\begin{{verbatim}} {} \end{{verbatim}}", in_two_lines(r"\,", r"\newline ")),
        fours().iter().enumerate().map(|(at, four)| format!("Group {}: {four}\n", at + 1)).collect(),
        fours().iter().map(|four| format!("next\u{ff1a}{four} ")).collect(),
        numbered(". "),
        numbered(") "),
        numbered("\t"),
        hundredths,
        format!("| 1 | {} |\n| 2 | {} |", fours()[..6].join(" | "), fours()[6..].join(" | ")),
    ] {
        assert!(RecoveryKey::parse(&entry) == RecoveryKey::parse(KEY), "{entry}");
        assert!(RecoveryKey::is_in(&entry) && RecoveryKey::resembles(&entry));
    }
}

#[test]
fn a_field_of_one_line_that_drops_line_breaks_glues_no_word_to_the_key() {
    let two_lines = in_two_lines(" ", "\n");
    for note in [
        format!("My recovery key for Matrix\n\n{two_lines}\n"),
        format!("Recovery key\n{two_lines}\nUser: @me:example.org\n"),
        format!("my key\n{KEY}\n"),
        fours().join("\n"),
    ] {
        let pasted = note.replace('\n', "");
        assert!(RecoveryKey::parse(&pasted) == RecoveryKey::parse(KEY), "{pasted}");
    }
    let spaced = fours().join(" ");
    for (entry, count) in [
        (format!("x{spaced}"), 49),
        (format!("{spaced}xy"), 50),
        (format!("xy{KEY}"), 50),
        (format!("{KEY}xyz"), 51),
    ] {
        assert_eq!(RecoveryKey::parse(&entry).err(), Some(RecoveryKeyError::Length(count)), "{entry}");
    }
}

#[test]
fn two_different_keys_are_no_answer_and_are_told_by_their_first_four_characters() {
    let error =
        RecoveryKeyError::TwoKeys([['E', 's', 'T', 'c'], ['E', 's', 'T', 'i']].map(Beginning::example));
    for entry in [
        format!("{KEY}\n{OTHER}"),
        format!("old: {KEY}, new: {OTHER}, and again {KEY}"),
        format!("<p>{}</p><p>{OTHER}</p>", fours().join("&nbsp;")).replace("EsTi dQ3L", "EsTi&nbsp;dQ3L"),
        format!("{KEY} {OTHER} {}", RecoveryKey::of(&[7; 32]).text().expose()),
    ] {
        assert_eq!(RecoveryKey::parse(&entry).err(), Some(error), "{entry}");
        assert!(RecoveryKey::is_in(&entry));
    }
    assert_eq!(error, RecoveryKey::parse(&format!("{KEY} {OTHER}")).err().unwrap());
    let RecoveryKeyError::TwoKeys(beginnings) = error else { panic!() };
    assert_eq!(beginnings.map(|beginning| beginning.to_string()), ["EsTc", "EsTi"]);
}

#[test]
fn an_exported_file_is_called_one_unless_the_key_stands_beside_it() {
    let file = "-----BEGIN MEGOLM SESSION DATA-----\nAWfZJw+CxU33\n-----END MEGOLM SESSION DATA-----\n";
    for entry in
        [file.to_owned(), file.replace('\n', "\n> "), file[..60].to_owned(), format!("my keys\n{file}")]
    {
        assert_eq!(RecoveryKey::parse(&entry).err(), Some(RecoveryKeyError::KeyFile), "{entry}");
        assert!(!RecoveryKey::resembles(&entry));
    }
    assert!(RecoveryKey::parse(&format!("{file}Key: {OTHER}")) == RecoveryKey::parse(OTHER));
    let within = file.replace("AWfZJw+CxU33", KEY);
    assert_eq!(RecoveryKey::parse(&within).err(), Some(RecoveryKeyError::KeyFile), "base64 is no key");
    let long = file.replace("AWfZJw+CxU33", &"AWfZJw+CxU33\n".repeat(200_000));
    assert_eq!(RecoveryKey::parse(&long).err(), Some(RecoveryKeyError::KeyFile));
}

#[test]
fn a_near_miss_with_something_around_it_is_called_what_it_is_without() {
    let wrong = KEY.replace("EsTc", "EsTd");
    for (entry, error) in [
        (wrong.clone(), RecoveryKeyError::Parity),
        (KEY.replace("wKEA", "wKEO"), RecoveryKeyError::Character('O')),
        (KEY[..44].to_owned(), RecoveryKeyError::Length(44)),
        (KEY[..43].to_owned(), RecoveryKeyError::Length(43)),
    ] {
        let spaced = (0..entry.len()).step_by(4).map(|at| &entry[at..entry.len().min(at + 4)]);
        let spaced = spaced.collect::<Vec<_>>().join(" ");
        for around in ["|", "\"|\"", "Recovery key: |", "Key\n\n|\n\nUser: @me:example.org", "> |", "(|)."] {
            assert_eq!(
                RecoveryKey::parse(&around.replace('|', &spaced)).err(),
                Some(error),
                "{around} {spaced}"
            );
            let ungrouped = around.replace('|', &entry);
            assert_eq!(RecoveryKey::parse(&ungrouped).err(), Some(error), "{ungrouped}");
        }
        for between in ["\u{ad}", "\u{2011}", "\u{2066}", "\u{fe0f}", "\n"] {
            let decorated = spaced.replace(' ', between);
            assert_eq!(RecoveryKey::parse(&decorated).err(), Some(error), "{decorated:?}");
        }
    }
    for (from, to, count) in [("LW2K", "LW2", 47), ("PGiF", "PGiFx", 49), ("EsTc", "EsT", 47)] {
        let spaced = fours().join(" ").replace(from, to);
        for entry in
            [spaced.clone(), format!("Recovery key: {spaced}"), format!("Key:\n{spaced}\nUser: @me:a.org")]
        {
            assert_eq!(RecoveryKey::parse(&entry).err(), Some(RecoveryKeyError::Length(count)), "{entry}");
        }
    }
    assert_eq!(RecoveryKey::parse(&format!("Key: {KEY}x")).err(), Some(RecoveryKeyError::Length(49)));
    for phrase in
        ["Escape at 8, over the wall!", "essays: 12 of them, each good fine", "Es war einmal: ein Otter"]
    {
        assert_eq!(RecoveryKey::parse(phrase).err(), Some(RecoveryKeyError::NotAKey), "{phrase}");
    }
}

#[test]
fn a_text_of_a_megabyte_is_searched_in_one_go_and_a_longer_one_than_any_is_not() {
    let began = std::time::Instant::now();
    let filler =
        ["EsTc ", "<b ", "<>&", r"\u", "EsTcLW2KPGiF wKEB ", "{\\rtf\\", "1) %=", "BEGIN MEGOLM ", "ä\u{ad}"];
    for piece in filler {
        let long = piece.repeat(1_000_000 / piece.len());
        let found = RecoveryKey::parse(&[&long, " 0 ", OTHER].concat());
        assert!(found == RecoveryKey::parse(OTHER), "{piece} {:?}", found.err());
    }
    // Were it the square of the length, it would be hours.
    assert!(began.elapsed().as_secs() < 600, "{:?}", began.elapsed());
    let beyond = [" ".repeat(LONGEST_ENTRY - KEY.len()).as_str(), KEY].concat();
    assert!(RecoveryKey::parse(&beyond).is_ok());
    assert_eq!(RecoveryKey::parse(&[" ", &beyond].concat()).err(), Some(RecoveryKeyError::NotAKey));
}

/// Whatever is not base58: letters that look alike, marks, spaces, dashes, other scripts.
const NOT_BASE58: &str = "([0OIl]|[^a-zA-Z0-9\u{ff01}-\u{ff5e}]|[-:=,.;\"'<>&\\\\%{}()\\[\\] \n\t\u{a0}\u{ad}\u{2011}\u{2066}\u{fe0f}])";

proptest::proptest! {
    #[test]
    fn no_decoration_by_what_is_not_base58_changes_a_key(
        key: [u8; 32],
        around in proptest::collection::vec([NOT_BASE58, "{0,3}"].concat().as_str(), LENGTH + 1),
        label in "(Recovery key: |key=|\\{\"key\":\"|[a-km-z]{1,9} [A-HJ-NP-Z]{1,9}\n)?",
        tail in "(\nUser: @me:example.org|\"\\}|, and \\PC{0,60})?",
    ) {
        let key = RecoveryKey::of(&key);
        let text = key.text();
        let letters = text.expose().chars().map(String::from);
        let mut entry = label;
        letters.zip(&around).for_each(|(letter, before)| entry.extend([before.as_str(), &letter]));
        entry.extend([around[LENGTH].as_str(), &tail]);
        proptest::prop_assert!(RecoveryKey::parse(&entry) == Ok(key), "{entry:?}");
    }

    #[test]
    fn one_wrong_letter_is_never_taken_for_a_key(key: [u8; 32], at in 0..LENGTH, to in "[1-9A-HJ-NP-Za-km-z]") {
        let text = RecoveryKey::of(&key).text();
        let mut wrong = text.expose().to_owned();
        wrong.replace_range(at..=at, &to);
        let parsed = RecoveryKey::parse(&["Key: ", &wrong].concat());
        // One byte of parity lets one in 256 pass.
        if wrong != text.expose() && let Err(error) = parsed {
            let is_told = error == RecoveryKeyError::Parity || at < 2 && error == RecoveryKeyError::NotAKey;
            proptest::prop_assert!(is_told, "{wrong} {error:?}");
        }
    }

    #[test]
    fn no_text_with_the_traces_of_formats_panics(
        entry in "(\\\\|u|U|\u{1b}\\[|\\[/|amp;|:|'|x|\\{\\\\rtf|uc|[0-9a-f]|<|>|&|;|%|=|#|\\PC| |EsTc|wKEA|é|BEGIN MEGOLM SESSION DATA|END){0,60}"
    ) {
        let _ = RecoveryKey::parse(&entry);
    }

    #[test]
    fn no_error_shows_more_than_four_characters_of_a_key(one: [u8; 32], other: [u8; 32]) {
        let [one, other] = [one, other].map(|key| RecoveryKey::of(&key).text());
        let said = format!("{:?}", RecoveryKey::parse(&[one.expose(), " ", other.expose()].concat()).err());
        proptest::prop_assert!(!said.contains(&one.expose()[..5]) && !said.contains(&other.expose()[..5]), "{said}");
    }
}
