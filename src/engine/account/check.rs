//! Opens everything once more, some time after it was written, with what the person kept.

use futures_util::join;
use matrix_sdk::ruma::MilliSecondsSinceUnixEpoch;

use crate::{
    domain::{account::Device, problem::Problem, proved::Checked},
    engine::{
        account::{
            inspect::Inspection,
            keyring::Keyring,
            stale_devices::{self, LeftOver},
            stranger,
        },
        connection::Connection,
        net::optional::optional,
    },
};

/// Reads everything anew and opens it as a new device would. Also looks for devices that earlier visits left.
///
/// # Errors
/// [`Problem::OutOfOrder`] if nothing was made or entered. [`Problem::SomeoneElseIsWriting`] if the default key is
/// another one by now. [`Problem::BackupReplaced`] if the backup is another one. Otherwise the part that does not open.
pub(in crate::engine) async fn check(
    connection: &Connection,
    keyring: &Keyring,
    left_over: &mut LeftOver,
) -> Result<Checked, Problem> {
    let kept = keyring.kept.as_ref().ok_or(Problem::out_of_order())?;
    let (version, backup_key) = keyring.ours.get().ok_or(Problem::out_of_order())?;
    let (seen, found) = join!(
        Inspection::read(connection),
        // Devices of earlier visits do not decide whether everything opens.
        optional(stale_devices::list(connection)),
    );
    let seen = seen?;
    let found = found.unwrap_or_else(|| left_over.told.clone());
    if seen.account_data.default_key() != Some(&kept.key_id) {
        return Err(Problem::SomeoneElseIsWriting);
    }
    let is_ours = seen.backup.as_ref().is_some_and(|backup| {
        backup.facts.version == *version && backup_key.backup_key_matches(&backup.info)
    });
    if !is_ours {
        return Err(Problem::BackupReplaced);
    }
    let devices = found.iter().map(|device_id| stale_devices::describe(device_id, &seen.account.devices));
    let devices = devices.collect::<Vec<Device>>();
    let proved =
        stranger::try_seen(connection, &keyring.derivations, seen, &kept.recovery_key, kept.phrase.as_ref())
            .await?;
    left_over.told = found;
    let at_ms = MilliSecondsSinceUnixEpoch::now().get().into();
    Ok(Checked { proved, at_ms, left_over: devices })
}
