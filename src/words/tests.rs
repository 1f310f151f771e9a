//! Tests of the texts' form.

use super::{
    message::{Piece, parse},
    *,
};

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
