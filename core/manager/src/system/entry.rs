//! What is known of one configuration, and one manager's copy of it.

use crate::configuration::Configuration;
use crate::connection::Connection;
use crate::key::ConfigurationKey;
use crate::on_demand::OnDemandState;
use crate::secret::SecretReference;

/// What is known of one configuration.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// What is stored; `None`: nothing, if `known`.
    pub stored: Option<Stored>,
    /// The store was asked, and nothing outside has changed it since.
    pub known: bool,
    /// Counts what was stored as far as it was seen here, removals too, so that an old copy is told from a new one.
    pub revision: u64,
    /// The highest generation that a record of it had.
    pub last_generation: u64,
    /// Its tunnel.
    pub connection: Connection,
    /// Its rules at work.
    pub on_demand: OnDemandState,
}

/// What is stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    /// The generation of the record.
    pub generation: u64,
    pub configuration: Configuration,
    pub owned: Vec<SecretReference>,
    pub user_override: bool,
}

impl Entry {
    /// The generation of the next record.
    pub(crate) fn next_generation(&self) -> u64 {
        self.last_generation.saturating_add(1)
    }

    /// Takes over what is stored now. Copies of anything else are stale from here on.
    pub(crate) fn set_stored(&mut self, stored: Option<Stored>) {
        if let Some(stored) = &stored {
            self.last_generation = self.last_generation.max(stored.generation);
        }
        if self.stored != stored {
            self.revision = self.revision.saturating_add(1);
            self.stored = stored;
        }
    }
}

/// A manager's view.
#[derive(Debug)]
pub(crate) struct Copy {
    pub key: ConfigurationKey,
    pub shared: bool,
    pub configuration: Configuration,
    /// The revision it was loaded or saved as; `None`: not loaded.
    pub loaded: Option<u64>,
}

impl Default for Copy {
    fn default() -> Self {
        Self {
            key: ConfigurationKey::Personal { app: String::new() },
            shared: false,
            configuration: Configuration::default(),
            loaded: None,
        }
    }
}
