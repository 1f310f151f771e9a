//! States that the steps are made of.

mod arrival;
mod asked;
mod attempt;
mod course;
mod deletion;
mod draft;
mod goal;
mod harvest;
mod import;
mod job;
mod long;
mod made_key;
mod outcome;
mod part;
mod phase;
mod survey;
mod visit;
mod work;

pub use self::{
    arrival::Arrival,
    asked::AskedProof,
    attempt::Attempt,
    course::Course,
    deletion::{Deletion, Removal},
    draft::Draft,
    goal::Goal,
    harvest::{CopyHome, Evidence, Harvest},
    import::Import,
    job::{Job, News},
    long::Long,
    made_key::{EntryMistake, Keeping, MadeKey},
    outcome::Outcome,
    part::Part,
    phase::Phase,
    survey::Survey,
    visit::Visit,
    work::{Pause, Work, Written},
};
