//! The profile's own keys (`Configuration`, and the payload for its removal).

use super::{Keys, SpecError, spec};
use crate::Named;
use crate::build::Value;
use crate::build::material::Material;
use crate::model::keywords;
use crate::syntax::Date;

spec! {
    /// The top level of the profile.
    pub struct ProfileSettings {
        required {
            /// `PayloadDisplayName`: the name that Settings shows.
            name: String,
        }
        optional {
            /// `UserDefinedName`: the connection's name; the profile's when left out.
            connection_name: Option<String>,
            /// `PayloadIdentifier`, in reverse DNS: a profile replaces the installed one of the same identifier. Made
            /// from the seed when left out. The payloads' identifiers begin with it.
            identifier: Option<String>,
            /// `PayloadUUID` of the profile; made from the seed when left out.
            uuid: Option<String>,
            /// `PayloadUUID` of the VPN payload; made from the seed when left out.
            vpn_uuid: Option<String>,
            /// `PayloadOrganization`.
            organization: Option<String>,
            /// `PayloadDescription`.
            description: Option<String>,
            /// `PayloadScope`: for the user or for the system.
            scope: Option<Scope>,
            /// `PayloadRemovalDisallowed`: only a management server may remove it.
            removal_disallowed: Option<bool>,
            /// `RemovalPassword`: asked for before the profile is removed.
            removal_password: Option<Material>,
            /// `RemovalDate`: when it removes itself, as `2027-01-31T12:00:00Z`.
            removal_date: Option<String>,
            /// `DurationUntilRemoval`: seconds after which it removes itself.
            duration_until_removal: Option<f64>,
            /// `PayloadExpirationDate`: when it counts as expired, as `2027-01-31T12:00:00Z`.
            expiration_date: Option<String>,
            /// `TargetDeviceType`: 0 any, 1 iPhone, iPad or iPod, 2 Watch, 3 HomePod, 4 Apple TV, 5 Mac, 6 Vision Pro.
            target_device_type: Option<i64>,
            /// `ConsentText`: shown before it is installed, by language (`default`, `en`, ...).
            consent: Named<String>,
        }
    }
}

keywords! {
    /// `PayloadScope`.
    pub enum Scope {
        /// For the device.
        System = "System",
        /// For the user that installs it.
        User = "User",
    }
}

impl ProfileSettings {
    /// The keys beside type, version, identifier, UUID and content.
    pub(super) fn write(&self) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("PayloadDisplayName", self.name.as_str());
        keys.text("PayloadDescription", self.description.as_ref());
        keys.text("PayloadOrganization", self.organization.as_ref());
        keys.text("PayloadScope", self.scope.map(crate::model::Keyword::word));
        keys.boolean("PayloadRemovalDisallowed", self.removal_disallowed);
        keys.boolean("HasRemovalPasscode", self.removal_password.is_some().then_some(true));
        if let Some(text) = &self.removal_date {
            keys.put("RemovalDate", date("profile.removal-date", text)?);
        }
        if let Some(seconds) = self.duration_until_removal {
            keys.put("DurationUntilRemoval", Value::Real(seconds));
        }
        if let Some(text) = &self.expiration_date {
            keys.put("PayloadExpirationDate", date("profile.expiration-date", text)?);
        }
        keys.integer("TargetDeviceType", self.target_device_type);
        if !self.consent.is_empty() {
            let texts = self.consent.iter().map(|(language, text)| (language.as_str(), text.as_str().into()));
            keys.put("ConsentText", Value::dict(texts));
        }
        Ok(keys)
    }
}

/// `2027-01-31T12:00:00Z`, or a day, which stands for its first second.
fn date(field: &'static str, text: &str) -> Result<Value, SpecError> {
    let read = || {
        let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
        let mut day = day.splitn(3, '-');
        let mut time = time.strip_suffix('Z')?.splitn(3, ':');
        let two = |part: Option<&str>| digits(part, 2)?.parse::<u8>().ok();
        let date = Date {
            year: digits(day.next(), 4)?.parse().ok()?,
            month: two(day.next())?,
            day: two(day.next())?,
            hour: two(time.next())?,
            minute: two(time.next())?,
            second: two(time.next())?,
        };
        date.is_valid().then_some(Value::Date(date))
    };
    read().ok_or_else(|| SpecError::Date { field, text: text.to_owned() })
}

/// A part that is exactly so many digits.
fn digits(part: Option<&str>, count: usize) -> Option<&str> {
    part.filter(|part| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_or_moments_of_the_calendar() {
        let moment = Date { year: 2027, month: 1, day: 31, hour: 12, minute: 30, second: 1 };
        assert_eq!(date("x", "2027-01-31T12:30:01Z"), Ok(Value::Date(moment)));
        let day = Date { hour: 0, minute: 0, second: 0, ..moment };
        assert_eq!(date("x", "2027-01-31"), Ok(Value::Date(day)));
        for text in [
            "",
            "2027",
            "2027-1-31",
            "2027-02-30",
            "2027-01-31T12:30:01",
            "2027-01-31T24:00:00Z",
            "+027-01-31",
            "2027-01-31-1",
            "2027-01-31T1:2:3Z",
        ] {
            assert!(matches!(date("x", text), Err(SpecError::Date { .. })), "{text}");
        }
    }
}
