//! What is wrong with an entry in which there is no recovery key.

use zeroize::Zeroizing;

use super::{LENGTH, RecoveryKeyError, is_base58, plain, search::GROUP};

/// The least number of characters that are called a key although there is more in the entry.
const MANY: usize = 40;

/// The mistake in an entry that holds no key.
pub(super) fn mistake(entry: &str) -> RecoveryKeyError {
    let compact = Zeroizing::new(text_of(entry, |c| !c.is_whitespace() && !is_ignorable(c)));
    match judge(&compact) {
        RecoveryKeyError::NotAKey => among_others(entry).unwrap_or(RecoveryKeyError::NotAKey),
        mistake => mistake,
    }
}

/// Judges an entry of which everything should belong to the key.
fn judge(compact: &str) -> RecoveryKeyError {
    let count = compact.chars().count();
    if count == 0 {
        return RecoveryKeyError::Empty;
    }
    let has_digit = compact.contains(|c: char| c.is_ascii_digit());
    let starts_right = compact.starts_with(['E', 'e']);
    // Keys begin with E and all but one in two thousand have a digit; phrases rarely both.
    let key_like =
        has_digit && (count >= MANY || count >= 8 && starts_right) || count == LENGTH && starts_right;
    if !key_like {
        return RecoveryKeyError::NotAKey;
    }
    match compact.chars().find(|c| !is_base58(*c)) {
        Some(bad) if bad.is_ascii_alphanumeric() => RecoveryKeyError::Character(bad),
        // A sentence of words is a phrase, not a mistyped key.
        Some(_) => RecoveryKeyError::NotAKey,
        None if count != LENGTH => RecoveryKeyError::Length(count),
        None => RecoveryKeyError::Parity,
    }
}

/// Judges what begins like a key and is about as long, with a label or anything else around it: in one group, or in
/// groups of four.
fn among_others(entry: &str) -> Option<RecoveryKeyError> {
    let groups: Vec<_> = entry.split_inclusive(|c| !is_letter(c)).filter_map(Group::of).collect();
    for (at, first) in groups.iter().enumerate() {
        if !first.text.chars().map(plain).take(2).map(|c| c.to_ascii_lowercase()).eq("es".chars()) {
            continue;
        }
        let candidate = if first.length >= MANY {
            Zeroizing::new(text_of(first.text, |_| true))
        } else {
            let rest = groups.get(at..).unwrap_or_default();
            let run = run_of(rest, 0);
            // With a letter too few or too many in any group.
            if run.len() < MANY { run_of(rest, 1) } else { run }
        };
        if candidate.len() >= MANY {
            return Some(judge(&candidate));
        }
    }
    None
}

/// The groups of four that stand first, each with so many letters too few or too many, and a last one that is cut off.
fn run_of(groups: &[Group<'_>], slack: usize) -> Zeroizing<String> {
    let is_whole = |group: &&Group<'_>| group.length.abs_diff(GROUP) <= slack && !group.is_label;
    let fours = groups.iter().take(LENGTH / GROUP).take_while(is_whole).count();
    let is_short = |group: &&Group<'_>| fours < LENGTH / GROUP && group.length < GROUP && !group.is_label;
    let last = groups.get(fours).filter(is_short);
    // Large enough never to grow, which would leave copies behind.
    let mut run = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP * slack));
    groups.iter().take(fours).chain(last).for_each(|group| run.extend(group.text.chars().map(plain)));
    run
}

/// Letters and digits without anything between them.
struct Group<'a> {
    text: &'a str,
    length: usize,
    /// Tells whether it says what comes after it.
    is_label: bool,
}

impl<'a> Group<'a> {
    /// Takes a group with the sign that ends it, if one does; there may be nothing but the sign.
    fn of(piece: &'a str) -> Option<Self> {
        let text = piece.trim_end_matches(|c| !is_letter(c));
        let group = Self { text, length: text.chars().count(), is_label: piece.ends_with([':', '=']) };
        (group.length > 0).then_some(group)
    }
}

fn is_letter(c: char) -> bool {
    plain(c).is_ascii_alphanumeric()
}

/// The characters of a text that are kept, in their plain form. Its memory never grows, which would leave a copy.
fn text_of(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut kept = String::with_capacity(text.len());
    kept.extend(text.chars().filter(|c| is_kept(*c)).map(plain));
    kept
}

/// Dashes and invisible characters that word processors and messengers slip in: every dash, joiner, mark of direction
/// and variation selector of Unicode.
fn is_ignorable(c: char) -> bool {
    let is_dash = matches!(
        c,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
    );
    let is_invisible = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0100}'..='\u{e01ef}'
    );
    is_dash || is_invisible
}
