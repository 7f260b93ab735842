//! `--payload`: which VPN of a profile, for every command that works on one.

use std::str::FromStr;

use adit_profile::Profile;
use adit_profile::ikev2::Choice;
use adit_profile::model::Payload;
use clap::Args;

use crate::outcome::Failed;
use crate::term::printable;

/// The choice of a payload.
#[derive(Args, Clone, Debug, Default)]
pub struct PayloadArgs {
    /// Which VPN, where the profile holds several: N as in `PayloadContent[N]`, or its PayloadUUID.
    #[arg(long = "payload", value_name = "N|UUID")]
    which: Option<Which>,
}

/// How a payload is named.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Which {
    /// By its place in `PayloadContent`, from 0.
    Place(usize),
    /// By its `PayloadUUID`.
    Uuid(String),
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            Err("give the payload's place in PayloadContent, from 0, or its PayloadUUID")
        } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
            text.parse().map(Self::Place).map_err(|_| "no profile has so many payloads")
        } else if text.starts_with('-') {
            Err("places are counted from 0")
        } else {
            Ok(Self::Uuid(text.to_owned()))
        }
    }
}

/// How many payloads a message lists.
const LISTED: usize = 20;

impl PayloadArgs {
    /// Whether a payload was named.
    pub fn is_given(&self) -> bool {
        self.which.is_some()
    }

    /// For [`adit_profile::ikev2::requirements`], which chooses among IKEv2 payloads.
    pub fn ikev2(&self) -> Choice<'_> {
        match &self.which {
            None => Choice::Only,
            Some(Which::Place(place)) => Choice::Index(*place),
            Some(Which::Uuid(uuid)) => Choice::Uuid(uuid),
        }
    }

    /// The VPN payload that is meant, of whatever type; without a choice the only one. `name` is the file's.
    ///
    /// A choice that names none, or that is missing where there are several, is wrong usage; a profile without a VPN is
    /// a task that failed.
    pub fn vpn<'p, 'd>(&self, name: &str, profile: &'p Profile<'d>) -> Result<&'p Payload<'d>, Failed> {
        let Some(which) = &self.which else {
            let mut all = profile.vpn_payloads();
            return match (all.next(), all.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(Failed::task(format!("{name} holds no VPN"))),
                (Some(_), Some(_)) => Err(Failed::usage(format!(
                    "{name} holds several VPNs: choose one with --payload\n{}",
                    listed(profile)
                ))),
            };
        };
        let found = match which {
            Which::Place(place) => profile.payloads().iter().find(|payload| payload.index == *place),
            Which::Uuid(uuid) => profile.payload_with_uuid(uuid),
        };
        match found {
            Some(payload) if payload.is_vpn() => Ok(payload),
            Some(payload) => Err(Failed::usage(format!(
                "payload {} of {name} is no VPN but {}\n{}",
                payload.index,
                printable(payload.kind().unwrap_or("without a PayloadType")),
                listed(profile)
            ))),
            None => Err(Failed::usage(format!("{name} has no such payload\n{}", listed(profile)))),
        }
    }
}

/// What a user would call a payload: its name and the type of its VPN.
pub fn title(payload: &Payload<'_>) -> String {
    let name = payload.name().map_or_else(|| "without a name".to_owned(), printable);
    let kind = payload.string("VPNType").map_or_else(|| "no VPNType".to_owned(), printable);
    format!("{name} ({kind}, PayloadContent[{}])", payload.index)
}

/// The VPNs of a profile, one a line.
fn listed(profile: &Profile<'_>) -> String {
    let mut lines: Vec<String> = profile
        .vpn_payloads()
        .take(LISTED)
        .map(|payload| {
            let uuid = payload.string("PayloadUUID").map_or_else(String::new, printable);
            format!("  {:>3}  {uuid:36}  {}", payload.index, title(payload))
        })
        .collect();
    let more = profile.vpn_payloads().count().saturating_sub(LISTED);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    if lines.is_empty() {
        lines.push("  it holds no VPN".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places_and_the_rest_are_uuids() {
        assert_eq!("3".parse(), Ok(Which::Place(3)));
        assert_eq!(" 0 ".parse(), Ok(Which::Place(0)));
        let uuid = "9A3C1E50-0000-4000-8000-000000000001";
        assert_eq!(uuid.parse(), Ok(Which::Uuid(uuid.to_owned())));
        for wrong in ["", "  ", "-1", "99999999999999999999999"] {
            assert!(wrong.parse::<Which>().is_err(), "{wrong}");
        }
    }
}
