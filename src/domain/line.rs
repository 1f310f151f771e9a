//! A string of a stranger's as it may be shown: one line, of a length that fits.

/// The characters by which a text can turn what stands beside it around (Unicode, "Bidirectional Character Types"),
/// and those that end a line without being control characters.
const TURNS_OR_BREAKS: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// Cuts a text to so many characters, without what could change the line it stands in.
pub fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !c.is_control() && !TURNS_OR_BREAKS.contains(c)).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_of_its_length_and_turns_nothing_around() {
        assert_eq!(cut("a\nb\r\u{0}c\u{2028}d", 100), "abcd");
        assert_eq!(cut("\u{202e}moc.live\u{202c}\u{2066}x\u{2069}", 100), "moc.livex");
        assert_eq!(cut(&"\u{202e}é".repeat(1_000_000), 3), "ééé");
        // Joined emoji and letters stay joined.
        assert_eq!(cut("👩\u{200d}🚀 می\u{200c}خواهم", 100), "👩\u{200d}🚀 می\u{200c}خواهم");
    }
}
