//! Makes a string of others fit for one line of the page.

/// Characters that reverse the text beside them (Unicode, "Bidirectional Character Types") or break a line, and are
/// not control characters.
const TURNS_OR_BREAKS: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// The most characters of a server's string, such as a name or an ID.
pub const LONGEST: usize = 100;

/// Cuts a text to so many characters, and drops those that could break or reverse the line.
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
        // Emoji and letters that a joiner joins stay joined.
        assert_eq!(cut("👩\u{200d}🚀 می\u{200c}خواهم", 100), "👩\u{200d}🚀 می\u{200c}خواهم");
    }
}
