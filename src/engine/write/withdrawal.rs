//! Takes an order back while the server still waits for its proof.

use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::inspect::Inspection,
        connection::Connection,
        write::orders::{Orders, WithOldKey},
    },
};

/// Puts everything that the order has written back to what it was before, and forgets the order. What another client
/// has changed since stays.
///
/// # Errors
/// [`Problem::OutOfOrder`] if nothing waits for a proof. [`Problem::SomeoneElseIsWriting`] if another identity is
/// published by now, or something could not be taken back. [`Problem::NotAsWritten`]; a request's problem.
pub(in crate::engine) async fn withdraw(
    connection: &Connection,
    orders: &mut Orders,
) -> Result<Inspection, Problem> {
    let set_up = orders.set_up.as_ref().filter(|set_up| set_up.can_be_withdrawn());
    let before = match (set_up, &orders.with_old_key) {
        (Some(set_up), _) => set_up.identity_before(),
        (None, WithOldKey::Repair(repair)) if repair.can_be_withdrawn() => repair.identity_before(),
        (None, _) => return Err(Problem::out_of_order()),
    };
    let before = before.map(ToOwned::to_owned);
    // A proof on the server's page no longer counts.
    orders.challenge.forget();
    let now = Inspection::read(connection).await?;
    // The stored secrets may belong to the identity that is published now: without them nobody could use it.
    if now.account.master_key() != before.as_deref() {
        // A backup version of ours may then be nobody's.
        if let Some(set_up) = &mut orders.set_up {
            set_up.take_back(connection, &orders.journal).await?;
        }
        return Err(Problem::SomeoneElseIsWriting);
    }
    orders.journal.begin_undoing();
    // The backup goes first: while it exists, the key that opens it has to exist.
    if let Some(set_up) = &mut orders.set_up {
        if now.account.backup_untold && set_up.has_asked_for_backup() {
            return Err(Problem::Garbled);
        }
        set_up.remove_backup(connection, now.backup.as_ref()).await?;
    }
    let is_all = orders.journal.put_back(connection, &now.account_data).await?;
    if !is_all {
        return Err(Problem::SomeoneElseIsWriting);
    }
    let now = Inspection::read(connection).await?;
    // An identity published meanwhile may need what is gone: the account is then not as it was.
    if now.account.master_key() != before.as_deref() {
        return Err(Problem::SomeoneElseIsWriting);
    }
    if !orders.journal.undo(&now.account_data).0.is_empty() {
        return Err(Problem::NotAsWritten { part: Part::Secrets });
    }
    orders.journal.forget();
    orders.agreed = None;
    orders.set_up = None;
    if matches!(orders.with_old_key, WithOldKey::Repair(_)) {
        orders.with_old_key = WithOldKey::Nothing;
    }
    Ok(now)
}
