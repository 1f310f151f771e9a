//! The six lines of the last screen.

use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::{OPEN, TICK, picture},
    number::clock,
};
use crate::{
    guide::{
        CopyHome, Harvest,
        done::{Arrived, Copy, Line, Remaining, Standing, lines},
        verdict::{coming_words, left_over_words},
    },
    words,
};

/// Draws the six lines. `remedy` makes the button for a line for which something is left to do; without it the visit
/// has ended, and nothing is looked at any more.
pub fn six_lines(
    harvest: &Harvest,
    signed_out: bool,
    remedy: Option<&dyn Fn(Remaining) -> Option<AnyView>>,
) -> AnyView {
    let line = |(line, standing): (Line, Standing)| {
        let (class, spoken, mark) = match standing {
            Standing::Noted if harvest.copy == CopyHome::Declined && line == Line::CopyOffered => {
                ("chosen", words::six_lines_chosen(), &OPEN)
            }
            Standing::Noted => ("chosen", words::six_lines_noted(), &OPEN),
            Standing::Green => ("done", words::six_lines_done(), &TICK),
            Standing::Unknown => ("now", words::six_lines_unknown(), &OPEN),
            Standing::Open(_) => ("held", words::six_lines_open(), &OPEN),
        };
        let mut text = el("div").child(say("span", "spoken", [spoken, " "].concat())).text(words(
            line,
            standing,
            harvest,
            remedy.is_some(),
        ));
        if let Some(at) = seen_at(line, harvest) {
            text =
                text.child(say("span", "quiet", [" ", &*words::six_lines_checked_at(&clock(at))].concat()));
        }
        if let Standing::Open(remaining) = standing {
            text = text.all(remedy.and_then(|remedy| remedy(remaining)).into_iter().collect());
        }
        el("li").class(class).child(picture(mark)).child(text.view()).view()
    };
    let drawn = lines(harvest, signed_out).into_iter().map(line).collect();
    el("ol").class("lines six").all(drawn).view()
}

fn words(line: Line, standing: Standing, harvest: &Harvest, watches: bool) -> String {
    let text = match (line, standing) {
        (Line::KeyOpens, _) if harvest.proved().phrase_opens => {
            words::six_lines_your_recovery_key_opens_the()
        }
        (Line::KeyOpens, _) => words::six_lines_your_recovery_key_opens_the_backup_tried(),
        (Line::SecretsFit, _) => words::six_lines_what_it_opens_matches_what(),
        (Line::BackupFits, _) => words::six_lines_your_backup_is_signed_by(),
        (Line::KeysArrived, _) => return arrived_words(Arrived::of(harvest), watches),
        (Line::CopyOffered, _) => return copy_words(Copy::of(harvest)),
        (Line::SignedOut, Standing::Green) => words::six_lines_this_page_has_signed_itself(),
        (Line::SignedOut, Standing::Open(Remaining::RemoveLeftOver)) => left_over_words(watches),
        (Line::SignedOut, _) => words::six_lines_this_page_is_still_signed(),
    };
    text.to_owned()
}

/// Says in a sentence what was seen of the messages' keys. `watches`: the page counts them on this screen.
pub fn arrived_words(arrived: Arrived, watches: bool) -> String {
    match arrived {
        Arrived::NotLooked => words::six_lines_we_have_not_looked_at().to_owned(),
        Arrived::Lacking { missing, unopened, mendable } => lack_words(missing, unopened, mendable),
        Arrived::Coming => coming_words(watches).to_owned(),
        Arrived::NoRooms => words::six_lines_we_found_no_encrypted_room().to_owned(),
        Arrived::NoMessages { rooms } => words::six_lines_no_message_to_check(rooms),
        Arrived::All { messages, rooms, unknown } => {
            let all = words::six_lines_all_have_their_keys(messages, rooms);
            if unknown > 0 { [&*all, " ", &unknown_words(unknown)].concat() } else { all }
        }
    }
}

/// Says how many messages have keys that are missing, that do not open, or that only this page can read.
pub fn lack_words(missing: u64, unopened: u64, mendable: u64) -> String {
    let lack = |messages: u64, text: fn(u64) -> String| match messages {
        0 => String::new(),
        // Another sentence may follow.
        _ => [&*text(messages), " "].concat(),
    };
    [
        lack(missing, words::six_lines_lack_their_keys),
        lack(unopened, words::six_lines_keys_do_not_open),
        lack(mendable, words::six_lines_only_this_page_reads),
    ]
    .concat()
}

/// Says how many messages are from before the person joined.
pub fn unknown_words(unknown: u64) -> String {
    if unknown == 0 { String::new() } else { words::six_lines_sent_before_you_joined(unknown) }
}

fn copy_words(copy: Copy) -> String {
    let made = words::six_lines_copy_with_keys;
    match copy {
        Copy::NotOffered => words::six_lines_you_have_no_copy_at().to_owned(),
        Copy::Declined => words::six_lines_you_chose_not_to_make().to_owned(),
        Copy::Older => words::six_lines_your_copy_lacks_the_keys().to_owned(),
        Copy::Lacks { room_keys, needed } => {
            [&*made(room_keys), " ", &words::six_lines_copy_needs_keys(needed)].concat()
        }
        Copy::Empty => words::six_lines_your_copy_is_empty_as().to_owned(),
        Copy::Partial { room_keys, unreadable } => {
            [&*made(room_keys), " ", &unread_words(unreadable)].concat()
        }
        Copy::Whole { room_keys } => made(room_keys),
    }
}

/// Says how many entries did not open when a copy was made.
pub fn unread_words(unreadable: u64) -> String {
    words::six_lines_entries_did_not_open(unreadable)
}

fn seen_at(line: Line, harvest: &Harvest) -> Option<u64> {
    match line {
        Line::KeyOpens | Line::SecretsFit | Line::BackupFits => {
            harvest.checked().map(|checked| checked.at_ms)
        }
        Line::KeysArrived => harvest.survey.at_ms,
        Line::CopyOffered => match &harvest.copy {
            CopyHome::Taken(taken) => Some(taken.at_ms),
            CopyHome::Declined | CopyHome::NotOffered | CopyHome::Older => None,
        },
        Line::SignedOut => None,
    }
}
