//! Tests of the texts' form, and that no other text reaches a person.

use std::{fs, path::Path};

use super::{
    message::{Piece, parse},
    speaking::texts,
    *,
};

/// The folders whose texts people read.
const SPEAKING: [&str; 3] = ["app", "guide", "domain"];
/// Texts in the code that are for no reader of the page, each with its file; an empty one stands for all of the file.
const OTHERS: [(&str, &str); 7] = [
    // The browser's console, for the host.
    ("domain/config/warning.rs", ""),
    // What people copy for their administrator.
    ("domain/problem/report.rs", ""),
    ("guide/report.rs", ""),
    // The names by which the SDK tells the emoji.
    ("domain/emoji.rs", ""),
    // The device's name, by which later visits know it, in whatever language.
    ("domain/account.rs", "Key backup page (temporary)"),
    // The first line of a key file.
    ("domain/key_file/blocks.rs", "-----BEGIN MEGOLM SESSION DATA-"),
    // Why the engine was ended, for the same administrator.
    ("app/engine_link.rs", "the worker said something unknown"),
];

#[test]
fn a_text_is_taken_apart() {
    let piece = parse("{count, plural, =0 {none} one {# room} other {# rooms}} of {name}").unwrap();
    let forms = vec![
        ("=0", vec![Piece::Text("none")]),
        ("one", vec![Piece::Number, Piece::Text(" room")]),
        ("other", vec![Piece::Number, Piece::Text(" rooms")]),
    ];
    assert_eq!(piece, [Piece::Plural("count", forms), Piece::Text(" of "), Piece::Argument("name")]);
}

#[test]
fn a_malformed_text_is_refused() {
    for text in [
        "{",
        "}",
        "{a",
        "{A}",
        "{}",
        "{n, plural, one {#}}",
        "{n, select, other {}}",
        "{n, plural, other {#}",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn every_english_text_can_be_taken_apart() {
    for text in ENGLISH {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn numbers_have_commas_between_their_thousands() {
    let written = [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")];
    written.into_iter().for_each(|(value, text)| assert_eq!(number(value), text));
}

#[test]
fn a_list_is_written_as_a_sentence_does() {
    let lists = [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")];
    lists.into_iter().for_each(|(names, text)| assert_eq!(list(names), text));
    // The browser's list takes the place of the English one, and each name keeps its own direction.
    let before = WRITING.get();
    write_by(Writing { list: |names| names.join("، و"), ..before });
    begin(Vec::new(), true);
    assert_eq!(list(["@a:b.c", "@d:e.f"]), "\u{2068}@a:b.c\u{2069}، و\u{2068}@d:e.f\u{2069}");
    write_by(before);
    begin(Vec::new(), false);
}

#[test]
fn no_mark_of_direction_leaves_the_page() {
    begin(texts("ar")["coverage_export_gap"].as_str().map(str::to_owned).into_iter().collect(), true);
    let text = put_in(0, &[("from", "1"), ("to", "2"), ("senders", &list(["@a:b.c", "@d:e.f"]))]);
    assert!(text.contains(is_mark), "there is something to take out");
    assert_eq!(without_marks(&text), "من 1 إلى 2، أرسلها @a:b.c and @d:e.f");
    begin(Vec::new(), false);
    // All characters that Unicode calls Bidi_Control, and no others: these stay, since they shape letters.
    let all: String = ('\u{600}'..'\u{2100}').filter(|c| is_mark(*c)).collect();
    assert_eq!(
        all,
        "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
    );
    assert!(matches!(without_marks("می\u{200c}خواهم"), Cow::Borrowed("می\u{200c}خواهم")));
}

#[test]
fn nothing_is_copied_or_saved_with_marks_of_direction() {
    // The browser's clipboard and files are reached by this file alone, and each way out of it takes them out.
    let keep = include_str!("../app/keep.rs");
    for way in ["write_text(&without_marks(text))", "Array::of1(&(&*without_marks(text)).into())"] {
        assert_eq!(keep.matches(way).count(), 1, "{way}");
    }
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app")) {
        let text = fs::read_to_string(&path).unwrap();
        let is_way_out = text.contains(".clipboard()") || text.contains("set_download");
        assert!(!is_way_out || path.ends_with("app/keep.rs"), "{path}");
    }
}

#[test]
fn no_text_for_people_stands_in_the_code() {
    let mut found = Vec::new();
    for folder in SPEAKING {
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let known = |literal: &str| {
                OTHERS
                    .iter()
                    .any(|(file, text)| path.ends_with(file) && (text.is_empty() || *text == literal))
            };
            found.extend(
                literals(&text)
                    .into_iter()
                    .filter(|text| is_for_people(text) && !known(text))
                    .map(|text| format!("{path}: {text:?}")),
            );
        }
    }
    assert!(found.is_empty(), "these belong into src/words/en.arb:\n{}", found.join("\n"));
}

/// Finds the source files below a folder, but for tests and fixtures.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        match (["tests", "fixture"].contains(&&*name), path.is_dir()) {
            (true, _) => {}
            (false, true) => found.extend(files(&path)),
            (false, false) => found.push(path.display().to_string()),
        }
    }
    found
}

/// Finds the texts in code that stand neither in comments, attributes or tests, nor in raw literals.
fn literals(code: &str) -> Vec<String> {
    let code = code.split("mod tests {").next().unwrap_or_default();
    let lines =
        code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("reason = "));
    let code: String = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    let (mut text, mut is_inside, mut last) = (String::new(), false, ' ');
    for c in code.chars() {
        match (is_inside, c) {
            (true, '"') if last != '\\' => {
                found.push(std::mem::take(&mut text));
                is_inside = false;
            }
            (true, c) => text.push(c),
            (false, '"') if last != '\'' => is_inside = true,
            (false, _) => {}
        }
        last = c;
    }
    found
}

