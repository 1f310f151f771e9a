//! The few pieces that screens share.

pub mod account_password;
pub mod app_steps;
pub mod attempt;
pub mod button;
pub mod countdown;
pub mod door;
pub mod element;
pub mod field;
pub mod file_drop;
pub mod focus;
pub mod footer;
pub mod heading;
pub mod illustration;
pub mod kit;
pub mod lines;
pub mod link;
pub mod login;
pub mod notice;
pub mod number;
pub mod phrase_entry;
pub mod progress;
pub mod proof;
pub mod proved_lines;
pub mod six_lines;
pub mod step_list;
pub mod ways_in;
