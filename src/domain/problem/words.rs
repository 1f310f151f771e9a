//! Words each problem for the person: the one file of this folder with sentences in it.

use super::{Part, Problem};
use crate::domain::{address::AddressError, apps::STAY, key_file::KeyFileError};

/// The sentences shown for a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Says what happened.
    pub title: String,
    /// Says what it means.
    pub meaning: String,
    /// Says what to do now.
    pub action: String,
}

impl Problem {
    /// The sentences for this problem. Strings from the server are already cut.
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub fn words(&self) -> Words {
        let (title, meaning, action) = match self {
            Self::NotAnAddress(error) => return address_words(*error),
            Self::UnknownServer { server } => (
                format!("We cannot find a server called {server}."),
                "Either the name has a typing mistake, or the server is down.".to_string(),
                "Check the part after the colon. Your usual app shows it in its settings.".to_string(),
            ),
            Self::ServerUnreachable { host } => (
                format!("{host} does not answer."),
                "Your account's server is down, or your internet connection is.".to_string(),
                "Check your connection, then try again.".to_string(),
            ),
            Self::NoCors { host } => (
                format!("{host} does not let web pages talk to it."),
                "Your server answers, but without the headers that browsers need.".to_string(),
                "Tell its administrator: the Matrix API lacks CORS headers.".to_string(),
            ),
            Self::NotAHomeserver { host } => (
                format!("{host} is not a Matrix server."),
                "Something answers there, but it is not a homeserver.".to_string(),
                "Enter your Matrix ID as your usual app shows it.".to_string(),
            ),
            Self::WellKnownBroken { server } => (
                format!("{server} gives a wrong address for its homeserver."),
                "Its file /.well-known/matrix/client cannot be used.".to_string(),
                "Tell its administrator, or enter the homeserver's https address.".to_string(),
            ),
            Self::NoWayToSignIn { offers } => (
                "This page cannot sign in to this server.".to_string(),
                if offers.is_empty() {
                    "It offers no way to sign in that we can name.".to_string()
                } else {
                    format!("It offers: {}. This page can use none of these.", offers.join(", "))
                },
                "Do it inside Element instead, or ask your administrator.".to_string(),
            ),
            Self::WindowBlocked => (
                "Your browser did not open the window.".to_string(),
                "It stops pages from opening windows. Nothing is wrong with your account.".to_string(),
                "Open it yourself with the link below.".to_string(),
            ),
            Self::NotLetIn { reason } => (
                "Your server's page did not sign you in.".to_string(),
                match reason.as_str() {
                    "" | "access_denied" => {
                        "It was cancelled there, or refused. Nothing was changed.".to_string()
                    }
                    reason => format!("It said “{reason}”. Nothing was changed."),
                },
                "Try again, or ask your server's administrator.".to_string(),
            ),
            Self::StrayAnswer => (
                "An answer came that belongs to another attempt.".to_string(),
                "A window of an earlier attempt may still be open. We did not use its answer.".to_string(),
                "Close that window, and go on in the one that was opened last.".to_string(),
            ),
            Self::AnswerTooLate => (
                "Signing in took too long.".to_string(),
                "What your server's page gave us is not valid any more. Nothing was changed.".to_string(),
                "Sign in again.".to_string(),
            ),
            Self::PageRefused { reason } => (
                "Your server's sign-in does not accept this page.".to_string(),
                match reason.as_str() {
                    "" => "It did not say why. Nothing was changed.".to_string(),
                    reason => format!("It said “{reason}”. Nothing was changed."),
                },
                "Tell your server's administrator, and whoever hosts this page.".to_string(),
            ),
            Self::AnotherAccount { wanted, came, is_left } => (
                "That is another account.".to_string(),
                format!(
                    "You signed in as {came}, not as {wanted}. {}",
                    if *is_left {
                        "We signed out of it; nothing was changed."
                    } else {
                        "Nothing was changed, but we could not sign out of it: remove this page there from the list of devices."
                    }
                ),
                format!("Sign in as {wanted}. The window may still remember the other account."),
            ),
            Self::AnotherDevice { is_left } => (
                "Your server gave this page another device ID than we asked for.".to_string(),
                format!(
                    "With an ID of its own choice, a server could deceive you. {}",
                    if *is_left {
                        "We signed out; nothing was changed."
                    } else {
                        "Nothing was changed, but we could not sign out: remove this page from your devices."
                    }
                ),
                "Tell its administrator. Until that is explained, don't enter a recovery key here."
                    .to_string(),
            ),
            Self::AnotherServer { server } => (
                format!("This page is for accounts at {server} only."),
                "The Matrix ID you entered belongs to another server. Its password was sent nowhere."
                    .to_string(),
                "Enter your account of this server, or ask the other server's administrator.".to_string(),
            ),
            Self::WrongPassword => (
                "The server refused this name and password.".to_string(),
                "Nothing was changed.".to_string(),
                "Check both. It is the password you sign in to your chats with.".to_string(),
            ),
            Self::Deactivated => (
                "This account was deactivated.".to_string(),
                "Nobody can sign in to it any more.".to_string(),
                "Ask your server's administrator.".to_string(),
            ),
            Self::Locked => (
                "This account is locked.".to_string(),
                "The server does not let you use it now.".to_string(),
                "Ask your server's administrator.".to_string(),
            ),
            Self::RateLimited { .. } => (
                "The server asks us to wait.".to_string(),
                "It counted too many attempts. Nothing is wrong with your account.".to_string(),
                "Wait until the countdown ends, then try again.".to_string(),
            ),
            Self::SignedOut => (
                "The server has signed this page out.".to_string(),
                "Its device was removed, or the password changed.".to_string(),
                "Start again and sign in.".to_string(),
            ),
            Self::ProofRefused => (
                "That is not your account password.".to_string(),
                "The server did not accept it. Nothing was published.".to_string(),
                "Enter the password you sign in with, not the security phrase.".to_string(),
            ),
            Self::KeyAsPassword => (
                "That is what opens your backup, not your account password.".to_string(),
                "We did not send it to the server. Nobody but you may have it.".to_string(),
                "Enter the password you sign in to your chats with.".to_string(),
            ),
            Self::TwoRecoveryKeys { beginnings: [one, other] } => (
                "There are two recovery keys in this.".to_string(),
                if one == other {
                    format!("Both begin with {one}. They differ further on.")
                } else {
                    format!("One begins with {one}, the other with {other}.")
                },
                "Enter only one of them. If you don't know which, try the newer one first.".to_string(),
            ),
            Self::KeyFileAsKey => (
                "This is a file of exported keys, not a recovery key.".to_string(),
                "Once your backup is on, you can bring its keys in under “Import keys from a file”."
                    .to_string(),
                "Here, enter your recovery key. It has 48 characters and begins with E.".to_string(),
            ),
            Self::WeakKey => (
                "This recovery key is too weak to store anything under.".to_string(),
                "The app that made it lets its phrase be guessed too fast. Nothing was changed.".to_string(),
                "Keep it, and get a new recovery key instead.".to_string(),
            ),
            Self::ProofUnsupported { stages } => (
                "The server wants a proof that this page cannot give yet.".to_string(),
                if stages.is_empty() {
                    "It does not say which. Your chats and keys are untouched.".to_string()
                } else {
                    format!("It asks for: {}. Your chats and keys are untouched.", stages.join(", "))
                },
                "Ask your server's administrator.".to_string(),
            ),
            Self::Passing { status } => (
                match status {
                    Some(code) => format!("The server had a problem of its own (error {code})."),
                    None => "The server did not answer.".to_string(),
                },
                "The connection or the server is having trouble. This usually passes.".to_string(),
                "Check your connection, then try again. Trying again is safe.".to_string(),
            ),
            Self::Refused { status, errcode } => (
                "The server refused.".to_string(),
                match errcode.as_str() {
                    "" => format!("It answered with error {status}."),
                    errcode => format!("It answered “{errcode}” (error {status})."),
                },
                "Try again. If it stays, copy this for your administrator.".to_string(),
            ),
            Self::Garbled => (
                "We could not understand the server's answer.".to_string(),
                "Something between you and the server may have changed it.".to_string(),
                "Try again, perhaps on another network.".to_string(),
            ),
            Self::SomeoneElseIsWriting => (
                "Your account was changed by another device meanwhile.".to_string(),
                "We stopped, so that nothing of it gets overwritten.".to_string(),
                "Start again: we will look at the account as it is now.".to_string(),
            ),
            Self::Contradicted => (
                "The server gives two different answers about your stored keys.".to_string(),
                "We stopped, so that nothing gets overwritten. It may be answering from an old copy."
                    .to_string(),
                "Start again. If it stays, copy this for your administrator.".to_string(),
            ),
            Self::NotAsWritten { part } => (
                "What the server holds is not what we sent.".to_string(),
                format!("The difference is in {}. Do not rely on this backup.", part.words()),
                [STAY, " Copy this for your administrator."].concat(),
            ),
            Self::KeyNotProved => (
                "The recovery key has not been checked.".to_string(),
                "We write nothing before that. Nothing was changed.".to_string(),
                "Go back and enter the key you saved.".to_string(),
            ),
            Self::BackupReplaced => (
                "The backup was deleted or replaced by another device.".to_string(),
                ["The recovery key you kept may not open the new one. ", STAY].concat(),
                "Start again: we will look at the account as it is now.".to_string(),
            ),
            Self::BackupNotUsed => (
                "The server does not use the new backup.".to_string(),
                "It made one when we asked, and goes on as if it had not. Do not rely on it.".to_string(),
                [STAY, " Copy this for your administrator."].concat(),
            ),
            Self::KeyNotPutBack => (
                "There is no fresh backup, and your old one may not open now.".to_string(),
                "It is all there. But we could not put back its own key, which apps ask for.".to_string(),
                "Try again. Or sign in here later with your recovery key, which puts it back.".to_string(),
            ),
            Self::OpensNothing => (
                "This does not open what is stored in your account.".to_string(),
                "It may belong to another attempt or another account. Nothing was changed.".to_string(),
                "Enter the recovery key or phrase you kept when you started.".to_string(),
            ),
            Self::DoesNotFit => (
                "What this key opens does not fit your account any more.".to_string(),
                "Another device has set up something new since. Nothing was changed.".to_string(),
                ["Keep the key. ", STAY].concat(),
            ),
            Self::KeyFile(error) => return file_words(*error),
            Self::EngineMissing => (
                "A part of this page did not arrive.".to_string(),
                "The encryption engine could not be loaded, or is not the one that belongs here.".to_string(),
                "Reload the page. If it stays, tell whoever hosts it.".to_string(),
            ),
            Self::EngineStopped(_) => (
                "The page stopped to be safe.".to_string(),
                "Its encryption engine hit a defect. Your app and its keys are untouched.".to_string(),
                "Start again. Please tell whoever hosts this page.".to_string(),
            ),
            Self::OutOfOrder(_) => (
                "The page lost its place.".to_string(),
                "So it did nothing.".to_string(),
                "Start again.".to_string(),
            ),
        };
        Words { title, meaning, action }
    }
}

