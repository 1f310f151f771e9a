//! Makes functions of the texts in `src/words`, and refuses texts that do not fit together.
//!
//! Each key of `en.arb` becomes a function of that name in `crate::words`, with the text's arguments as parameters. The
//! build fails if another language lacks a key or has one more, if a text has other arguments than the English one, if
//! it is malformed, or if nothing uses a key.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
};

use serde_json::Value;

#[path = "src/words/message.rs"]
mod message;

use message::{Piece, parse};

/// The folder with a file for each language.
const FOLDER: &str = "src/words";
/// Beginnings of the keys of what no program says, but `index.html`, `callback.html` and the administrators' scripts.
const OF_SCRIPTS: [&str; 3] = ["page_", "checkup_", "readiness_"];
/// The language that the others are compared with.
const ENGLISH: &str = "en";

type Failure = Box<dyn Error>;

/// The type of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A text.
    Text,
    /// A number, which may decide between forms.
    Number,
    /// An element of the page: the text is around it.
    Element,
}

/// A text with what translators and programs must know of it.
struct Entry {
    text: String,
    /// Names and types of the arguments, in the order of the text.
    arguments: Vec<(String, Kind)>,
    /// Set if the first screen shows it.
    is_first: bool,
}

type Catalogue = BTreeMap<String, Entry>;

fn main() -> Result<(), Failure> {
    // Keeps relocations in the page's program, without which tools/pin-engine.mjs cannot take it apart.
    if env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bin=app=--emit-relocs");
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=index.html");
    println!("cargo::rerun-if-changed=callback.html");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let (root, out) = (Path::new(&root), env::var("OUT_DIR")?);
    let english = read(root, ENGLISH)?;
    let mut languages = vec![ENGLISH.to_owned()];
    for entry in fs::read_dir(root.join(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(language) = name.strip_suffix(".arb").filter(|language| *language != ENGLISH) {
            compare(language, &english, &read(root, language)?)?;
            languages.push(language.to_owned());
        }
    }
    refuse_unused(root, &english)?;
    languages[1..].sort();
    let mut code = functions(&english)?;
    writeln!(
        code,
        "/// Tags of the languages (BCP 47), English first.\npub const LANGUAGES: [&str; {}] = {languages:?};",
        languages.len()
    )?;
    fs::write(Path::new(&out).join("words.rs"), code)?;
    Ok(())
}

/// Reads the file of a language.
fn read(root: &Path, language: &str) -> Result<Catalogue, Failure> {
    let file = format!("{FOLDER}/{language}.arb");
    let text = fs::read_to_string(root.join(&file)).map_err(|error| format!("{file}: {error}"))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let all = json.as_object().ok_or_else(|| format!("{file} is no object"))?;
    if all.get("@@locale").and_then(Value::as_str) != Some(language) {
        return Err(format!("{file}: @@locale should be {language}").into());
    }
    let mut catalogue = Catalogue::new();
    for (key, text) in all.iter().filter(|(key, _)| !key.starts_with('@')) {
        let text = text.as_str().ok_or_else(|| format!("{file}: {key} is no text"))?;
        let about = all.get(&format!("@{key}"));
        let entry = entry(text, about).map_err(|error| format!("{file}: {key}: {error}"))?;
        catalogue.insert(key.clone(), entry);
    }
    Ok(catalogue)
}

/// Reads a text, and what stands beside it for translators.
fn entry(text: &str, about: Option<&Value>) -> Result<Entry, Failure> {
    if text.trim() != text {
        return Err("begins or ends with a space: parts of sentences cannot be translated".into());
    }
    let declared = |name: &str| {
        let kind = about?.get("placeholders")?.get(name)?.get("type")?.as_str();
        match kind {
            Some("int") => Some(Kind::Number),
            Some("Element") => Some(Kind::Element),
            _ => None,
        }
    };
    let mut arguments = Vec::new();
    collect(&parse(text)?, &mut |name, counts| {
        let kind = if counts { Kind::Number } else { declared(name).unwrap_or(Kind::Text) };
        match arguments.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) if counts => *known = Kind::Number,
            Some(_) => {}
            None => arguments.push((name.to_owned(), kind)),
        }
    });
    let is_first = about.and_then(|about| about.get("x-first")).is_some();
    Ok(Entry { text: text.to_owned(), arguments, is_first })
}

