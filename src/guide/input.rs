//! The guide's inputs and effects.

use super::state::{Keeping, Part};
use crate::{
    domain::{
        address::Address, config::Config, contact::Contact, discovery::Server, plan::Action,
        problem::Problem, proof::Proof, secret::Secret, sign_in::Door, verification::Move,
        web_address::WebAddress,
    },
    protocol::messages::{Command, Event, Run},
};

/// Anything that the person did, or that the page or the engine answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The page has read the host's settings; they are the default if there are none.
    Configured(Box<Config>),
    /// The page has read the homeserver's contacts.
    FoundContacts(Vec<Contact>),
    /// The page has read the least number of characters that the homeserver asks of phrases; 0 if it asks for none.
    FoundLeastPhrase(u8),
    /// The person begins.
    Began,
    /// The person goes back one step.
    WentBack,
    /// The person entered their Matrix ID, a server name or a URL.
    EnteredServer(String),
    /// The page found the homeserver, or could not.
    Discovered(Result<Server, Problem>),
    /// The person entered user name and password.
    EnteredPassword {
        /// Full Matrix ID, or its localpart.
        user: String,
        /// The account password.
        password: Secret,
    },
    /// The person wants to sign in on the server's page. The browser has opened a window for it, or has refused.
    ChoseDoor {
        /// The page on which they sign in.
        door: Door,
        /// Set if the browser opened no window.
        blocked: bool,
    },
    /// The server's page sent the person back with this query and fragment.
    CameBack(Secret),
    /// The person gives up the window.
    ClosedDoor,
    /// The person wants a generated key without a phrase.
    ChoseKey,
    /// The person wants a phrase.
    ChosePhrase,
    /// The person chose what to do.
    Chose(Action),
    /// The phrase in the field changed.
    TypedPhrase(Secret),
    /// The person wants entries put back whole that only this page can read.
    WantedMending,
    /// The person wants the engine to propose a phrase.
    WantedSuggestion,
    /// The person goes on with this phrase.
    ChosePhraseText(Secret),
    /// The person typed the phrase again.
    RepeatedPhrase(Secret),
    /// The person kept the key in some way.
    KeptKey(Keeping),
    /// The person goes on to enter the key they kept.
    WentToEnterKey,
    /// The person entered the key they kept: as proof, to see what it opens, or to finish a set-up.
    EnteredKey(Secret),
    /// The person agreed to the writing that the screen names.
    Agreed,
    /// The person typed these words to agree to something that cannot be undone.
    AgreedWith(String),
    /// The person wants to stop what is under way, or to pause looking further back.
    WantedStop,
    /// The person agreed that superseded versions are deleted.
    AgreedToDelete,
    /// The person goes on.
    WentOn,
    /// The person gave the password as proof, or opened the server's page to give it there, or says that they did.
    GaveProof(Proof),
    /// The person does not give the proof; the engine has to take back what was written.
    Withdrew,
    /// The person wants to try again.
    TriedAgain,
    /// The person wants this page to sign out.
    WantedSignOut,
    /// The person goes to another step between "backup is on" and "you're safe".
    WentTo(Part),
    /// The person made a move in an emoji verification.
    Moved(Move),
    /// The person chose a key file.
    ChoseFile {
        /// Name of the file.
        name: String,
        /// Length of the file, in bytes.
        bytes: u64,
    },
    /// The person gave a file's passphrase.
    GavePassphrase(Secret),
    /// The person wants the page to look further back again.
    WantedFurther,
    /// The person wants the page to look anew, from the newest messages on.
    WantedNewLook,
    /// The person wants the copy saved once more.
    WantedCopy,
    /// The person wants to print the key.
    WantedKit,
    /// The person wants devices of earlier visits removed.
    WantedRemoval,
    /// The time that [`Effect::Wake`] asked for has passed.
    TimePassed,
    /// The person came back to this page, which the browser may have frozen.
    Returned,
    /// The engine sent an event, in this run.
    Engine(Run, Event),
    /// The worker stopped, or never started.
    EngineLost(Problem),
}

impl Input {
    /// Tells whether the person wants another step than the next, which may be an earlier one.
    pub(super) fn leads_back(&self) -> bool {
        matches!(self, Self::WentBack | Self::WentTo(_))
    }
}

/// A thing that the page has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Begin to fetch the engine, unless that has begun: whoever only looks at the first screen does not pay for it.
    FetchEngine,
    /// Look for the homeserver; answered by [`Input::Discovered`].
    Discover(Address),
    /// Narrow the browser's policy to this homeserver, then start the engine's worker.
    LockAndStart(Server),
    /// Send a command to the engine.
    Tell(Run, Command),
    /// Estimate how many guesses the phrase of this [`Command::Judge`] withstands, then send that to the engine.
    Estimate {
        /// The run that the command belongs to.
        run: Run,
        /// The command, still without an estimate.
        judge: Command,
        /// The person's Matrix ID: others know it.
        user_id: String,
    },
    /// Send [`Command::Authorize`] to the engine, with the URL of our `callback.html`.
    Authorize {
        /// The run that the command belongs to.
        run: Run,
        /// Base URL of the homeserver's client API.
        base_url: String,
        /// The page on which the person signs in.
        door: Door,
        /// The Matrix ID that the person entered, or must sign in with again.
        user_id: Option<String>,
    },
    /// Open the server's page in the window that was opened for it.
    ShowPage(WebAddress),
    /// Close that window, if it does not show the server's page yet.
    CloseWindow,
    /// Send the chosen file to the engine in pieces, before any later command.
    SendFile(Run),
    /// Save the file that the engine has sent, with this name, the person and the date in its file name.
    SaveFile {
        /// Beginning of the file name.
        name: &'static str,
        /// The person's Matrix ID.
        user_id: String,
    },
    /// Forget the file that the person chose.
    ForgetChosen,
    /// Forget the file that the engine has sent.
    ForgetMade,
    /// Send [`Input::TimePassed`] after so many milliseconds.
    Wake(u32),
    /// End the worker, and with it everything it holds.
    EndEngine,
    /// Reload the page: only then can the browser's content security policy allow another homeserver.
    Reload,
}
