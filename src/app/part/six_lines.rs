//! The six lines of the last screen.

use leptos::prelude::*;

use super::{
    element::{el, say},
    illustration::{OPEN, TICK, picture},
    number::{clock, count, thousands},
};
use crate::domain::{
    coverage::Tally,
    done::{Line, Remaining, Standing, lines},
    guide::{CopyHome, Harvest},
};

/// Draws them. `remedy` makes what is shown with a line for which something is left to do.
pub fn six_lines(
    harvest: &Harvest,
    signed_out: bool,
    remedy: &dyn Fn(Remaining) -> Option<AnyView>,
) -> AnyView {
    let line = |(line, standing): (Line, Standing)| {
        let (class, spoken, mark) = match standing {
            // Offered and declined is no achievement: it gets no tick.
            Standing::Green if line == Line::CopyOffered && harvest.copy == CopyHome::Declined => {
                ("chosen", "Your choice: ", &OPEN)
            }
            Standing::Green => ("done", "Done: ", &TICK),
            Standing::Unknown => ("now", "Being checked: ", &OPEN),
            Standing::Open(_) => ("held", "Left to do: ", &OPEN),
        };
        let mut text = el("div").child(say("span", "spoken", spoken)).text(words(line, standing, harvest));
        if let Some(at) = seen_at(line, harvest) {
            text = text.child(say("span", "quiet", [" Checked at ", &clock(at), "."].concat()));
        }
        if let Standing::Open(remaining) = standing {
            text = text.all(remedy(remaining).into_iter().collect());
        }
        el("li").class(class).child(picture(mark)).child(text.view()).view()
    };
    let drawn = lines(harvest, signed_out).into_iter().map(line).collect();
    el("ol").class("lines six").all(drawn).view()
}

fn words(line: Line, standing: Standing, harvest: &Harvest) -> String {
    let text = match (line, standing) {
        (Line::KeyOpens, _) if harvest.proved.phrase_opens => {
            "Your recovery key opens the backup, and so does your phrase."
        }
        (Line::KeyOpens, _) => "Your recovery key opens the backup, tried as a new device would.",
        (Line::SecretsFit, _) => "What is stored under it matches what your server publishes.",
        (Line::BackupFits, _) => "Your backup is signed by your identity and opens with the stored key.",
        (Line::KeysArrived, Standing::Green) => {
            let tally = Tally::of(&harvest.survey.rooms);
            // Further back there are more by the minute.
            let number =
                if harvest.survey.more { String::new() } else { [&*thousands(tally.covered), " "].concat() };
            return [
                "All ",
                &number,
                "messages we looked at, in ",
                &count(tally.rooms, "room"),
                ", have their keys in the backup.",
            ]
            .concat();
        }
        (Line::KeysArrived, Standing::Open(Remaining::BringKeys)) => {
            let Tally { missing, unopened, .. } = Tally::of(&harvest.survey.rooms);
            let (number, lack) = match (missing, unopened) {
                (0, number) => (number, " can't be read: what the backup has for them doesn't open"),
                (1, _) => (1, " lacks its key"),
                (number, _) => (number, " lack their keys"),
            };
            return [&*count(number, "message"), lack, ". Perhaps an app or a file has them."].concat();
        }
        (Line::KeysArrived, Standing::Open(Remaining::Wait)) => {
            "We watch for half a minute whether more keys come in. Do not sign out of your app yet."
        }
        (Line::KeysArrived, _) => "We have not looked at all your messages yet.",
        (Line::CopyOffered, _) => match &harvest.copy {
            CopyHome::Taken(taken) => {
                return ["You made a copy to keep at home, with ", &count(taken.room_keys, "key"), "."]
                    .concat();
            }
            CopyHome::Declined => {
                "You did without a copy at home. The backup on your server is the only one."
            }
            CopyHome::NotOffered => "There is no copy at home, should your server lose its data.",
            CopyHome::Older => "Your copy lacks the keys that came in since. Make another one.",
        },
        (Line::SignedOut, Standing::Green) => "This page has signed itself out. No extra device is left.",
        (Line::SignedOut, Standing::Open(Remaining::RemoveLeftOver)) => {
            "Devices that earlier visits of this page left are still in your account."
        }
        (Line::SignedOut, _) => "This page is still signed in. It signs itself out last.",
    };
    text.to_owned()
}

fn seen_at(line: Line, harvest: &Harvest) -> Option<u64> {
    match line {
        Line::KeyOpens | Line::SecretsFit | Line::BackupFits => {
            harvest.checked.as_ref().map(|checked| checked.at_ms)
        }
        Line::KeysArrived => harvest.survey.at_ms,
        Line::CopyOffered => match &harvest.copy {
            CopyHome::Taken(taken) => Some(taken.at_ms),
            CopyHome::Declined | CopyHome::NotOffered | CopyHome::Older => None,
        },
        Line::SignedOut => None,
    }
}