/// Finds the arguments of a text, and whether each decides between forms.
fn collect(pieces: &[Piece<'_>], found: &mut impl FnMut(&str, bool)) {
    for piece in pieces {
        match piece {
            Piece::Text(_) | Piece::Number => {}
            Piece::Argument(name) => found(name, false),
            Piece::Plural(name, forms) => {
                found(name, true);
                forms.iter().for_each(|(_, pieces)| collect(pieces, &mut *found));
            }
        }
    }
}

/// Refuses a language that has other keys or other arguments than English.
fn compare(language: &str, english: &Catalogue, other: &Catalogue) -> Result<(), Failure> {
    if let Some(missing) = english.keys().find(|key| !other.contains_key(*key)) {
        return Err(format!("{language}.arb lacks {missing}").into());
    }
    for (key, entry) in other {
        let Some(wanted) = english.get(key) else {
            return Err(format!("{language}.arb has {key}, which en.arb does not have").into());
        };
        let names = |entry: &Entry| {
            let mut names: Vec<_> = entry.arguments.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        if names(entry) != names(wanted) {
            return Err(format!("{language}.arb: {key} has other arguments than in en.arb").into());
        }
        let is_number = |name: &str| wanted.arguments.contains(&(name.to_owned(), Kind::Number));
        if let Some((name, _)) =
            entry.arguments.iter().find(|(name, kind)| *kind == Kind::Number && !is_number(name))
        {
            return Err(format!("{language}.arb: {key} counts {name}, which is no number in en.arb").into());
        }
    }
    Ok(())
}

/// Refuses a text that no program uses.
fn refuse_unused(root: &Path, english: &Catalogue) -> Result<(), Failure> {
    let mut code = fs::read_to_string(root.join("index.html"))?;
    code.push_str(&fs::read_to_string(root.join("callback.html"))?);
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "js") {
                code.push_str(&fs::read_to_string(path)?);
            }
        }
    }
    let used: BTreeSet<&str> = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    match english.keys().find(|key| !used.contains(key.as_str())) {
        Some(unused) => Err(format!("nothing uses {unused} of en.arb").into()),
        None => Ok(()),
    }
}

/// Writes a function for each text. Those of the first screen come first: the page has only these at the beginning.
fn functions(english: &Catalogue) -> Result<String, Failure> {
    let is_of_programs = |key: &str| !OF_SCRIPTS.iter().any(|start| key.starts_with(start));
    let mut keys: Vec<_> = english.iter().filter(|(key, _)| is_of_programs(key)).collect();
    keys.sort_by_key(|(_, entry)| !entry.is_first);
    let mut code = String::new();
    for (at, (key, entry)) in keys.iter().enumerate() {
        code.push_str(&function(at, key, entry));
    }
    let names: Vec<_> = keys.iter().map(|(key, _)| key).collect();
    let texts: Vec<_> = keys.iter().map(|(_, entry)| &entry.text).collect();
    let many = keys.len();
    writeln!(
        code,
        "/// The keys, in the order of the texts.\n#[cfg(test)]\nstatic KEYS: [&str; {many}] = {names:?};"
    )?;
    writeln!(
        code,
        "/// The English texts, for programs that fetch none.\n#[cfg(any(not(target_family = \"wasm\"), feature = \"gallery\"))]\nstatic ENGLISH: [&str; {many}] = {texts:#?};",
    )?;
    Ok(code)
}

/// Writes the function of a text. One without numbers needs no more than the first screen's program has.
fn function(at: usize, key: &str, Entry { text, arguments, .. }: &Entry) -> String {
    let doc: String = text.lines().map(|line| format!("/// {line}\n")).collect();
    let has = |wanted: Kind| arguments.iter().any(|(_, kind)| *kind == wanted);
    let counts = has(Kind::Number);
    let (mut parameters, mut given) = (String::new(), String::new());
    for (name, kind) in arguments {
        let (of, value) = match kind {
            Kind::Text if counts => ("&str", format!("Given::Text({name})")),
            Kind::Text => ("&str", name.clone()),
            Kind::Number => ("u64", format!("Given::Number({name})")),
            // It has no value: the text is around it.
            Kind::Element => continue,
        };
        parameters.push_str(&format!("{name}: {of}, "));
        given.push_str(&format!("(\"{name}\", {value}), "));
    }
    let (result, call) = match (has(Kind::Element), counts, arguments.is_empty()) {
        (true, true, _) => ("Vec<Part>", "parts"),
        (true, false, _) => ("Vec<Part>", "split"),
        (false, _, true) => {
            return format!("{doc}pub fn {key}() -> &'static str {{\n    look_up({at})\n}}\n");
        }
        (false, true, _) => ("String", "fill"),
        (false, false, _) => ("String", "put_in"),
    };
    format!("{doc}pub fn {key}({parameters}) -> {result} {{\n    {call}({at}, &[{given}])\n}}\n")
}
