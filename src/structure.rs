//! Checks which part names which by reading the source: to the compiler, all of them are one package.
//!
//! ```text
//! app ── guide ── protocol ── domain ── words
//!                 engine ──┘    │
//! estimate, photo, readiness ───┘
//! ```
//!
//! Within these parts, no files may name each other in a ring.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A folder below `src`, the parts that its files may name, and the reason for that.
const KNOWS: [(&str, &[&str], &str); 8] = [
    ("words", &["words"], "a text says what it is given, and knows nothing"),
    (
        "domain",
        &["domain", "words"],
        "facts and decisions must be readable, and testable, without anything else",
    ),
    (
        "protocol",
        &["domain", "protocol"],
        "the page and the engine share the messages, and nothing of each other",
    ),
    (
        "guide",
        &["domain", "protocol", "guide", "words"],
        "where the person is must not depend on how it is drawn, or on the SDK",
    ),
    (
        "engine",
        &["domain", "protocol", "engine", "fuzzing"],
        "the engine holds every secret, and must not depend on where the person is",
    ),
    ("estimate", &["domain", "estimate"], "most people need none of its lists of words"),
    ("photo", &["domain", "photo"], "a picture may stop this program, and nothing else"),
    (
        "readiness",
        &["domain", "readiness"],
        "an administrator's list must conclude as the page does, from the facts alone",
    ),
];
/// Every part of ours.
const PARTS: [&str; 10] =
    ["app", "domain", "engine", "estimate", "fuzzing", "guide", "photo", "protocol", "readiness", "words"];
/// Words that stand for a way to the network.
const SENDS: [&str; 3] = ["reqwest", "fetch_with", "WebSocket"];
/// The folders whose files may form no ring.
const RINGLESS: [&str; 9] =
    ["app", "domain", "engine", "estimate", "guide", "photo", "protocol", "readiness", "words"];

/// Structs of which more than a third may be missing, and the reason why each optional field stands by itself.
const LOOSE: [(&str, &str); 4] = [
    ("Config", "a host sets what it likes"),
    ("Doorway", "the person may close the window while its answer is on the way"),
    ("Done", "a sheet that was shown has nothing to do with a check that failed"),
    ("Draft", "the engine judges and proposes phrases in any order"),
];

/// Each file by its path in `src`, without the ending, with the files that it names.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Reads every source file below a folder of `src`; returns each with its path.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "there is no src/{folder}");
    found
}

/// The lines of a file that are no comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// Splits code into words, `::`, and every other character by itself.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for line in code(text) {
        let mut last = ' ';
        for c in line.chars() {
            match tokens.last_mut() {
                Some(token) if is_word(c) && is_word(last) || c == ':' && token == ":" && last == ':' => {
                    token.push(c);
                }
                _ if c.is_whitespace() => {}
                _ => tokens.push(c.into()),
            }
            last = c;
        }
    }
    tokens
}

/// Finds all paths to things of ours: after `use`, or beginning with `crate`, `super` or `self`. The path in a
/// visibility, as in `pub(in crate::engine)`, does not count.
fn paths(text: &str) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let is = |at: usize, token: &str| tokens.get(at).is_some_and(|is| is == token);
    let mut found = Vec::new();
    for at in 1..tokens.len() {
        let begins = match tokens[at - 1].as_str() {
            "use" => true,
            "::" => false,
            "in" if at > 1 && is(at - 2, "(") => false,
            _ => ["crate", "super", "self"].iter().any(|word| is(at, word)) && is(at + 1, "::"),
        };
        if begins {
            follow(&tokens[at..], &[], &mut found);
        }
    }
    found
}

