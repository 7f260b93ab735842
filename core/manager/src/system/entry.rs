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
    /// Counts what is stored, removals too, so that an old copy is told from a new one.
    pub generation: u64,
    /// Its tunnel.
    pub connection: Connection,
    /// Its rules at work.
    pub on_demand: OnDemandState,
}

/// What is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub configuration: Configuration,
    pub owned: Vec<SecretReference>,
    pub user_override: bool,
}

/// A manager's view.
#[derive(Debug)]
pub(crate) struct Copy {
    pub key: ConfigurationKey,
    pub shared: bool,
    pub configuration: Configuration,
    /// The generation it was loaded or saved as; `None`: not loaded.
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
