//! What is wrong with an IKEv2 payload, whoever reads it.

use crate::model::{Ikev2Payload, Payload, Section};
use crate::report::{Code, Diagnostic, Problems, codes};

/// Longest PPK that is taken, in bytes; RFC 8784 asks for at least 32 and names no upper bound.
const LONGEST_PPK: usize = 4096;

/// Judges a VPN payload of type IKEv2 by the rules that hold on every system, and gives its typed keys.
///
/// `None` when the payload has no `IKEv2` dictionary, which `vpn.section-missing` tells.
pub fn judge<'d>(payload: &Payload<'d>, problems: &mut Problems) -> Option<Ikev2Payload<'d>> {
    let ikev2 = Ikev2Payload::read(payload, problems)?;
    post_quantum_psk(&ikev2, problems);
    dead_keys(&ikev2.section, problems);
    Some(ikev2)
}

fn error(section: &Section<'_>, key: &str, code: Code, message: &str, help: &str, problems: &mut Problems) {
    problems.push(section.diagnose(key, code, message).help(help));
}

fn warning(section: &Section<'_>, key: &str, code: Code, message: &str, help: &str, problems: &mut Problems) {
    let diagnostic = Diagnostic::warning(code, section.span_of(key), message);
    problems.push(diagnostic.help(help).at(section.path_of(key)));
}

/// The pre-shared post-quantum key and its name (RFC 8784).
fn post_quantum_psk(ikev2: &Ikev2Payload<'_>, problems: &mut Problems) {
    let section = &ikev2.section;
    for (key, other) in [("PPK", "PPKIdentifier"), ("PPKIdentifier", "PPK")] {
        if section.has(key) && !section.has(other) {
            let message = format!("{key} without {other}");
            error(section, key, codes::PPK_PAIR, &message, "both are needed", problems);
        }
    }
    if ikev2.ppk_identifier.is_some_and(|identifier| identifier.value.is_empty()) {
        error(
            section,
            "PPKIdentifier",
            codes::PPK_PAIR,
            "PPKIdentifier is empty",
            "give the key's name",
            problems,
        );
    }
    let Some(length) = ikev2.ppk.map(|ppk| ppk.value.expose().len()) else { return };
    if length == 0 {
        error(section, "PPK", codes::VALUE_RANGE, "PPK is empty", "give at least 32 random bytes", problems);
    } else if length > LONGEST_PPK {
        let message = format!("PPK is longer than {LONGEST_PPK} bytes");
        error(section, "PPK", codes::VALUE_RANGE, &message, "32 bytes are enough", problems);
    } else if length < 32 {
        let message = "PPK is shorter than 32 bytes";
        let help = "RFC 8784 section 6 asks for 256 bits of randomness";
        warning(section, "PPK", codes::PPK_SHORT, message, help, problems);
    }
}

/// Keys that are documented and do nothing.
fn dead_keys(section: &Section<'_>, problems: &mut Problems) {
    if section.has("Password") {
        let message = "Password speaks of an AuthenticationMethod that IKEv2 does not have";
        let diagnostic = Diagnostic::notice(codes::KEY_DEAD, section.span_of("Password"), message);
        problems.push(diagnostic.help("for EAP use AuthPassword").at(section.path_of("Password")));
    }
}