/// Follows a path into each of its branches, as in `a::{b, c::d}`; returns the number of its tokens.
fn follow(tokens: &[String], before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let is = |at: usize, token: &str| tokens.get(at).is_some_and(|is| is == token);
    let (mut path, mut at) = (before.to_vec(), 0);
    loop {
        if is(at, "{") {
            at += 1;
            while at < tokens.len() && !is(at, "}") {
                at += follow(&tokens[at..], &path, found);
                at += usize::from(is(at, ","));
            }
            return at + 1;
        }
        path.extend(tokens.get(at).cloned());
        at += 1;
        if !is(at, "::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    if is(at, "as") { at + 2 } else { at }
}

/// Finds the parts that a file names by a path from `crate`.
fn named(text: &str) -> Vec<&'static str> {
    let paths = paths(text);
    let names = |part: &str| paths.iter().any(|path| path.len() > 1 && path[0] == "crate" && path[1] == part);
    PARTS.into_iter().filter(|part| names(part)).collect()
}

/// Name of a file's module: its path in `src`, without the ending.
fn module(path: &str) -> &str {
    let path = path.rsplit_once("/src/").map_or(path, |(_, path)| path);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod").unwrap_or(path)
}

/// Name of the module around this one.
fn parent(module: &str) -> &str {
    module.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Finds the files that each file names. Test modules do not count, and neither do parent and child, which belong
/// together.
fn arrows(sources: &[(String, String)]) -> Arrows {
    let files = sources.iter().map(|(path, text)| (module(path), text));
    let files: BTreeMap<_, _> =
        files.filter(|(file, _)| !file.split('/').any(|name| name == "tests")).collect();
    let named = |from: &str, text: &str| {
        let code = text.split("mod tests {").next().unwrap_or_default();
        let named =
            paths(code).into_iter().map(|path| leads_to(from, &path, |file| files.contains_key(file)));
        let others = named.filter(|to| files.contains_key(to.as_str()) && to != from);
        others.filter(|to| parent(to) != from && parent(from) != to).collect()
    };
    files.iter().map(|(from, text)| ((*from).to_owned(), named(from, text))).collect()
}

/// Finds the last file on a path that begins in `from`.
fn leads_to(from: &str, path: &[String], is_file: impl Fn(&str) -> bool) -> String {
    let mut at = from.to_owned();
    for word in path {
        match word.as_str() {
            "self" => {}
            "crate" => at.clear(),
            "super" => at.truncate(parent(&at).len()),
            word => {
                let within = if at.is_empty() { word.to_owned() } else { [&at, "/", word].concat() };
                if !is_file(&within) {
                    break;
                }
                at = within;
            }
        }
    }
    at
}

/// Finds all files that can be reached from one.
fn reached<'a>(from: &str, arrows: &'a Arrows) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        let new = arrows[file].iter().map(String::as_str).filter(|to| found.insert(*to));
        open.extend(new.collect::<Vec<_>>());
    }
    found
}

/// Finds all rings: sets of files that can be reached from each other.
fn rings(arrows: &Arrows) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<_, _> = arrows.keys().map(|file| (file.as_str(), reached(file, arrows))).collect();
    let ring = |from: &str| reached[from].iter().copied().filter(|to| reached[to].contains(from)).collect();
    arrows.keys().map(|from| ring(from)).filter(|ring: &Vec<_>| !ring.is_empty()).collect()
}

/// Finds the structs of which more than a third of the fields are optional: most of their combinations stand for
/// nothing. A single optional field makes no combination, and what is read from JSON is as others write it.
fn loose_structs(text: &str) -> Vec<(String, usize, usize)> {
    let tokens = tokens(text);
    let is_read = |at: usize| {
        let before = tokens[..at].iter().rev().take_while(|token| !["}", ";"].contains(&token.as_str()));
        before.into_iter().any(|token| token == "Deserialize")
    };
    let structs = (0..tokens.len()).filter(|at| tokens[*at] == "struct" && !is_read(*at));
    let counted = structs.map(|at| {
        let (optional, all) = optional_fields(&tokens[at..]);
        (tokens[at + 1].clone(), optional, all)
    });
    counted.filter(|(_, optional, all)| *optional > 1 && optional * 3 > *all).collect()
}

/// Counts the optional fields of the struct with which the tokens begin, and all of its fields.
fn optional_fields(tokens: &[String]) -> (usize, usize) {
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    let (mut optional, mut all, mut depth, mut is_body) = (0, 0, 0, false);
    for at in 0..tokens.len() {
        match word(at) {
            ";" if depth == 0 => break,
            "{" if depth == 0 => (depth, is_body) = (1, true),
            "{" | "(" | "[" | "<" => depth += 1,
            ">" if word(at - 1) == "-" => {}
            "}" | ")" | "]" | ">" => depth -= 1,
            ":" if is_body && depth == 1 => {
                all += 1;
                let is_cell = ["Cell", "RefCell"].contains(&word(at + 1));
                optional += usize::from(word(at + if is_cell { 3 } else { 1 }) == "Option");
            }
            _ => {}
        }
        if is_body && depth == 0 {
            break;
        }
    }
    (optional, all)
}

#[test]
fn no_struct_is_mostly_optional() {
    for (path, text) in RINGLESS.into_iter().flat_map(sources) {
        for (name, optional, all) in loose_structs(&text) {
            assert!(
                LOOSE.iter().any(|(loose, _)| *loose == name),
                "{path}: {optional} of the {all} fields of {name} are optional. Which of them come together? Make each \
                 such state a variant of an enum, with exactly its fields."
            );
        }
    }
}

