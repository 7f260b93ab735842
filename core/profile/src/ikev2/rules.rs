//! What is wrong with an IKEv2 payload, whoever reads it.

use crate::model::{Ikev2Payload, Payload, Section};
use crate::report::{Diagnostic, Problems, codes};

/// Judges a VPN payload of type IKEv2 by the rules that hold on every system, and gives its typed keys.
///
/// `None` when the payload has no `IKEv2` dictionary, which `vpn.section-missing` tells.
pub fn judge<'d>(payload: &Payload<'d>, problems: &mut Problems) -> Option<Ikev2Payload<'d>> {
    let ikev2 = Ikev2Payload::read(payload, problems)?;
    dead_keys(&ikev2.section, problems);
    Some(ikev2)
}

/// Keys that are documented and do nothing.
fn dead_keys(section: &Section<'_>, problems: &mut Problems) {
    if section.has("Password") {
        let message = "Password speaks of an AuthenticationMethod that IKEv2 does not have";
        let diagnostic = Diagnostic::notice(codes::KEY_DEAD, section.span_of("Password"), message);
        problems.push(diagnostic.help("for EAP use AuthPassword").at(section.path_of("Password")));
    }
}