impl Part {
    fn words(self) -> &'static str {
        match self {
            Self::KeyDescription => "the recovery key's description",
            Self::Secrets => "the stored keys",
            Self::Identity => "your digital identity",
            Self::Backup => "the backup",
        }
    }
}

fn address_words(error: AddressError) -> Words {
    let (title, action) = match error {
        AddressError::Empty => ("Enter your Matrix ID.", "It looks like @you:example.org."),
        AddressError::NoServer => (
            "The name of your server is missing.",
            "Add it after a colon: @you:example.org. Your app shows it in its settings.",
        ),
        AddressError::BadServer => {
            ("This is not a server name.", "Check the part after the colon. It looks like example.org.")
        }
        AddressError::BadUser => {
            ("This is not a Matrix ID.", "Check the part before the colon. It looks like @you:example.org.")
        }
        AddressError::Insecure => {
            ("This address is not encrypted.", "Use the address that begins with https.")
        }
        AddressError::Email => {
            ("This is an e-mail address.", "Enter your Matrix ID. It looks like @you:example.org.")
        }
        AddressError::Phone => {
            ("This is a phone number.", "Enter your Matrix ID. It looks like @you:example.org.")
        }
        AddressError::NotAUser => {
            ("This link does not lead to a person.", "Enter your Matrix ID. It looks like @you:example.org.")
        }
    };
    Words { title: title.into(), meaning: String::new(), action: action.into() }
}

