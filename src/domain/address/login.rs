//! The name that somebody signs in with.

use super::{Address, AddressError, cleaned};

/// The least number of digits in a telephone number.
const FEWEST_DIGITS: usize = 7;

/// Reads the name beside an account password: a Matrix ID, a link to it, or the part of it before the colon. What is
/// surely none is refused before the password goes anywhere: a server that takes it for somebody's name would learn both.
///
/// # Errors
/// Names what it is instead.
pub fn login_name(entry: &str) -> Result<String, AddressError> {
    let name = cleaned(entry);
    if name.is_empty() {
        return Err(AddressError::Empty);
    }
    if is_phone(&name) {
        return Err(AddressError::Phone);
    }
    // Anything with a colon has a server in it: an ID, a link to one, or an address.
    if name.contains(':') {
        return match Address::parse(&name)? {
            Address::UserId { user_id, .. } => Ok(user_id),
            Address::Server(_) | Address::Url(_) => Err(AddressError::BadUser),
        };
    }
    match name.strip_prefix('@') {
        _ if name.contains(char::is_whitespace) => Err(AddressError::BadUser),
        Some("") => Err(AddressError::BadUser),
        rest if rest.unwrap_or(&name).contains('@') => Err(AddressError::Email),
        _ => Ok(name),
    }
}

/// Tells whether an entry is written like a telephone number. Digits alone are not: some servers number their users.
pub(super) fn is_phone(entry: &str) -> bool {
    let digits = entry.chars().filter(char::is_ascii_digit).count();
    let is_written = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-/().".contains(c);
    let is_international = entry.starts_with('+') || entry.starts_with("00");
    let is_grouped = entry.contains([' ', '\u{a0}', '(', '/']);
    digits >= FEWEST_DIGITS && (is_international || is_grouped) && entry.chars().all(is_written)
}
