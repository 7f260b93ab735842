//! What the model tells its host, in order: results and notifications.

use adit_ike::time::Instant;

use crate::connection::Status;
use crate::error::{EndReason, VpnError};
use crate::key::{ConfigurationKey, ManagerId};
use crate::request::{Answer, Ask, TunnelId};

/// The name of the notification of [`Event::ConfigurationChanged`].
pub const CONFIGURATION_CHANGE_NOTIFICATION: &str = "NEVPNConfigurationChangeNotification";

/// The name of the notification of [`Event::StatusChanged`].
pub const STATUS_DID_CHANGE_NOTIFICATION: &str = "NEVPNStatusDidChangeNotification";

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An operation of a manager ended: Apple's completion handler.
    Completed {
        /// Whose.
        manager: ManagerId,
        /// Which.
        operation: Operation,
        /// How it ended.
        result: Result<(), VpnError>,
    },
    /// What is stored changed (`NEVPNConfigurationChange`).
    ConfigurationChanged {
        /// Which configuration.
        key: ConfigurationKey,
    },
    /// The status of a connection changed (`NEVPNStatusDidChange`).
    StatusChanged {
        /// Whose.
        key: ConfigurationKey,
        /// The new one.
        status: Status,
    },
    /// The answer to what a tunnel asked, to be handed to it.
    TunnelAnswer {
        /// Which tunnel.
        tunnel: TunnelId,
        /// The tunnel's own number of the question.
        question: u64,
        /// The answer.
        answer: Answer,
    },
    /// What the on-demand rules made of the network, in one sentence.
    OnDemand {
        /// Whose rules.
        key: ConfigurationKey,
        /// The sentence.
        summary: String,
    },
    /// Another tunnel has the default route now; `None`: none of ours.
    DefaultRoute {
        /// Whose it is.
        holder: Option<ConfigurationKey>,
    },
}

/// The operations of a manager that end with a completion.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Operation {
    /// `loadFromPreferences`.
    Load,
    /// `saveToPreferences`.
    Save,
    /// `removeFromPreferences`.
    Remove,
}

/// What whoever runs a tunnel tells of it.
#[derive(Clone, Debug, PartialEq)]
pub enum TunnelEvent {
    /// It is up, again or for the first time.
    Up {
        /// Its routes take everything of a family.
        default_route: bool,
    },
    /// It was lost, and is being made again.
    Reasserting,
    /// It goes by another path now, and is well.
    PathChanged,
    /// It asks something.
    Asks {
        /// Its own number for the question.
        question: u64,
        /// When it gives up waiting.
        deadline: Instant,
        /// What it asks.
        ask: Ask,
    },
    /// It is over; nothing follows.
    Closed(EndReason),
}