#[test]
fn an_optional_field_is_counted_wherever_it_stands() {
    let count =
        |text| loose_structs(text).into_iter().map(|(_, optional, all)| (optional, all)).collect::<Vec<_>>();
    let half = "struct A<T: B> {\n    pub(in crate::x) a: Option<C>,\n    b: fn(D) -> E,\n    /// F: G\n    #[h(i = \"j\")]\n    \
                c: Cell<Option<K<L, M>>>,\n    d: [N; 2],\n}\nstruct O(Option<P>, Option<Q>);";
    assert_eq!(count(half), [(2, 4)]);
    for fine in [
        "struct A { a: Option<B>, c: D }",
        "struct A { a: Option<B>, b: Option<C>, c: D, d: E, e: F, f: G }",
        "#[derive(Deserialize)]\nstruct A { a: Option<B>, b: Option<C> }",
        "struct A;\nfn b(c: Option<D>, e: Option<F>) {}",
        "struct A { b: C }\nfn d(e: Option<F>, g: Option<H>) {}",
    ] {
        assert_eq!(count(fine), [], "{fine}");
    }
}

#[test]
fn no_part_knows_what_is_above_it() {
    for (folder, knows, otherwise) in KNOWS {
        for (path, text) in sources(folder) {
            for part in named(&text) {
                assert!(knows.contains(&part), "{path} names crate::{part}: {otherwise}");
            }
        }
    }
}

#[test]
fn only_the_engines_net_sends() {
    for (path, text) in sources("engine") {
        let sends = SENDS.into_iter().find(|word| code(&text).any(|line| line.contains(word)));
        let is_net = path.contains("/engine/net/");
        assert!(
            sends.is_none() || is_net,
            "{path} names {sends:?}: deadlines, caps, retries and the refusal of redirections are in src/engine/net alone"
        );
    }
}

#[test]
fn names_are_found_wherever_they_stand() {
    assert_eq!(named("use crate::domain::plan::Task;"), ["domain"]);
    assert_eq!(
        named("use crate::{\n    domain::{guide::X, plan},\n    protocol::messages,\n};"),
        ["domain", "protocol"]
    );
    assert_eq!(named("let x = crate::engine::stop();"), ["engine"]);
    assert_eq!(named("// crate::app\nfn domain() {}"), Vec::<&str>::new());
}

#[test]
fn no_files_know_each_other_in_a_ring() {
    let sources: Vec<_> = RINGLESS.into_iter().flat_map(sources).collect();
    let arrows = arrows(&sources);
    let described = rings(&arrows).into_iter().map(|ring| {
        let within =
            |from: &str| arrows[from].iter().filter(|to| ring.contains(&to.as_str())).collect::<Vec<_>>();
        let names: Vec<_> = ring.iter().map(|from| format!("{from} names {:?}", within(from))).collect();
        names.join(", ")
    });
    let rings: Vec<_> = described.collect();
    assert!(
        rings.is_empty(),
        "these files know each other in a ring, so that none can be understood, tested or moved without the others: \
         {}. Move what several of them need to a file of its own, or hand it over as an argument.",
        rings.join("; and ")
    );
}

#[test]
fn a_ring_is_found_and_a_visibility_makes_none() {
    let rings_of = |files: [(&str, &str); 4]| {
        let sources = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        rings(&arrows(&sources)).into_iter().map(|ring| ring.join(" ")).collect::<Vec<_>>()
    };
    let ring = [
        ("/x/src/app/mod.rs", "pub mod a;\nuse a::A;"),
        ("/x/src/app/a.rs", "use super::{App, b::{self, B as C}, other};"),
        ("/x/src/app/b/mod.rs", "use std::fs;\nuse crate::{domain::X, app::c::C};"),
        ("/x/src/app/c.rs", "fn c() { super::a::a() }"),
    ];
    assert_eq!(rings_of(ring), ["app/a app/b app/c"]);
    for c in [
        "use super::d;",
        "pub(in super::a) fn c() {}",
        "pub(in crate::app::a) fn c() {}",
        "// super::a",
        "mod tests {\n    use super::super::a;\n}",
    ] {
        let mut none = ring;
        none[3].1 = c;
        assert_eq!(rings_of(none), [] as [&str; 0], "{c}");
    }
    let family = [
        ("/x/src/app/mod.rs", "pub mod a;\nuse a::A;"),
        ("/x/src/app/a/mod.rs", "use super::App;\nuse b::B;"),
        ("/x/src/app/a/b.rs", "use super::A;"),
        ("/x/src/app/a/tests.rs", "use crate::app::a::b::B;"),
    ];
    assert_eq!(rings_of(family), [] as [&str; 0]);
}
