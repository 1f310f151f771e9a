//! Runs every seed, including whatever a fuzzer once found.

use std::{
    collections::BTreeSet,
    fs,
    future::Future,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use tokio::runtime::Builder;

use super::*;

/// A target, with the name of its folder.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 11] = [
    ("account", |data| wait(account(data))),
    ("config", config),
    ("coverage", coverage),
    ("error_body", error_body),
    ("key_description", |data| wait(key_description(data))),
    ("key_file", |data| wait(key_file(data))),
    ("message", message),
    ("recovery_key", recovery_key),
    ("room_keys", |data| wait(room_keys(data))),
    ("version", version),
    ("well_known", well_known),
];

fn wait(checks: impl Future<Output = ()>) {
    Builder::new_current_thread().enable_time().build().unwrap().block_on(checks);
}

fn listed(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_seed_of_every_target_holds() {
    for (name, target) in TARGETS {
        let seeds = listed(&format!("seeds/{name}"));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            let data = fs::read(&seed).unwrap();
            assert!(catch_unwind(|| target(&data)).is_ok(), "{}", seed.display());
        }
    }
}

#[test]
fn each_target_is_fuzzed() {
    let names = |folder| -> BTreeSet<String> {
        listed(folder).iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("targets"), known);
    assert_eq!(names("seeds"), known);
}
