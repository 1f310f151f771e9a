//! Writes under a new recovery key: the first set-up, a change of the key, a new identity.
//!
//! The sequence of writes keeps the account usable. The secrets come first, under a key that the person has
//! kept and entered, before anything exists that they open. The backup comes before the identity, since it
//! can be taken back, unless the server replaces an identity without asking for a proof. The default key, by
//! which other clients find the secrets, comes last, after everything was read back. Until the identity is
//! published, what was there before is as it was. Every task may be run again after a failure.
//!
//! ```text
//! Made ── the person agrees ──▶ Agreed ── nothing has changed ──▶ Writer ── each task ──▶ Proved
//! ```
//!
//! Each state has what is known in it. `Agreed` and `Writer` have no state for each task:
//! [`tasks`](crate::domain::plan::tasks) decides their sequence, it differs between orders, and some are done
//! again.

mod agreed;
mod backup;
mod made;
mod order;
mod publishing;
mod resume;
mod secrets;
mod tasks;
mod version;
mod writer;

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use self::{agreed::Agreed, made::Made, order::Order, writer::Writer};
use crate::{
    domain::{
        handed_over::HandedOver,
        kit::Kit,
        plan::{Action, Task},
        problem::Problem,
        proved::Proved,
        secret::Secret,
    },
    engine::{
        account::{
            backup::BackupVersion, derivation::Derivations, inspect::Inspection, kept::Kept, keyring::Keyring,
        },
        connection::Connection,
        sign_in::{halt::Halt, uia::GivenProof},
        write::{context::Context, identity::NewIdentity, journal::Journal},
    },
    protocol::messages::Event,
};

/// A key that was made for this account, and how far writing under it has come.
pub(in crate::engine) enum SetUp {
    /// Nobody has agreed to write under it.
    Made(Box<Made>),
    /// The person agreed; from here on the account is compared with what they saw.
    Agreed(Box<Agreed>),
    /// The writer has taken over; from here on this key becomes the account's, or is given up.
    Writing(Box<Writer>),
}

impl SetUp {
    /// Makes a new key, from a phrase if there is one (500,000 rounds), and a new backup key. Sends nothing.
    ///
    /// # Errors
    /// [`Problem::EngineStopped`], which cannot happen.
    pub(in crate::engine) async fn new(
        phrase: Option<Secret>,
        derivations: &Derivations,
    ) -> Result<Self, Problem> {
        Ok(Self::Made(Box::new(Made::new(phrase, derivations).await?)))
    }

    /// Settles the order for this key, by what the person saw when they agreed. A second call with the same action
    /// changes nothing.
    ///
    /// # Errors
    /// [`Problem::SomeoneElseIsWriting`] if the account is not one for this action; [`Problem::OutOfOrder`] if another
    /// action was settled, or the account was not looked at.
    pub(in crate::engine) fn begin(
        self,
        action: Action,
        seen: Option<&Inspection>,
        keyring: &mut Keyring,
        handed_over: Option<HandedOver>,
        journal: &Journal,
    ) -> (Self, Result<(), Problem>) {
        let mut made = match self {
            Self::Made(made) => made,
            ordered => {
                let is_this = ordered.order().is_some_and(|order| order.purpose.action() == action);
                return (ordered, if is_this { Ok(()) } else { Err(Problem::out_of_order()) });
            }
        };
        let seen = seen.ok_or(Problem::out_of_order());
        match seen.and_then(|seen| made.order(action, seen, keyring, handed_over)) {
            Ok(order) => {
                journal.forget();
                (Self::Agreed(Box::new(Agreed { made: *made, order })), Ok(()))
            }
            Err(problem) => (Self::Made(made), Err(problem)),
        }
    }

    /// Does the tasks that are left, and tells each one that is done.
    ///
    /// # Errors
    /// The [`Halt`] that stopped it; the next call goes on from there.
    pub(in crate::engine) async fn run(
        self,
        context: &Context<'_>,
        kept_key: &Secret,
        given: &mut GivenProof<'_>,
        tell: &impl Fn(Event),
    ) -> (Self, Result<Proved, Halt>) {
        if let Err(problem) = self.made().require_entered(kept_key) {
            return (self, Err(problem.into()));
        }
        let mut writer = match self {
            Self::Made(_) => return (self, Err(Problem::out_of_order().into())),
            Self::Agreed(agreed) => match agreed.prepare(context).await {
                Ok(prepared) => {
                    tell(Event::TaskDone(Task::CheckUnchanged));
                    Box::new(agreed.begin_writing(prepared))
                }
                Err(problem) => return (Self::Agreed(agreed), Err(problem.into())),
            },
            Self::Writing(mut writer) => match writer.look_again(context.connection).await {
                Ok(()) => writer,
                Err(halt) => return (Self::Writing(writer), Err(halt)),
            },
        };
        let result = writer.run(context, kept_key, given, tell).await;
        (Self::Writing(writer), result)
    }

