//! What may know what, kept by reading the source: the compiler sees one package only.
//!
//! ```text
//! app ── guide ── protocol ── domain
//!                 engine ──┘
//! ```

use std::{fs, path::Path};

/// A folder below `src`, the parts of ours that its files may name, and what is lost otherwise.
const KNOWS: [(&str, &[&str], &str); 4] = [
    ("domain", &["domain"], "facts and decisions must be readable, and testable, without anything else"),
    (
        "protocol",
        &["domain", "protocol"],
        "the page and the engine share the messages, and nothing of each other",
    ),
    (
        "guide",
        &["domain", "protocol", "guide"],
        "where the person is must not depend on how it is drawn, or on the SDK",
    ),
    (
        "engine",
        &["domain", "protocol", "engine", "fuzzing"],
        "the engine holds every secret, and must not depend on where the person is",
    ),
];
/// Every part of ours.
const PARTS: [&str; 6] = ["app", "domain", "engine", "fuzzing", "guide", "protocol"];
/// What reaches the network.
const SENDS: [&str; 3] = ["reqwest", "fetch_with", "WebSocket"];

/// Every source file below a folder of `src`, with its path from there.
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

/// The code of a file without its comments, which may name anything.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The parts of ours that a file names by their path from the crate: `crate::domain::…`, or in a tree of such.
fn named(text: &str) -> Vec<&'static str> {
    let code = code(text).collect::<String>();
    let mut depths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(tree) = rest.strip_prefix('{') else {
            depths.push(
                rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned(),
            );
            continue;
        };
        let (mut depth, mut word) = (0, String::new());
        for c in tree.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && (c.is_alphanumeric() || c == '_') {
                word.push(c);
            } else {
                depths.push(std::mem::take(&mut word));
            }
        }
        depths.push(word);
    }
    PARTS.into_iter().filter(|part| depths.iter().any(|word| word == part)).collect()
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
fn what_is_named_is_found_wherever_it_stands() {
    assert_eq!(named("use crate::domain::plan::Task;"), ["domain"]);
    assert_eq!(
        named("use crate::{\n    domain::{guide::X, plan},\n    protocol::messages,\n};"),
        ["domain", "protocol"]
    );
    assert_eq!(named("let x = crate::engine::stop();"), ["engine"]);
    assert_eq!(named("// crate::app\nfn domain() {}"), Vec::<&str>::new());
}