fn file_words(error: KeyFileError) -> Words {
    let (title, meaning, action) = match error {
        KeyFileError::NotAnExport => (
            "This is not a file of exported keys.".to_string(),
            "Such a file begins with “BEGIN MEGOLM SESSION DATA”.".to_string(),
            "In your app, look for “Export keys” and choose the file it saves.".to_string(),
        ),
        KeyFileError::RecoveryKey => (
            "This is a recovery key, not a file of exported keys.".to_string(),
            "Keep it. It opens your backup, and no app takes it for such a file.".to_string(),
            "In your app, look for “Export keys” and choose the file it saves.".to_string(),
        ),
        KeyFileError::KeyAsPassphrase => (
            "This is a recovery key. It does not open this file.".to_string(),
            "The file has a passphrase of its own, chosen when it was saved.".to_string(),
            "Enter that passphrase. Capitals and spaces count.".to_string(),
        ),
        KeyFileError::Damaged => (
            "This file is damaged.".to_string(),
            "It begins like exported keys, but a part is missing or changed.".to_string(),
            "Export the keys again, or use another copy of the file.".to_string(),
        ),
        KeyFileError::WrongPassphrase => (
            "The passphrase does not open this file.".to_string(),
            "It is the one that was chosen when the file was saved. Or the file was changed since."
                .to_string(),
            "Check it and try again. Capitals and spaces count.".to_string(),
        ),
        KeyFileError::TooManyRounds { rounds } => (
            "This file was made to keep a computer busy.".to_string(),
            format!("It asks for {rounds} rounds of key derivation. No app does that."),
            "Export the keys again from your own app.".to_string(),
        ),
        KeyFileError::UnknownVersion { version } => (
            "This file is of a kind that we do not know.".to_string(),
            format!("It calls itself version {version}. Apps write version 1."),
            "Export the keys again from your own app.".to_string(),
        ),
        KeyFileError::TooLarge => (
            "This file is too large.".to_string(),
            "We take up to 300 megabytes. That is more than 200,000 keys.".to_string(),
            "Check that you chose the right file.".to_string(),
        ),
        KeyFileError::Empty => (
            "There are no keys in this file.".to_string(),
            "It opens, but the app that made it had nothing to export.".to_string(),
            "Export from the app that can read your old messages.".to_string(),
        ),
        KeyFileError::Unreadable => (
            "Your browser cannot read this file.".to_string(),
            "It was perhaps moved or changed after you chose it.".to_string(),
            "Choose it once more.".to_string(),
        ),
    };
    Words { title, meaning, action }
}
