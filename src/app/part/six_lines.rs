//! The six lines of the last screen.

use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::{OPEN, TICK, picture},
    number::{clock, count, thousands},
};
use crate::guide::{
    CopyHome, Harvest,
    done::{Arrived, Copy, Line, Remaining, Standing, lines},
    verdict::{coming_words, left_over_words},
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
                ("chosen", "Your choice: ", &OPEN)
            }
            Standing::Noted => ("chosen", "Seen: ", &OPEN),
            Standing::Green => ("done", "Done: ", &TICK),
            Standing::Unknown => ("now", "Being checked: ", &OPEN),
            Standing::Open(_) => ("held", "Left to do: ", &OPEN),
        };
        let mut text = el("div").child(say("span", "spoken", spoken)).text(words(
            line,
            standing,
            harvest,
            remedy.is_some(),
        ));
        if let Some(at) = seen_at(line, harvest) {
            text = text.child(say("span", "quiet", [" Checked at ", &clock(at), "."].concat()));
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
            "Your recovery key opens the backup, and so does your phrase."
        }
        (Line::KeyOpens, _) => "Your recovery key opens the backup, tried as a new device would.",
        (Line::SecretsFit, _) => "What it opens matches what your server publishes.",
        (Line::BackupFits, _) => {
            "Your backup is signed by your digital identity, and opens with the stored key."
        }
        (Line::KeysArrived, _) => return arrived_words(Arrived::of(harvest), watches),
        (Line::CopyOffered, _) => return copy_words(Copy::of(harvest)),
        (Line::SignedOut, Standing::Green) => "This page has signed itself out. No extra device is left.",
        (Line::SignedOut, Standing::Open(Remaining::RemoveLeftOver)) => left_over_words(watches),
        (Line::SignedOut, _) => "This page is still signed in. It signs itself out last.",
    };
    text.to_owned()
}

/// Says in a sentence what was seen of the messages' keys. `watches`: the page counts them on this screen.
pub fn arrived_words(arrived: Arrived, watches: bool) -> String {
    match arrived {
        Arrived::NotLooked => "We have not looked at all your messages yet.".to_owned(),
        Arrived::Lacking { missing, unopened, mendable } => lack_words(missing, unopened, mendable),
        Arrived::Coming => coming_words(watches).to_owned(),
        Arrived::NoRooms => "We found no encrypted room, so no message could be checked.".to_owned(),
        Arrived::NoMessages { rooms } => {
            ["We found no message of yours to check, in ", &count(rooms, "room"), "."].concat()
        }
        Arrived::All { messages, rooms, unknown } => {
            let all = [
                if messages == 1 { "The " } else { "All " },
                &count(messages, "message"),
                " we looked at, in ",
                &count(rooms, "room"),
                if messages == 1 {
                    ", has its key in the backup."
                } else {
                    ", have their keys in the backup."
                },
            ];
            [
                &*all.concat(),
                &if unknown > 0 { [" ", &*unknown_words(unknown)].concat() } else { String::new() },
            ]
            .concat()
        }
    }
}

/// Says how many messages have keys that are missing, that do not open, or that only this page can read.
pub fn lack_words(missing: u64, unopened: u64, mendable: u64) -> String {
    let lack = |messages: u64, [one, many]: [&str; 2]| match messages {
        0 => String::new(),
        1 => ["1 message", one].concat(),
        _ => [&*thousands(messages), " messages", many].concat(),
    };
    let only_here = " can be read by this page only, and by no app. ";
    [
        lack(missing, [" lacks its key. ", " lack their keys. "]),
        lack(
            unopened,
            [
                " can't be read: its key in the backup doesn't open. ",
                " can't be read: their keys in the backup don't open. ",
            ],
        ),
        lack(mendable, [only_here, only_here]),
    ]
    .concat()
}

/// Says how many messages are from before the person joined.
pub fn unknown_words(unknown: u64) -> String {
    match unknown {
        0 => String::new(),
        1 => "1 more was sent before you joined. We do not count it.".to_owned(),
        _ => [&*thousands(unknown), " more were sent before you joined. We do not count them."].concat(),
    }
}

fn copy_words(copy: Copy) -> String {
    let made =
        |room_keys| ["You made a copy to keep at home, with ", &*count(room_keys, "key"), "."].concat();
    match copy {
        Copy::NotOffered => "You have no copy at home, for when your server loses its data.".to_owned(),
        Copy::Declined => {
            "You chose not to make a copy. The backup on your server is the only one.".to_owned()
        }
        Copy::Older => "Your copy lacks the keys that came in since. Make another one.".to_owned(),
        Copy::Lacks { room_keys, needed } => {
            [&*made(room_keys), " Your messages need ", &thousands(needed), ". Make another one."].concat()
        }
        Copy::Empty => "Your copy is empty, as your backup was.".to_owned(),
        Copy::Partial { room_keys, unreadable } => {
            [&*made(room_keys), " ", &unread_words(unreadable)].concat()
        }
        Copy::Whole { room_keys } => made(room_keys),
    }
}

/// Says how many entries did not open when a copy was made.
pub fn unread_words(unreadable: u64) -> String {
    match unreadable {
        1 => "1 entry of the backup did not open. It is not in the file.".to_owned(),
        _ => [&*thousands(unreadable), " entries of the backup did not open. They are not in the file."]
            .concat(),
    }
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
