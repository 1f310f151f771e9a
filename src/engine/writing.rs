//! Carries out what the person agreed to, with the proof that the server may ask for, and takes it back if it fails.

use crate::{
    domain::{
        opening::Likeness,
        passphrase::Estimate,
        plan::Action,
        problem::Problem,
        proof::{Last, Proof},
        secret::Secret,
    },
    engine::{
        Engine,
        account::stale_devices,
        session::Session,
        sign_in::{
            halt::Halt,
            remembered::likeness,
            uia::{self, GivenProof},
        },
        write::{
            context::Context,
            kit,
            orders::{Orders, WithOldKey},
            phrase::{self, Demands},
            repair::Repair,
            rotate::Rotation,
            set_up::SetUp,
            withdrawal,
        },
    },
    protocol::messages::Event,
};

impl Engine {
    /// Judges a phrase by an estimate of how easily it can be guessed. The phrase that the engine proposed
    /// last needs none.
    pub(super) fn judge(
        &mut self,
        number: u32,
        phrase: Secret,
        estimate: Option<Estimate>,
        demands: Demands,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let (last, its_estimate) = &self.estimated;
        let estimate = estimate.or_else(|| (*last == phrase).then(|| its_estimate.clone()));
        let Session { connection, keyring, .. } = self.session()?;
        let judgement =
            phrase::judge(&phrase, estimate.clone(), &keyring.password, &connection.user_id, demands);
        tell(Event::Judged { number, judgement });
        Ok(())
    }

    /// Makes a new recovery key, unless one is being written already.
    pub(super) async fn make_key(
        &mut self,
        phrase: Option<Secret>,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let session = self.session_mut()?;
        if session.orders.set_up.as_ref().is_some_and(SetUp::has_begun) {
            return Err(Problem::out_of_order());
        }
        let set_up = SetUp::new(phrase, &session.keyring.derivations).await?;
        for made in set_up.phrase().into_iter().chain([&set_up.recovery_key()]) {
            session.keyring.remembered.add(made);
        }
        tell(Event::KeyMade(set_up.kit()));
        session.orders.set_up = Some(set_up);
        Ok(())
    }