    /// Forgets what the person agreed to, if nothing of it was begun.
    pub(in crate::engine) fn forget_order(self) -> Self {
        match self {
            Self::Agreed(agreed) => Self::Made(Box::new(agreed.made)),
            other => other,
        }
    }

    fn made(&self) -> &Made {
        match self {
            Self::Made(made) => made,
            Self::Agreed(agreed) => &agreed.made,
            Self::Writing(writer) => &writer.made,
        }
    }

    fn order(&self) -> Option<&Order> {
        match self {
            Self::Made(_) => None,
            Self::Agreed(agreed) => Some(&agreed.order),
            Self::Writing(writer) => Some(&writer.order),
        }
    }

    fn writer(&self) -> Option<&Writer> {
        if let Self::Writing(writer) = self { Some(writer) } else { None }
    }

    fn writer_mut(&mut self) -> Option<&mut Writer> {
        if let Self::Writing(writer) = self { Some(writer) } else { None }
    }

    /// The backup version that this order made or keeps, with the key that opens it.
    pub(in crate::engine) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        let version = match self {
            Self::Made(_) => None,
            Self::Agreed(agreed) => agreed.order.untouched_version(),
            Self::Writing(writer) => writer.version.name(),
        };
        Some((version?.to_owned(), self.made().backup_key.clone()))
    }

    /// Tells whether this visit asked the server for a version.
    pub(in crate::engine) fn has_asked_for_backup(&self) -> bool {
        self.writer().is_some_and(|writer| writer.version.is_asked_for())
    }

    /// The older versions whose keys other devices may still hand over; none unless this order creates a backup.
    pub(in crate::engine) fn awaited(&self) -> Vec<BackupVersion> {
        self.order().map(Order::awaited).unwrap_or_default()
    }

    /// The tasks that are done already.
    pub(in crate::engine) fn done(&self) -> &[Task] {
        self.writer().map_or(&[], |writer| writer.order.progress.done())
    }

    /// The public master key before this order.
    pub(in crate::engine) fn identity_before(&self) -> Option<&str> {
        self.order()?.before.account.master_key()
    }

    /// The identity that this visit made.
    pub(in crate::engine) fn new_identity(&self) -> Option<&NewIdentity> {
        self.writer()?.identity.as_ref()
    }

    /// The new recovery key in its text form, to be shown once.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.made().recovery_key.clone()
    }

    /// The phrase that leads to the new key, if there is one.
    pub(in crate::engine) fn phrase(&self) -> Option<&Secret> {
        self.made().phrase.as_ref()
    }

    /// The new key as one that the person kept.
    pub(in crate::engine) fn kept(&self) -> Kept {
        self.made().kept()
    }

    /// The sheet with the new recovery key.
    pub(in crate::engine) fn kit(&self) -> Kit {
        self.made().kit()
    }

    /// Tells whether the writer has taken over.
    pub(in crate::engine) fn has_begun(&self) -> bool {
        self.writer().is_some()
    }

    /// Tells whether the person has agreed.
    pub(in crate::engine) fn is_ordered(&self) -> bool {
        self.order().is_some()
    }

    /// Tells whether this order has yet to publish an identity; until then it can be taken back.
    pub(in crate::engine) fn can_be_withdrawn(&self) -> bool {
        self.order().is_some_and(Order::can_be_withdrawn)
    }

    /// Tells whether a new identity was made that is not published yet.
    pub(in crate::engine) fn is_about_to_publish(&self) -> bool {
        self.new_identity().is_some() && !self.done().contains(&Task::PublishIdentity)
    }

    /// Takes everything back after a failure, if anything was written: see [`Writer::take_back`].
    ///
    /// # Errors
    /// The request's problem, or [`Problem::NotAsWritten`].
    pub(in crate::engine) async fn take_back(
        &mut self,
        connection: &Connection,
        journal: &Journal,
    ) -> Result<bool, Problem> {
        match self.writer_mut() {
            Some(writer) => writer.take_back(connection, journal).await,
            None => Ok(false),
        }
    }

    /// Deletes the backup version that this visit made, if there is one: see [`Writer::remove_backup`].
    ///
    /// # Errors
    /// The request's problem.
    pub(in crate::engine) async fn remove_backup(
        &mut self,
        connection: &Connection,
        current: Option<&BackupVersion>,
    ) -> Result<(), Problem> {
        match self.writer_mut() {
            Some(writer) => writer.remove_backup(connection, current).await,
            None => Ok(()),
        }
    }
}
