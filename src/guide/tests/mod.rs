mod back;
mod builders;
mod config;
mod ending;
mod findings;
mod harvest;
mod invariants;
mod orders;
mod report;
mod set_up;
mod sign_in;
mod strategies;
mod unused;
mod verdict;

use proptest::{collection::vec, prelude::*};

use self::{builders::*, strategies::*};
use super::{
    key::compare,
    step::{Entered, write},
    *,
};
use crate::domain::{
    account::{Account, Backup, DEVICE_NAME, Device, Identity, Place, SecretStorage},
    address::{AddressError, BaseUrl},
    coverage::RoomCoverage,
    diagnosis::{Diagnosis, KeyKnown},
    discovery::Server,
    farewell::Farewell,
    handed_over::{HandedBackupKey, HandedOver},
    key_file::{Imported, TakenHome},
    kit::Kit,
    mended::Mended,
    opening::{NotOpened, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
    passphrase::Judgement,
    plan::{SET_UP, Task, tasks},
    problem::Problem,
    proof::{Last, PageKind, Proof, ProofWay, Wanted},
    proved::{Checked, Proved},
    recovery_key::{RecoveryKey, RecoveryKeyError},
    rotation::{OlderVersion, Rotated},
    secret::Secret,
    sign_in::{Door, Ways},
    verification::{CancelReason, Move, Partner, Shown, Verification},
    web_address::WebAddress,
};