/// Tells whether a text is one that people read: two words beside each other, but no list of classes, or one word that
/// begins like a sentence.
fn is_for_people(text: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() || "'’.,:;?!…“”()-".contains(c);
    let is_word =
        |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1 && word.chars().all(is_letter);
    let words: Vec<_> = text.split([' ', '\n']).collect();
    let is_sentence = words.windows(2).any(|pair| pair.iter().all(is_word));
    let is_class = text.chars().all(|c| c.is_ascii_lowercase() || " -".contains(c)) && words.len() <= 3;
    is_sentence && !is_class
}

#[test]
fn a_text_in_code_is_seen() {
    for text in ["Two words", "of two or more words", "It ends. Then", "a key, and"] {
        assert!(is_for_people(text), "{text}");
    }
    for text in ["button primary", "data-step", "M16 2h60a8 8 0 0 1 8 8v92", "Authorization", ""] {
        assert!(!is_for_people(text), "{text}");
    }
    let code = "// \"no text\"\nlet it = \"a text\";\n#[expect(dead_code, reason = \"not this\")]";
    assert_eq!(literals(code), ["a text"]);
}

/// A language, and the forms of a term in it.
type Term = (&'static str, &'static [&'static str]);

/// Terms of Element, each in English and in the page's other languages: how a text with the English word has to contain it.
/// Sources: Element X for Android, `translations.xml` at 477aa366 (August 2026), and Element Web's strings of 2026.
const TERMS: [(&str, [Term; 6]); 5] = [
    (
        "recovery key",
        [
            ("de", &["wiederherstellungsschlüssel"]),
            ("fr", &["clé de récupération", "clés de récupération"]),
            ("es", &["clave de recuperación", "claves de recuperación"]),
            ("pt-BR", &["chave de recuperação", "chaves de recuperação"]),
            ("zh-Hans", &["恢复密钥"]),
            (
                "ar",
                &["مفتاح الاسترداد", "مفتاح استرداد", "مفتاحا استرداد", "مفتاحَي استرداد", "مفاتيح استرداد"],
            ),
        ],
    ),
    (
        "security phrase",
        [
            ("de", &["sicherheitsphrase"]),
            ("fr", &["phrase de sécurité"]),
            ("es", &["frase de seguridad"]),
            ("pt-BR", &["frase de segurança"]),
            ("zh-Hans", &["安全口令"]),
            ("ar", &["عبارة الأمان", "عبارة أمان"]),
        ],
    ),
    (
        "digital identity",
        [
            ("de", &["digitale identität", "digitalen identität"]),
            ("fr", &["identité numérique"]),
            ("es", &["identidad digital"]),
            // Element does not say "digital" in Portuguese everywhere.
            ("pt-BR", &["identidade"]),
            ("zh-Hans", &["数字身份"]),
            ("ar", &["الرقمية", "رقمية"]),
        ],
    ),
    (
        "homeserver",
        [
            ("de", &["kontoanbieter"]),
            ("fr", &["serveur d’accueil"]),
            ("es", &["servidor base"]),
            ("pt-BR", &["servidor local"]),
            ("zh-Hans", &["主服务器"]),
            ("ar", &["الرئيسي", "رئيسي"]),
        ],
    ),
    (
        "room",
        [
            ("de", &["chat"]),
            ("fr", &["salon"]),
            ("es", &["sala"]),
            ("pt-BR", &["sala"]),
            ("zh-Hans", &["房间"]),
            ("ar", &["غرف"]),
        ],
    ),
];

#[test]
fn each_language_has_elements_words_for_things() {
    let english = texts("en");
    let mut found = Vec::new();
    for (term, languages) in TERMS {
        for (language, words) in languages {
            let other = texts(language);
            for key in KEYS {
                // A word of its own, or its plural.
                let says = |text: &str| {
                    let text =
                        format!(" {} ", text.to_lowercase().replace(|c: char| !c.is_alphabetic(), " "));
                    [term, &[term, "s"].concat()].iter().any(|term| text.contains(&[" ", term, " "].concat()))
                };
                let is_label = |text: &str| text.contains('“');
                let (text, translated) = (english[key].as_str().unwrap(), other[key].as_str().unwrap());
                let translated = translated.to_lowercase();
                if says(text) && !is_label(text) && !words.iter().any(|word| translated.contains(word)) {
                    found.push(format!("{language}, {key}: {translated}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
