//! `payload`: which VPN of a profile is meant.

use crate::Profile;
use crate::build::Value;
use crate::model::Payload;

use super::failure::Failure;
use super::options::Given;

/// A choice, by place or by UUID.
pub(super) enum Choice {
    /// `PayloadContent[N]`.
    Place(u64),
    /// `PayloadUUID`.
    Uuid(String),
}

impl Choice {
    /// Reads the option.
    pub(super) fn read(given: &mut Given) -> Result<Option<Self>, Failure> {
        let wrong =
            || Failure::at("payload", "`payload` is a place in PayloadContent, from 0, or a PayloadUUID");
        match given.value("payload") {
            None => Ok(None),
            Some(Value::Integer(number)) => {
                u64::try_from(number).map(|place| Some(Self::Place(place))).map_err(|_| wrong())
            }
            Some(Value::String(text)) => Ok(Some(Self::Uuid(text.to_string()))),
            Some(_) => Err(wrong()),
        }
    }

    /// The VPN that is meant.
    pub(super) fn find<'p, 'd>(&self, profile: &'p Profile<'d>) -> Result<&'p Payload<'d>, Failure> {
        let found = match self {
            Self::Place(place) => profile.payloads().iter().find(|payload| payload.index as u64 == *place),
            Self::Uuid(uuid) => profile.payload_with_uuid(uuid),
        };
        match found {
            Some(payload) if payload.is_vpn() => Ok(payload),
            Some(_) => Err(Failure::at("payload", "that payload is no VPN")),
            None => Err(Failure::at("payload", "the profile has no such payload")),
        }
    }
}

/// The VPN that is meant, or the only one; `None` where there is none at all.
pub(super) fn one<'p, 'd>(
    choice: Option<&Choice>,
    profile: &'p Profile<'d>,
) -> Result<Option<&'p Payload<'d>>, Failure> {
    let mut all = profile.vpn_payloads();
    match (choice, all.next(), all.next()) {
        (Some(choice), Some(_), _) => choice.find(profile).map(Some),
        (_, None, _) => Ok(None),
        (None, only, None) => Ok(only),
        (None, _, Some(_)) => {
            Err(Failure::at("payload", "the profile holds several VPNs: say which with `payload`"))
        }
    }
}
