//! What comes in and what has to be done.

use super::{harvest::Part, step::Keeping};
use crate::{
    domain::{
        address::Address, config::Config, contact::Contact, discovery::Server, plan::Action,
        problem::Problem, proof::Proof, secret::Secret, sign_in::Door, verification::Move,
        web_address::WebAddress,
    },
    protocol::messages::{Command, Event, Run},
};

/// What the person did, or what came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// What the host has set is known, or that it has set nothing.
    Configured(Box<Config>),
    /// The homeserver names somebody to ask.
    FoundContacts(Vec<Contact>),
    /// The person wants to begin.
    Began,
    /// The person wants to go back one step.
    WentBack,
    /// The person entered their Matrix ID, server or address.
    EnteredServer(String),
    /// The page found the homeserver, or why not.
    Discovered(Result<Server, Problem>),
    /// The person entered name and password.
    EnteredPassword {
        /// Full Matrix ID or localpart.
        user: String,
        /// The account password.
        password: Secret,
    },
    /// The person wants to sign in on a page of the server's; the browser has, or has not, opened a window for it.
    ChoseDoor {
        /// Whose page.
        door: Door,
        /// Whether no window was opened.
        blocked: bool,
    },
    /// What that page sent back: query and fragment.
    CameBack(Secret),
    /// The person wants to do without that window.
    ClosedDoor,
    /// The person wants a generated key only.
    ChoseKey,
    /// The person wants a phrase.
    ChosePhrase,
    /// The person chose what to do.
    Chose(Action),
    /// The phrase in the field changed.
    TypedPhrase(Secret),
    /// The person wants keys put back whole that only this page can read.
    WantedMending,
    /// The person wants a phrase proposed.
    WantedSuggestion,
    /// The person goes on with this phrase.
    ChosePhraseText(Secret),
    /// The person typed the phrase again.
    RepeatedPhrase(Secret),
    /// The person kept the key in some way.
    KeptKey(Keeping),
    /// The person goes on to prove the key.
    WentToProof,
    /// The person entered the key they kept: to prove that they did, to see what it opens, or to finish
    /// with it.
    EnteredKey(Secret),
    /// The person agreed to what will be written.
    Agreed,
    /// The person agreed to what cannot be undone, by typing these words.
    AgreedWith(String),
    /// The person wants to stop what can be stopped, or no look further back for now.
    WantedStop,
    /// The person agreed that older versions are deleted whose every key is in the fresh backup.
    AgreedToDelete,
    /// The person has read what was done and goes on.
    WentOn,
    /// The person gave the proof that the server asked for: the account password, or they opened the server's page to
    /// give it there, or say that they have done so.
    GaveProof(Proof),
    /// The person does not want to give the proof, and what was written taken back.
    Withdrew,
    /// The person wants to try again what failed.
    TriedAgain,
    /// The person wants this page signed out now.
    WantedSignOut,
    /// The person goes to another place of the way from "backup is on" to "you're safe".
    WentTo(Part),
    /// The person made a move in comparing emoji.
    Moved(Move),
    /// The person chose a key file.
    ChoseFile {
        /// What it is called.
        name: String,
        /// How long it is.
        bytes: u64,
    },
    /// The person gave a file's passphrase.
    GavePassphrase(Secret),
    /// The person wants the look further back to go on.
    WantedFurther,
    /// The person wants to look anew from the newest messages.
    WantedNewLook,
    /// The person wants the copy saved once more.
    WantedCopy,
    /// The person wants to print the key.
    WantedKit,
    /// The person wants devices of earlier visits removed.
    WantedRemoval,
    /// The time the guide asked for has passed.
    TimePassed,
    /// The engine said something, in some run.
    Engine(Run, Event),
    /// The worker died or never started.
    EngineLost(Problem),
}

/// What the page has to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Look for the homeserver; answered by [`Input::Discovered`].
    Discover(Address),
    /// Narrow the browser's policy to this homeserver, then start the engine's worker.
    LockAndStart(Server),
    /// Tell the engine.
    Tell(Run, Command),
    /// Tell the engine [`Command::Authorize`], with the address of our `callback.html`.
    Authorize {
        /// The run it belongs to.
        run: Run,
        /// The homeserver's address.
        base_url: String,
        /// The server's page that the person chose.
        door: Door,
        /// The Matrix ID that the person named, or has to sign in with again.
        user_id: Option<String>,
    },
    /// Show the server's page in the window that was opened for it.
    ShowPage(WebAddress),
    /// Close that window, if it shows nothing of the server's yet.
    CloseWindow,
    /// Send the chosen file to the engine, in pieces, before anything that is told later.
    SendFile(Run),
    /// Save the file that the engine has sent. The page puts all of this and the day into the file's name.
    SaveFile {
        /// What the file is.
        name: &'static str,
        /// The person whose file it is.
        user_id: String,
    },
    /// Forget the file that the person chose.
    ForgetChosen,
    /// Forget the file that the engine has sent.
    ForgetMade,
    /// Come back after so many milliseconds with [`Input::TimePassed`].
    Wake(u32),
    /// End the worker; everything it holds is gone.
    EndEngine,
    /// Load the page anew: the browser's policy cannot be widened again.
    Reload,
}
