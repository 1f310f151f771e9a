//! Hostile homeservers and files: they can do nothing, and the person is told so in a sentence.
//!
//! Each file is a row of the table in SECURITY.md or a part of one. What is asserted
//! everywhere: the answer is a [`Problem`](matrixbackup::domain::problem::Problem), soon, and nothing was written.

mod answer;
mod backup;
mod identity;
mod key_description;
mod key_file;
mod optional;
mod password;
mod phrase;
mod proof;
mod verification;
mod wait;
