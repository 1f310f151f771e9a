//! What an administrator's list says of an account has to be what the page's own diagnosis says, but for what a
//! homeserver's administration cannot see.

use matrixbackup::{
    domain::account::Account,
    readiness::{Answers, State, UNSEEN, judge},
};

use crate::support::verifier::run;

/// Compares the state by the server's administration with that by the facts that the page has looked at.
///
/// # Errors
/// Both states, if they differ and the backup version is not the reason.
pub fn agrees(facts: &Account) -> Result<(), String> {
    let told = run("support/accounts/administration.mjs", &[&facts.user_id], "");
    let text = |name: &str| told[name].as_str().unwrap_or_default();
    let answers = Answers {
        user_id: &facts.user_id,
        account_data: text("account_data"),
        keys: text("keys"),
        devices: text("devices"),
    };
    let Ok(judged) = judge(&answers) else {
        return Err("the administration's answers cannot be read".to_owned());
    };
    let (page, list) = (State::of(facts), judged.state);
    // Each pair has the version as its reason: so the version has to be as it says.
    let is_unseen = UNSEEN.iter().any(|(by_page, by_list, _)| (*by_page, *by_list) == (page, list));
    let is_by_version = match page {
        State::Incomplete | State::Nothing => facts.usable_backup().is_none(),
        State::BackupWithoutKey => facts.backup.is_some() || facts.backup_untold,
        State::Ready | State::OptedOut | State::NeverEncrypted => false,
    };
    let apps = facts.apps().count();
    if judged.devices != apps {
        return Err(format!("the list has {} devices, the page {apps}", judged.devices));
    }
    if page == list || is_unseen && is_by_version {
        Ok(())
    } else {
        Err(format!("the list says {list:?}, the page {page:?}"))
    }
}
