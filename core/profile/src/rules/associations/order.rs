//! What the two rules share that compare the cipher of the IKE SA with that of its Child SAs.

use crate::ikev2::associations;
use crate::model::Keyword;
use crate::rules::prelude::*;

/// Says that the IKE SA's cipher is weaker than its child's, after defaults and inheritance; `None` when it is not, or when a
/// value is unusable.
pub(super) fn weaker_than_child(tunnel: &Tunnel<'_>) -> Option<Finding> {
    const KEY: &str = "EncryptionAlgorithm";
    let both = &tunnel.associations;
    // What inherits is as strong.
    let child_section = tunnel.child.as_ref()?;
    let (ike, child) = (both.ike.weakest_cipher()?, both.child.weakest_cipher()?);
    if ike.strength() >= child.strength() {
        return None;
    }
    let message = format!(
        "the cipher of the IKE SA ({}) is weaker than that of its Child SAs ({})",
        ike.word(),
        child.word()
    );
    let finding = match &tunnel.ike {
        Some(section) => {
            let change = Change::set(section, KEY, child.word());
            let title = format!("give the IKE SA {} too", child.word());
            Finding::value(section, KEY, message).fix(Fix::not_safe(title, change))
        }
        None => Finding::value(&tunnel.settings, associations::IKE, message),
    };
    Some(
        finding
            .related(child_section.span_of(KEY), "the Child SA's cipher")
            .help("the IKE SA hands out the child's keys: give it a cipher at least as strong"),
    )
}
