//! International host names: in ASCII for requests, and as people know them.
//!
//! Source: RFC 3492 (Punycode) and RFC 5891 (IDNA 2008). The tables for every script would be larger than the rest of
//! this page's first part, and the browser has them: here capitals become small and the marks of Latin letters join
//! them. A name that needs more is one that the browser refuses when it is asked for, so that nobody else is asked.

/// The beginning of the form in ASCII.
const PREFIX: &str = "xn--";
/// RFC 3492, section 5.
const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL: u32 = 128;
/// The longest label of DNS.
const LONGEST_LABEL: usize = 63;

/// Marks that some keyboards and file systems write after a letter, with letters and what the two become.
const MARKS: [(char, &str, &str); 12] = [
    ('\u{300}', "aeiou", "àèìòù"),
    ('\u{301}', "aeiouyclnrsz", "áéíóúýćĺńŕśź"),
    ('\u{302}', "aeioucghjswy", "âêîôûĉĝĥĵŝŵŷ"),
    ('\u{303}', "anoiu", "ãñõĩũ"),
    ('\u{304}', "aeiou", "āēīōū"),
    ('\u{306}', "aeiogu", "ăĕĭŏğŭ"),
    ('\u{307}', "cegz", "ċėġż"),
    ('\u{308}', "aeiouy", "äëïöüÿ"),
    ('\u{30a}', "au", "åů"),
    ('\u{30b}', "ou", "őű"),
    ('\u{30c}', "cdenrstz", "čďěňřšťž"),
    ('\u{327}', "cgklnrst", "çģķļņŗşţ"),
];

/// A host, and perhaps its port, in the form that requests have. What is none stays none.
pub(super) fn to_ascii(authority: &str) -> String {
    if authority.is_ascii() {
        return authority.to_owned();
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, [":", port].concat()),
        None => (authority, String::new()),
    };
    let labels = host.split('.').map(|label| {
        let label = composed(label);
        if label.is_ascii() { label } else { encoded(&label).unwrap_or(label) }
    });
    [labels.collect::<Vec<_>>().join("."), port].concat()
}

/// A host, and perhaps its port, as people know it; nothing if that is no different, or not exactly the same host.
pub(super) fn to_unicode(authority: &str) -> Option<String> {
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let labels = host.split('.').map(|label| match label.strip_prefix(PREFIX) {
        Some(code) => decoded(code),
        None => Some(label.to_owned()),
    });
    let known = labels.collect::<Option<Vec<_>>>()?.join(".");
    let known = match port {
        Some(port) => [&known, ":", port].concat(),
        None => known,
    };
    // Only letters and digits: no sign of another meaning may stand in a name.
    let fits = |c: char| c.is_ascii() || c.is_alphanumeric();
    (known != authority && to_ascii(&known) == authority && known.chars().all(fits)).then_some(known)
}

/// Small letters, each with its mark in one character.
fn composed(label: &str) -> String {
    let mut composed = String::with_capacity(label.len());
    for c in label.chars().flat_map(char::to_lowercase) {
        let joined = composed.chars().next_back().and_then(|letter| {
            let (_, letters, marked) = MARKS.iter().find(|(mark, ..)| *mark == c)?;
            letters.chars().zip(marked.chars()).find(|(bare, _)| *bare == letter).map(|(_, marked)| marked)
        });
        if joined.is_some() {
            composed.pop();
        }
        composed.push(joined.unwrap_or(c));
    }
    composed
}

/// Adapts the bias after each character.
fn adapt(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = delta / if is_first { DAMP } else { 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

/// The character of a digit in base 36: letters first.
fn letter(value: u32) -> Option<char> {
    if value < 26 { char::from_digit(value + 10, 36) } else { char::from_digit(value - 26, 10) }
}

/// A label in ASCII; nothing if it is too long, or has what no label has.
fn encoded(label: &str) -> Option<String> {
    let count = u32::try_from(label.chars().count()).ok().filter(|count| *count <= 63)?;
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias) = (INITIAL, 0_u32, INITIAL_BIAS);
    while handled < count {
        let next = label.chars().map(u32::from).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for c in label.chars().map(u32::from) {
            if c < n {
                delta = delta.checked_add(1)?;
            } else if c == n {
                let mut q = delta;
                for k in (BASE..).step_by(BASE as usize) {
                    let t = threshold(k, bias);
                    if q < t {
                        break;
                    }
                    out.push(letter(t + (q - t) % (BASE - t))?);
                    q = (q - t) / (BASE - t);
                }
                out.push(letter(q)?);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    let label = [PREFIX, &out].concat();
    (label.len() <= LONGEST_LABEL).then_some(label)
}

/// The label that a form in ASCII stands for, without its prefix.
fn decoded(code: &str) -> Option<String> {
    let (basic, digits) = code.rsplit_once('-').unwrap_or(("", code));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL, 0_u32, INITIAL_BIAS);
    let mut digits = digits.chars();
    while digits.as_str() != "" {
        let (before, mut weight) = (i, 1_u32);
        for k in (BASE..).step_by(BASE as usize) {
            let value = match digits.next()? {
                c @ 'a'..='z' => u32::from(c) - u32::from('a'),
                c => c.to_digit(10)? + 26,
            };
            i = i.checked_add(value.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if value < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
        }
        let count = u32::try_from(out.len()).ok()? + 1;
        bias = adapt(i - before, count, before == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        out.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}
