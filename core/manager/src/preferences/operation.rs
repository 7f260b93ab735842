//! The operations of a manager, step by step.

use std::collections::VecDeque;

use adit_ike::time::Instant;

use crate::configuration::Configuration;
use crate::error::{VpnError, VpnErrorCode};
use crate::event::{Event, Operation};
use crate::key::{ConfigurationKey, ManagerId};
use crate::request::{Answer, Demand};
use crate::secret::{NewSecret, SecretReference, SecretSlot};
use crate::system::{Purpose, System};

use super::applied::{disabled, excludes, read_write, record};

/// Operations that may wait at a time.
const MAX_QUEUED: usize = 64;

/// An operation that waits.
#[derive(Debug)]
pub(crate) enum Queued {
    /// A manager's.
    Of(ManagerId, Operation),
    /// The user's switch for on demand is to be stored.
    UserOverride(ConfigurationKey, bool),
}

/// The operation that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// Whose; `None`: the user's own.
    pub(super) manager: Option<ManagerId>,
    pub(super) key: ConfigurationKey,
    pub(super) operation: Operation,
    step: Step,
    pub(super) save: Option<Save>,
}

/// What the running operation waits for.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Load,
    Consent,
    Store(SecretSlot),
    LoadOther(ConfigurationKey),
    DisableOther(ConfigurationKey),
    Save,
    Remove,
}

/// A save under way.
#[derive(Debug)]
pub(super) struct Save {
    pub(super) target: Configuration,
    secrets: VecDeque<NewSecret>,
    /// References made by this save.
    pub(super) made: Vec<SecretReference>,
    consented: bool,
    pub(super) user_override: Option<bool>,
}

impl System {
    /// `loadFromPreferences`: ends with [`Event::Completed`], after which the manager's copy is what is stored.
    ///
    /// # Errors
    /// For a manager that was closed, or when too many operations wait.
    pub fn load(&mut self, now: Instant, manager: ManagerId) -> Result<(), VpnError> {
        self.enqueue(now, manager, Operation::Load)
    }

    /// `saveToPreferences`: ends with [`Event::Completed`].
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn save(&mut self, now: Instant, manager: ManagerId) -> Result<(), VpnError> {
        self.enqueue(now, manager, Operation::Save)
    }

