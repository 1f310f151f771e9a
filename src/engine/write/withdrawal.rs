//! Taking back what was written, while the server still waits for its proof.

use crate::{
    domain::problem::{Part, Problem},
    engine::{account::inspect::Inspection, session::Session},
};

/// Puts everything that the order has written back to what it was before, and forgets the order. What somebody else
/// has changed since stays as they left it.
///
/// # Errors
/// [`Problem::OutOfOrder`] if nothing waits for a proof; [`Problem::SomeoneElseIsWriting`] if another identity is
/// published by now, or something could not be taken back; [`Problem::NotAsWritten`]; the request's problem.
pub(in crate::engine) async fn withdraw(session: &mut Session) -> Result<Inspection, Problem> {
    let set_up = session.set_up.as_ref().filter(|set_up| set_up.can_be_withdrawn());
    let repair = session.repair.as_ref().filter(|repair| repair.can_be_withdrawn());
    let before = match (set_up, repair) {
        (Some(set_up), _) => set_up.identity_before().map(ToOwned::to_owned),
        (None, Some(repair)) => repair.identity_before().map(ToOwned::to_owned),
        (None, None) => return Err(Problem::OutOfOrder),
    };
    // What was done on the server's page counts for nothing any more.
    session.challenge.forget();
    let now = Inspection::read(&session.connection).await?;
    // What is stored belongs to it, then: without the secrets nobody could use it.
    if now.account.master_key() != before.as_deref() {
        // But a backup of ours is nobody's then.
        if let Some(mut set_up) = session.set_up.take() {
            let taken_back = set_up.take_back(session).await;
            session.set_up = Some(set_up);
            taken_back?;
        }
        return Err(Problem::SomeoneElseIsWriting);
    }
    session.journal.begin_undoing();
    // First: as long as it is there, what opens it has to be.
    if let Some(mut set_up) = session.set_up.take() {
        let removed = set_up.remove_backup(session, now.backup.as_ref()).await;
        session.set_up = Some(set_up);
        removed?;
    }
    let is_all = session.journal.put_back(&session.connection, &now.account_data).await?;
    if !is_all {
        return Err(Problem::SomeoneElseIsWriting);
    }
    let now = Inspection::read(&session.connection).await?;
    // One that was published meanwhile may need what is gone: that is not "as it was".
    if now.account.master_key() != before.as_deref() {
        return Err(Problem::SomeoneElseIsWriting);
    }
    if !session.journal.undo(&now.account_data).0.is_empty() {
        return Err(Problem::NotAsWritten { part: Part::Secrets });
    }
    session.journal.forget();
    session.set_up = None;
    session.repair = None;
    Ok(now)
}
