//! Writes the pages beside the page into a folder, at the end of a build: `pages FOLDER < BUILD`. `tools/pin-engine.mjs` runs
//! it in the root of the repository, and says as JSON what they need ([`matrixbackup::pages::Build`]).

use std::{env, error::Error, fs, io, path::Path};

use matrixbackup::{
    pages::{Build, make},
    words::LANGUAGES,
};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("into which folder?")?;
    let build: Build = serde_json::from_reader(io::stdin())?;
    let read = |tag: &str| -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&fs::read_to_string(format!("src/words/{tag}.arb"))?)?)
    };
    let all =
        LANGUAGES.into_iter().map(|tag| Ok((tag, read(tag)?))).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    // build.rs has refused languages that lack a key.
    let text = |language: &str, key: &str| {
        let texts = all.iter().find(|(tag, _)| *tag == language).map(|(_, texts)| texts);
        texts.and_then(|texts| texts[key].as_str()).unwrap_or_default().to_owned()
    };
    for page in make(&build, text)? {
        fs::write(Path::new(&folder).join(page.file), page.html)?;
    }
    Ok(())
}
