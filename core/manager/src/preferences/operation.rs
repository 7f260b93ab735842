//! The operations of a manager, step by step.

use std::collections::VecDeque;

use adit_ike::time::Instant;

use crate::configuration::Configuration;
use crate::connection::Status;
use crate::error::{EndReason, VpnError, VpnErrorCode};
use crate::event::{Event, Operation};
use crate::key::{ConfigurationKey, ManagerId};
use crate::request::{Answer, Demand};
use crate::secret::{NewSecret, SecretReference, SecretSlot};
use crate::system::{Entry, Purpose, Stored, System};

use super::{RECORD_VERSION, Record};

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
    manager: Option<ManagerId>,
    key: ConfigurationKey,
    operation: Operation,
    step: Step,
    save: Option<Save>,
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
struct Save {
    target: Configuration,
    secrets: VecDeque<NewSecret>,
    /// References made by this save.
    made: Vec<SecretReference>,
    consented: bool,
    user_override: Option<bool>,
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
    fn next_operation(&mut self, now: Instant) {
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

    /// What a save stores: the copy, and what was stored beside it before.
    fn merged(&self, key: &ConfigurationKey, save: &Save) -> Stored {
        let before = self.entries.get(key).and_then(|entry| entry.stored.as_ref());
        let referred = save.target.references();
        let owned = before.map(|stored| stored.owned.clone()).unwrap_or_default();
        let owned = owned.into_iter().chain(save.made.iter().cloned());
        let before_override = before.is_some_and(|stored| stored.user_override);
        Stored {
            generation: self.entries.get(key).map_or(1, Entry::next_generation),
            configuration: save.target.clone(),
            owned: owned.filter(|reference| referred.contains(reference)).collect(),
            user_override: save.user_override.unwrap_or(before_override),
        }
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

    /// Takes over what a load found.
    fn record_read(
        &mut self,
        now: Instant,
        key: &ConfigurationKey,
        record: Option<&[u8]>,
    ) -> Result<(), VpnError> {
        let record = record.map(Record::read).transpose().map_err(|error| read_write(error.to_string()))?;
        let others_enabled = self.entries.iter().any(|(other, entry)| {
            other != key
                && other.is_kind_of(key)
                && entry.stored.as_ref().is_some_and(|stored| excludes(&stored.configuration))
        });
        let Some(entry) = self.entries.get_mut(key) else { return Ok(()) };
        entry.known = true;
        match record {
            None => {
                entry.set_stored(None);
                self.configuration_gone(now, key);
            }
            Some(record) => {
                let mut configuration = record.configuration;
                // One at most is enabled: of two in the store, the one that was known first stays.
                if others_enabled && excludes(&configuration) {
                    configuration.is_enabled = false;
                }
                let enabled = configuration.is_enabled;
                entry.set_stored(Some(Stored {
                    generation: record.generation,
                    configuration,
                    owned: record.owned,
                    user_override: record.user_override,
                }));
                self.configuration_there(now, key, enabled);
            }
        }
        Ok(())
    }

    /// The manager's copy becomes what is stored.
    fn refresh(&mut self, manager: Option<ManagerId>, key: &ConfigurationKey) {
        let (Some(manager), Some(entry)) = (manager, self.entries.get(key)) else { return };
        let stored = entry.stored.as_ref().map(|stored| stored.configuration.clone());
        if let Some(copy) = self.managers.get_mut(&manager) {
            copy.configuration = stored.unwrap_or_default();
            copy.loaded = Some(entry.revision);
        }
    }

    fn saved(&mut self, now: Instant, running: Running) {
        let Running { manager, key, save: Some(save), operation, .. } = running else { return };
        let stored = self.merged(&key, &save);
        let before = self.entries.get(&key).and_then(|entry| entry.stored.as_ref());
        let before = before.map(|stored| stored.owned.clone()).unwrap_or_default();
        let made = save.made.iter().cloned();
        let unused: Vec<SecretReference> =
            before.into_iter().chain(made).filter(|reference| !stored.owned.contains(reference)).collect();
        let enabled = stored.configuration.is_enabled;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.set_stored(Some(stored));
            entry.known = true;
            // Whatever was wrong may be mended.
            entry.on_demand.failed_for_good = false;
        }
        self.refresh(manager, &key);
        self.delete_secrets(unused);
        self.tell(Event::ConfigurationChanged { key: key.clone() });
        self.configuration_there(now, &key, enabled);
        self.completed(manager, operation, Ok(()));
        self.evaluate(now, &key);
        self.next_operation(now);
    }

    fn other_disabled(&mut self, now: Instant, other: &ConfigurationKey) {
        if let Some(entry) = self.entries.get_mut(other) {
            let stored = entry.stored.as_ref().map(|stored| disabled(stored, entry.next_generation()));
            entry.set_stored(stored);
        }
        self.tell(Event::ConfigurationChanged { key: other.clone() });
        self.configuration_there(now, other, false);
    }

    fn removed(&mut self, now: Instant, running: &Running) {
        let key = &running.key;
        let mut owned = Vec::new();
        if let Some(entry) = self.entries.get_mut(key) {
            owned = entry.stored.as_ref().map(|stored| stored.owned.clone()).unwrap_or_default();
            entry.set_stored(None);
        }
        self.refresh(running.manager, key);
        self.delete_secrets(owned);
        self.tell(Event::ConfigurationChanged { key: key.clone() });
        self.configuration_gone(now, key);
        self.succeed(now, running);
    }

    fn delete_secrets(&mut self, references: Vec<SecretReference>) {
        if !references.is_empty() {
            self.ask(Purpose::Nothing, None, Demand::DeleteSecrets { references });
        }
    }

    /// There is a configuration: its connection is at least disconnected, and ends when it is not enabled.
    fn configuration_there(&mut self, now: Instant, key: &ConfigurationKey, enabled: bool) {
        if self.entries.get(key).is_some_and(|entry| entry.connection.status == Status::Invalid) {
            self.set_status(now, key, Status::Disconnected);
        }
        if !enabled {
            self.end(
                now,
                key,
                EndReason::ByConfiguration { why: "the configuration is not enabled any more" },
            );
        }
    }

    /// There is no configuration any more: its tunnel ends, and its connection is invalid.
    fn configuration_gone(&mut self, now: Instant, key: &ConfigurationKey) {
        self.forget_facts(key);
        self.end(now, key, EndReason::ConfigurationRemoved);
        if self.entries.get(key).is_some_and(|entry| entry.connection.status == Status::Disconnected) {
            self.set_status(now, key, Status::Invalid);
        }
    }

    fn succeed(&mut self, now: Instant, running: &Running) {
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

    fn completed(&mut self, manager: Option<ManagerId>, operation: Operation, result: Result<(), VpnError>) {
        if let Some(manager) = manager {
            self.tell(Event::Completed { manager, operation, result });
        }
    }
}

/// Whether an enabled configuration leaves no room for another of its kind.
fn excludes(configuration: &Configuration) -> bool {
    configuration.is_enabled && !configuration.is_per_app()
}

/// The same configuration, not enabled, as the next generation.
fn disabled(stored: &Stored, generation: u64) -> Stored {
    let mut stored = Stored { generation, ..stored.clone() };
    stored.configuration.is_enabled = false;
    stored
}

fn record(stored: &Stored) -> Result<Vec<u8>, VpnError> {
    let record = Record {
        version: RECORD_VERSION,
        generation: stored.generation,
        configuration: stored.configuration.clone(),
        owned: stored.owned.clone(),
        user_override: stored.user_override,
    };
    record.to_bytes().map_err(|error| read_write(format!("the record cannot be written: {error}")))
}

fn read_write(message: impl Into<String>) -> VpnError {
    VpnError::new(VpnErrorCode::ConfigurationReadWriteFailed, message)
}
