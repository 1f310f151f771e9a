//! Every screen in every interesting state: the one list for tests, screenshots and the accessibility pass.

mod builders;
mod configured;
mod coverage;
mod done;
mod entrance;
mod findings;
mod key;
mod old_keys;
mod proof;
mod sign_in;
mod take_home;
mod verify;
mod writing;

use crate::guide::{Guide, Step, step};

/// Returns every fixture with its name, which is the fragment of its address in the gallery.
pub fn fixtures() -> Vec<(&'static str, Guide)> {
    let plain = plain().into_iter().map(|(name, step)| (name, Guide::at(step)));
    plain.chain(configured::configured()).chain(unused()).collect()
}

/// Returns screens that name a key which was saved and given up.
fn unused() -> Vec<(&'static str, Guide)> {
    let of = |name: &str, all: Vec<(&'static str, Step)>| {
        all.into_iter().find(|(it, _)| *it == name).map(|(_, step)| Guide::at(step).with_unused("WHWE"))
    };
    let found = [
        ("findings-unused-key", of("findings", findings::findings())),
        ("choose-unused-key", of("choose-change-key", key::consent())),
        ("finished-unused-key", of("finished-unchanged", done::endings())),
    ];
    found.into_iter().filter_map(|(name, guide)| Some((name, guide?))).collect()
}

/// Returns the fixtures of a page whose host has set nothing.
fn plain() -> Vec<(&'static str, Step)> {
    let mut all = vec![("intro", Step::Intro(step::Intro))];
    all.extend(entrance::before_sign_in());
    all.extend(sign_in::sign_in());
    all.extend(sign_in::again());
    all.extend(findings::looking());
    all.extend(findings::findings());
    all.extend(findings::findings_with_key());
    all.extend(findings::check());
    all.extend(key::consent());
    all.extend(key::phrase());
    all.extend(key::key());
    all.extend(writing::writing());
    all.extend(proof::proof());
    all.extend(writing::writing_more());
    all.extend(writing::rotated());
    all.extend(verify::verify());
    all.extend(old_keys::old_keys());
    all.extend(old_keys::told());
    all.extend(old_keys::import());
    all.extend(coverage::covered());
    all.extend(take_home::take_home());
    all.extend(done::done());
    all.extend(done::endings());
    all.extend(done::stops());
    all
}