    /// Tells the sheet with the key of this visit.
    pub(super) async fn show_kit(&self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, keyring, orders, .. } = self.session()?;
        let made = orders.set_up.as_ref().map(SetUp::kit);
        let kit = kit::show(&connection.server, made, keyring.kept.as_ref()).await?;
        tell(Event::Kit(kit));
        Ok(())
    }

    /// Accepts what the person agreed to, and begins it. A proof that was begun for another order no longer counts.
    pub(super) async fn accept_order(
        &mut self,
        action: Action,
        kept_key: Secret,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let orders = &mut self.session_mut()?.orders;
        if orders.agreed.as_ref().is_none_or(|(agreed, _)| *agreed != action) {
            orders.challenge.forget();
        }
        orders.agreed = Some((action, kept_key));
        orders.refused = 0;
        self.write(None, tell).await
    }

    /// Goes on with the order, with the proof that the server asked for.
    pub(super) async fn give_proof(&mut self, proof: Proof, tell: &impl Fn(Event)) -> Result<(), Problem> {
        if let Proof::Password(password) = &proof {
            self.require_no_key(password)?;
        }
        self.write(Some(proof), tell).await
    }

    /// Takes the order back.
    pub(super) async fn withdraw(&mut self, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let Session { connection, orders, .. } = self.session_mut()?;
        let now = withdrawal::withdraw(connection, orders).await?;
        tell(Event::Looked(now.account.clone()));
        self.session_mut()?.inspection = Some(now);
        tell(Event::Withdrawn);
        Ok(())
    }

    /// Deletes older versions whose room keys the fresh backup has.
    pub(super) async fn delete_older(
        &self,
        versions: &[String],
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let Session { connection, orders, .. } = self.session()?;
        let WithOldKey::Rotation(rotation) = &orders.with_old_key else {
            return Err(Problem::out_of_order());
        };
        rotation.delete_older(connection, versions).await?;
        tell(Event::Deleted);
        Ok(())
    }

    /// Signs out the devices that earlier visits left, and checks once more.
    pub(super) async fn remove_left_over(
        &mut self,
        proof: Option<Proof>,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        if let Some(Proof::Password(password)) = &proof {
            self.require_no_key(password)?;
        }
        let (stop, bell) = (self.stop(), self.bell());
        if proof.is_none() {
            let orders = &mut self.session_mut()?.orders;
            orders.refused = 0;
            orders.challenge.forget();
        }
        let mut given = GivenProof { proof, stop: &stop, bell: &bell };
        let Session { connection, orders, left_over, .. } = self.session_mut()?;
        match stale_devices::remove(connection, &orders.challenge, left_over, &mut given).await {
            Ok(()) => self.check(tell).await,
            halted => self.outcome(halted, tell),
        }
    }

    /// Carries out the present order; after a failure, what is left of it.
    async fn write(&mut self, proof: Option<Proof>, tell: &impl Fn(Event)) -> Result<(), Problem> {
        let (stop, bell) = (self.stop(), self.bell());
        let mut given = GivenProof { proof, stop: &stop, bell: &bell };
        let orders = &self.session()?.orders;
        let (action, kept_key) = orders.agreed.clone().ok_or(Problem::KeyNotProved)?;
        if orders.journal.is_undoing() {
            return Err(Problem::out_of_order());
        }
        let result = match action {
            Action::SetUp | Action::Finish | Action::Reset | Action::ChangeKey | Action::AddKey => {
                Box::pin(self.set_up(action, kept_key, &mut given, tell)).await
            }
            Action::Repair => Box::pin(self.repair(&mut given, tell)).await,
            Action::Rotate => Box::pin(self.rotate(tell)).await,
            Action::EnterKey
            | Action::SayKeyLost
            | Action::SayAppLost
            | Action::WantBackup
            | Action::Verify
            | Action::BringKeys
            | Action::Cover
            | Action::End => Err(Problem::out_of_order().into()),
        };
        let outcome = self.outcome(result, tell);
        if let Err(problem) = &outcome
            && matches!(action, Action::SetUp | Action::Finish | Action::Reset)
            && ends_the_order(problem)
        {
            Box::pin(self.take_back(tell)).await;
        }
        outcome
    }

    /// Takes back a set-up that failed before its identity was published: its backup would keep apps from the one that
    /// they use. If that fails, too, nobody needs what is left, and the next visit goes on.
    async fn take_back(&mut self, tell: &impl Fn(Event)) {
        let Some(Session { connection, keyring, orders, .. }) = &mut self.session else { return };
        let Some(set_up) = &mut orders.set_up else { return };
        if set_up.take_back(connection, &orders.journal).await == Ok(true) {
            tell(Event::TakenBack(set_up.done().to_vec()));
        }
        keyring.ours.set(set_up.backup());
    }

    /// Asks the person for the proof if only that is missing. A password is asked for [`uia::ROUNDS`] times at most.
    fn outcome(&mut self, result: Result<(), Halt>, tell: &impl Fn(Event)) -> Result<(), Problem> {
        match result {
            Err(Halt::ProofNeeded(wanted)) => {
                let refused = &mut self.session_mut()?.orders.refused;
                *refused = if wanted.last == Last::Refused { *refused + 1 } else { 0 };
                if *refused == uia::ROUNDS {
                    *refused = 0;
                    return Err(Problem::ProofRefused);
                }
                tell(Event::ProofNeeded(wanted));
                Ok(())
            }
            Err(Halt::Trouble(problem)) => Err(problem),
            Ok(()) => Ok(()),
        }
    }

    async fn set_up(
        &mut self,
        action: Action,
        kept_key: Secret,
        given: &mut GivenProof<'_>,
        tell: &impl Fn(Event),
    ) -> Result<(), Halt> {
        let session = self.session.as_mut().ok_or(Problem::out_of_order())?;
        let mut kept_key = kept_key;
        // Taken out while it runs, since each state leads to the next, and put back whatever happens then.
        let begun = session.orders.set_up.take_if(|set_up| action != Action::Finish || set_up.has_begun());
        let set_up = match begun {
            Some(set_up) => set_up,
            None if action == Action::Finish => {
                // What the account password opens, the homeserver may have stored. No set-up of ours is under it.
                if likeness(&kept_key, &session.keyring.password) != Likeness::Other {
                    return Err(Problem::OpensNothing.into());
                }
                SetUp::resume(&session.connection, &session.keyring.derivations, &kept_key).await?
            }
            None => return Err(Problem::KeyNotProved.into()),
        };
        if action == Action::Finish {
            session.keyring.remembered.add(&kept_key);
            session.keyring.remembered.add(&set_up.recovery_key());
            set_up.done().iter().for_each(|task| tell(Event::TaskDone(*task)));
            kept_key = set_up.recovery_key();
        }
        let handed_over = session.hearing.receiving.came();
        let Session { inspection, keyring, orders, .. } = &mut *session;
        let (set_up, begun) =
            set_up.begin(action, inspection.as_ref(), keyring, handed_over, &orders.journal);
        let (mut set_up, result) = match begun {
            Ok(()) => set_up.run(&session.context(), &kept_key, given, tell).await,
            Err(problem) => (set_up, Err(problem.into())),
        };
        // The account has changed since the person agreed: they have to look and agree again.
        if matches!(result, Err(Halt::Trouble(Problem::SomeoneElseIsWriting))) {
            set_up = set_up.forget_order();
        }
        session.keyring.ours.set(set_up.backup());
        let new_key = set_up.recovery_key();
        let (kept, awaited) = (set_up.kept(), set_up.awaited());
        session.orders.set_up = Some(set_up);
        let proved = result?;
        session.hearing.order_completed(awaited);
        session.keyring.kept = Some(kept);
        if action == Action::ChangeKey {
            // The new key is the one to work with now. If this fails, the next call does only this again.
            Box::pin(self.try_key(&new_key, tell)).await?;
            self.session_mut()?.orders.set_up = None;
            Ok(())
        } else {
            tell(Event::SetUpDone(proved));
            Ok(())
        }
    }

    async fn repair(&mut self, given: &mut GivenProof<'_>, tell: &impl Fn(Event)) -> Result<(), Halt> {
        let Session { connection, inspection, keyring, orders, .. } = self.session_mut()?;
        if !matches!(orders.with_old_key, WithOldKey::Repair(_)) {
            let inspection = inspection.as_ref().ok_or(Problem::out_of_order())?;
            let repair = Repair::new(inspection, keyring, &orders.journal)?;
            orders.with_old_key = WithOldKey::Repair(Box::new(repair));
        }
        let Orders { journal, challenge, with_old_key, .. } = orders;
        let context = Context { connection, journal, challenge, inspection: inspection.as_ref(), keyring };
        let WithOldKey::Repair(repair) = with_old_key else { return Err(Problem::out_of_order().into()) };
        repair.run(&context, given, &|task| tell(Event::TaskDone(task))).await?;
        let key = repair.recovery_key();
        Box::pin(self.try_key(&key, tell)).await?;
        self.session_mut()?.orders.with_old_key = WithOldKey::Nothing;
        Ok(())
    }

    async fn rotate(&mut self, tell: &impl Fn(Event)) -> Result<(), Halt> {
        let stop = self.stop();
        let Session { connection, inspection, keyring, orders, .. } = self.session_mut()?;
        if !matches!(&orders.with_old_key, WithOldKey::Rotation(rotation) if !rotation.is_told) {
            let inspection = inspection.as_ref().ok_or(Problem::out_of_order())?;
            let rotation = Rotation::new(inspection, keyring, &orders.journal)?;
            orders.with_old_key = WithOldKey::Rotation(Box::new(rotation));
        }
        let Orders { journal, challenge, with_old_key, .. } = orders;
        let context = Context { connection, journal, challenge, inspection: inspection.as_ref(), keyring };
        let WithOldKey::Rotation(rotation) = with_old_key else { return Err(Problem::out_of_order().into()) };
        let key = rotation.recovery_key();
        let result = rotation.run(&context, &stop, tell).await;
        if let Some(ours) = rotation.backup() {
            keyring.ours.set(Some(ours));
        }
        match result {
            Ok((proved, rotated)) => {
                self.look(tell).await?;
                tell(Event::Rotated { proved, rotated });
                if let WithOldKey::Rotation(rotation) = &mut self.session_mut()?.orders.with_old_key {
                    rotation.is_told = true;
                }
                Ok(())
            }
            Err(_) if stop.get() => {
                self.session_mut()?.orders.with_old_key = WithOldKey::Nothing;
                Ok(Box::pin(self.try_key(&key, tell)).await?)
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

/// Tells whether the same order would fail again.
fn ends_the_order(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Refused { .. }
            | Problem::BackupNotUsed
            | Problem::NotAsWritten { .. }
            | Problem::SomeoneElseIsWriting
            | Problem::ProofRefused
            | Problem::ProofUnsupported { .. }
    )
}
