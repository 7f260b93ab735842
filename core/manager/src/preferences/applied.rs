//! What becomes of the model when the store has answered.

use adit_ike::time::Instant;

use crate::configuration::Configuration;
use crate::connection::Status;
use crate::error::{EndReason, VpnError, VpnErrorCode};
use crate::event::Event;
use crate::key::{ConfigurationKey, ManagerId};
use crate::request::Demand;
use crate::secret::SecretReference;
use crate::system::{Entry, Purpose, Stored, System};

use super::operation::{Running, Save};
use super::{RECORD_VERSION, Record};

impl System {
    /// What a save stores: the copy, and what was stored beside it before.
    pub(super) fn merged(&self, key: &ConfigurationKey, save: &Save) -> Stored {
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

    /// Takes over what a load found.
    pub(super) fn record_read(
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
    pub(super) fn refresh(&mut self, manager: Option<ManagerId>, key: &ConfigurationKey) {
        let (Some(manager), Some(entry)) = (manager, self.entries.get(key)) else { return };
        let stored = entry.stored.as_ref().map(|stored| stored.configuration.clone());
        if let Some(copy) = self.managers.get_mut(&manager) {
            copy.configuration = stored.unwrap_or_default();
            copy.loaded = Some(entry.revision);
        }
    }

    pub(super) fn saved(&mut self, now: Instant, running: Running) {
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

    pub(super) fn other_disabled(&mut self, now: Instant, other: &ConfigurationKey) {
        if let Some(entry) = self.entries.get_mut(other) {
            let stored = entry.stored.as_ref().map(|stored| disabled(stored, entry.next_generation()));
            entry.set_stored(stored);
        }
        self.tell(Event::ConfigurationChanged { key: other.clone() });
        self.configuration_there(now, other, false);
    }

    pub(super) fn removed(&mut self, now: Instant, running: &Running) {
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

    pub(super) fn delete_secrets(&mut self, references: Vec<SecretReference>) {
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
}

/// Whether an enabled configuration leaves no room for another of its kind.
pub(super) fn excludes(configuration: &Configuration) -> bool {
    configuration.is_enabled && !configuration.is_per_app()
}

/// The same configuration, not enabled, as the next generation.
pub(super) fn disabled(stored: &Stored, generation: u64) -> Stored {
    let mut stored = Stored { generation, ..stored.clone() };
    stored.configuration.is_enabled = false;
    stored
}

pub(super) fn record(stored: &Stored) -> Result<Vec<u8>, VpnError> {
    let record = Record {
        version: RECORD_VERSION,
        generation: stored.generation,
        configuration: stored.configuration.clone(),
        owned: stored.owned.clone(),
        user_override: stored.user_override,
    };
    record.to_bytes().map_err(|error| read_write(format!("the record cannot be written: {error}")))
}

pub(super) fn read_write(message: impl Into<String>) -> VpnError {
    VpnError::new(VpnErrorCode::ConfigurationReadWriteFailed, message)
}
