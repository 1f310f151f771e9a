//! The few pieces that screens share.

pub mod button;
pub mod countdown;
pub mod element;
pub mod element_steps;
pub mod field;
pub mod footer;
pub mod heading;
pub mod illustration;
pub mod key_file;
pub mod lines;
pub mod notice;
pub mod step_list;
