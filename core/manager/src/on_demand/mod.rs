//! VPN On Demand: rules with Apple's names, and their evaluation whenever something changes.
//!
//! Owns the classes ([`OnDemandRule`] and its kinds) and the loop around `adit_profile::ondemand::decide` (`evaluate`):
//! what the rules need to know is asked of the host, then they are asked again. Leaves out the decision itself and what
//! its sources say.
//!
//! When rules are looked at: after a load or a save, on each network change, when an app opens a connection (where the
//! platform tells), on waking, and some time after a tunnel that on demand had started failed. After a failure that will
//! not go away by itself (credentials, the configuration, a permission) nothing is tried until the network or the
//! configuration changes, so that an account is not locked and a phone not kept awake. An app's own stop holds until the network changes or a connection is opened; the user's switch holds until it is turned back.

mod evaluate;
mod rule;

pub(crate) use evaluate::{OnDemandState, Trigger};
pub use rule::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleAction,
    OnDemandRuleInterfaceType, OnDemandRuleKind,
};