    /// `removeFromPreferences`: ends with [`Event::Completed`]; the tunnel ends, and the secrets stored with it are deleted.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn remove(&mut self, now: Instant, manager: ManagerId) -> Result<(), VpnError> {
        self.enqueue(now, manager, Operation::Remove)
    }

    /// Tells that somebody else changed what is stored: another process, a management server. Copies are stale from now
    /// on.
    pub fn store_changed(&mut self, key: &ConfigurationKey) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.known = false;
            self.tell(Event::ConfigurationChanged { key: key.clone() });
        }
    }

    fn enqueue(&mut self, now: Instant, manager: ManagerId, operation: Operation) -> Result<(), VpnError> {
        self.observe(now);
        if !self.managers.contains_key(&manager) {
            return Err(VpnError::new(VpnErrorCode::ConfigurationUnknown, "this manager was closed"));
        }
        if self.operations.len() >= MAX_QUEUED {
            let message = "too many operations wait: let some complete first";
            return Err(VpnError::new(VpnErrorCode::ConfigurationUnknown, message));
        }
        self.operations.push_back(Queued::Of(manager, operation));
        self.next_operation(now);
        Ok(())
    }

    /// Stores that the user turned on demand off, or on again.
    pub(crate) fn store_user_override(&mut self, now: Instant, key: &ConfigurationKey, off: bool) {
        // The last one counts.
        self.operations.retain(|queued| !matches!(queued, Queued::UserOverride(whose, _) if whose == key));
        self.operations.push_back(Queued::UserOverride(key.clone(), off));
        self.next_operation(now);
    }

    /// Begins what waits, until something has to be asked.
    pub(super) fn next_operation(&mut self, now: Instant) {
        while self.running.is_none() {
            let Some(queued) = self.operations.pop_front() else { return };
            let (manager, operation, key, begun) = match queued {
                Queued::UserOverride(key, off) => {
                    let Some(stored) = self.entries.get(&key).and_then(|entry| entry.stored.as_ref()) else {
                        continue;
                    };
                    let save = Save {
                        target: stored.configuration.clone(),
                        secrets: VecDeque::new(),
                        made: Vec::new(),
                        consented: true,
                        user_override: Some(off),
                    };
                    (None, Operation::Save, key, Ok((Step::Save, Some(save))))
                }
                Queued::Of(manager, operation) => {
                    let Some(copy) = self.managers.get(&manager) else { continue };
                    let key = copy.key.clone();
                    let begun = match operation {
                        Operation::Load => Ok((Step::Load, None)),
                        Operation::Save => self.begin_save(manager, &key),
                        Operation::Remove => self.begin_remove(manager, &key),
                    };
                    (Some(manager), operation, key, begun)
                }
            };
            match begun {
                Err(error) => self.completed(manager, operation, Err(error)),
                Ok((step, save)) => {
                    self.running = Some(Running { manager, key, operation, step, save });
                    self.step(now);
                }
            }
        }
    }

    /// Refuses a copy that was not loaded, or is older than what is stored.
    fn check_fresh(&self, manager: ManagerId, key: &ConfigurationKey) -> Result<(), VpnError> {
        let stale = |message| Err(VpnError::new(VpnErrorCode::ConfigurationStale, message));
        let copy = self.managers.get(&manager);
        let entry = self.entries.get(key);
        match (copy.and_then(|copy| copy.loaded), entry) {
            (None, _) | (_, None) => stale("the configuration was not loaded: load it first"),
            (Some(loaded), Some(entry)) if !entry.known || loaded != entry.revision => {
                stale("what is stored has changed since it was loaded: load it again, then make the change")
            }
            _ => Ok(()),
        }
    }

    fn begin_save(
        &self,
        manager: ManagerId,
        key: &ConfigurationKey,
    ) -> Result<(Step, Option<Save>), VpnError> {
        self.check_fresh(manager, key)?;
        let target = self.managers.get(&manager).map(|copy| copy.configuration.clone()).unwrap_or_default();
        let refused: Vec<String> = target
            .objections()
            .into_iter()
            .filter(|found| found.refused)
            .map(|found| format!("{}: {}", found.property, found.message))
            .collect();
        if !refused.is_empty() {
            return Err(VpnError::new(VpnErrorCode::ConfigurationInvalid, refused.join("; ")));
        }
        let mut target = target;
        let secrets = std::mem::take(&mut target.new_secrets).into();
        let save = Save { target, secrets, made: Vec::new(), consented: false, user_override: None };
        Ok((Step::Consent, Some(save)))
    }

    fn begin_remove(
        &self,
        manager: ManagerId,
        key: &ConfigurationKey,
    ) -> Result<(Step, Option<Save>), VpnError> {
        self.check_fresh(manager, key)?;
        if self.entries.get(key).is_none_or(|entry| entry.stored.is_none()) {
            let message = "there is no stored configuration to remove";
            return Err(VpnError::new(VpnErrorCode::ConfigurationInvalid, message));
        }
        Ok((Step::Remove, None))
    }

    /// Asks for what the running operation needs next, or ends it.
    fn step(&mut self, now: Instant) {
        let Some(mut running) = self.running.take() else { return };
        let key = running.key.clone();
        let demand = match running.operation {
            Operation::Load => Ok(Demand::Load { key }),
            Operation::Remove => Ok(Demand::Remove { key }),
            Operation::Save => match running.save.as_mut() {
                Some(save) => self.next_of_save(&key, save).map(|(step, demand)| {
                    running.step = step;
                    demand
                }),
                None => return,
            },
        };
        match demand {
            Ok(demand) => {
                self.running = Some(running);
                self.ask(Purpose::Operation, None, demand);
            }
            Err(error) => self.fail(now, running, error),
        }
    }

    /// The next request of a save, in the order: consent, secrets, the others, the record itself.
    fn next_of_save(&self, key: &ConfigurationKey, save: &mut Save) -> Result<(Step, Demand), VpnError> {
        let stored = self.entries.get(key).and_then(|entry| entry.stored.as_ref());
        if stored.is_none() && !key.is_managed() && !save.consented {
            let description = save.target.localized_description.clone();
            return Ok((Step::Consent, Demand::Consent { key: key.clone(), description }));
        }
        while let Some(secret) = save.secrets.pop_front() {
            let slot = secret.slot;
            // A proxy's password without a name is not stored, as Apple documents.
            if save.target.protocol_configuration.as_ref().is_some_and(|protocol| protocol.has_place(slot)) {
                return Ok((Step::Store(slot), Demand::StoreSecret { key: key.clone(), secret }));
            }
        }
        if save.target.is_enabled && !save.target.is_per_app() {
            for (other, entry) in
                self.entries.iter().filter(|(other, _)| *other != key && other.is_kind_of(key))
            {
                if !entry.known {
                    return Ok((Step::LoadOther(other.clone()), Demand::Load { key: other.clone() }));
                }
                let Some(theirs) = entry.stored.as_ref().filter(|stored| excludes(&stored.configuration))
                else {
                    continue;
                };
                let replaces = Some(theirs.generation);
                let record = record(&disabled(theirs, entry.next_generation()))?;
                return Ok((
                    Step::DisableOther(other.clone()),
                    Demand::Save { key: other.clone(), record, replaces },
                ));
            }
        }
        let record = record(&self.merged(key, save))?;
        let replaces = stored.map(|stored| stored.generation);
        Ok((Step::Save, Demand::Save { key: key.clone(), record, replaces }))
    }

    /// Goes on with the running operation.
    pub(crate) fn continue_operation(&mut self, now: Instant, answer: Answer) {
        let Some(mut running) = self.running.take() else { return };
        let step = running.step.clone();
        let save = running.save.as_mut();
        let went = match (step, answer, save) {
            (Step::Load, Answer::Record(record), _) => {
                let key = running.key.clone();
                match self.record_read(now, &key, record.as_deref()) {
                    Ok(()) => {
                        self.refresh(running.manager, &key);
                        self.succeed(now, &running);
                        return;
                    }
                    Err(error) => Err(error),
                }
            }
            (Step::LoadOther(other), Answer::Record(record), _) => {
                self.record_read(now, &other, record.as_deref())
            }
            (Step::LoadOther(other), Answer::Failed { reason }, _) => {
                Err(read_write(format!("{other} could not be read, so it cannot be disabled: {reason}")))
            }
            (Step::Consent, Answer::Done, Some(save)) => {
                save.consented = true;
                Ok(())
            }
            (Step::Consent, Answer::Refused { reason }, _) => Err(read_write(format!(
                "permission denied: the user does not allow this app to add a VPN ({reason})"
            ))),
            (Step::Store(slot), Answer::Reference(reference), Some(save)) => {
                save.made.push(reference.clone());
                if let Some(protocol) = save.target.protocol_configuration.as_mut() {
                    protocol.set_reference(slot, reference);
                }
                Ok(())
            }
            (Step::Store(_), Answer::Failed { reason }, _) => {
                Err(read_write(format!("a secret could not be stored: {reason}")))
            }
            (Step::DisableOther(other), Answer::Done, _) => {
                self.other_disabled(now, &other);
                Ok(())
            }
            (Step::DisableOther(other), Answer::Stale, _) => {
                // Somebody changed it meanwhile: read it again.
                if let Some(entry) = self.entries.get_mut(&other) {
                    entry.known = false;
                }
                Ok(())
            }
            (Step::DisableOther(other), Answer::Failed { reason }, _) => {
                Err(read_write(format!("{other} could not be disabled: {reason}")))
            }
            (Step::Save, Answer::Done, Some(_)) => {
                self.saved(now, running);
                return;
            }
            (Step::Save, Answer::Stale, _) => {
                if let Some(entry) = self.entries.get_mut(&running.key) {
                    entry.known = false;
                }
                Err(VpnError::new(
                    VpnErrorCode::ConfigurationStale,
                    "somebody else changed what is stored: load it again, then make the change",
                ))
            }
            (Step::Remove, Answer::Done, _) => {
                self.removed(now, &running);
                return;
            }
            (_, Answer::Failed { reason } | Answer::Refused { reason }, _) => {
                Err(read_write(format!("the store failed: {reason}")))
            }
            _ => Err(VpnError::new(VpnErrorCode::ConfigurationUnknown, "an answer that fits no request")),
        };
        match went {
            Ok(()) => {
                self.running = Some(running);
                self.step(now);
            }
            Err(error) => self.fail(now, running, error),
        }
    }

    pub(super) fn succeed(&mut self, now: Instant, running: &Running) {
        self.completed(running.manager, running.operation, Ok(()));
        let key = running.key.clone();
        self.evaluate(now, &key);
        self.next_operation(now);
    }

    fn fail(&mut self, now: Instant, running: Running, error: VpnError) {
        // What this save stored is referred to by nothing.
        self.delete_secrets(running.save.map(|save| save.made).unwrap_or_default());
        self.completed(running.manager, running.operation, Err(error));
        self.next_operation(now);
    }

    pub(super) fn completed(
        &mut self,
        manager: Option<ManagerId>,
        operation: Operation,
        result: Result<(), VpnError>,
    ) {
        if let Some(manager) = manager {
            self.tell(Event::Completed { manager, operation, result });
        }
    }
}
