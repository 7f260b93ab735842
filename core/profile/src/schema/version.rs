//! Apple's platforms and the versions of their systems.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A platform that takes configuration profiles.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// iOS and iPadOS.
    Ios,
    /// macOS.
    Macos,
    /// tvOS.
    Tvos,
    /// watchOS.
    Watchos,
    /// visionOS.
    Visionos,
}

impl Platform {
    /// All of them, in the order of the schema's columns.
    pub const ALL: [Self; 5] = [Self::Ios, Self::Macos, Self::Tvos, Self::Watchos, Self::Visionos];

    /// The name as Apple writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::Macos => "macOS",
            Self::Tvos => "tvOS",
            Self::Watchos => "watchOS",
            Self::Visionos => "visionOS",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        if lower == "ipados" {
            return Ok(Self::Ios);
        }
        Self::ALL.into_iter().find(|platform| platform.name().eq_ignore_ascii_case(&lower)).ok_or_else(|| {
            format!("there is no platform `{text}`: one of ios, ipados, macos, tvos, watchos, visionos")
        })
    }
}

/// The version of a system, such as 26.1 or 10.13.4; missing parts are 0, and none is above 255.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Version {
    /// First part.
    pub major: u8,
    /// Second part.
    pub minor: u8,
    /// Third part.
    pub patch: u8,
}

impl Version {
    /// `major.minor`.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// `major.minor.patch`.
    #[must_use]
    pub const fn with_patch(major: u8, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch == 0 { Ok(()) } else { write!(f, ".{}", self.patch) }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a version such as 26.1");
        let mut parts = [0_u8; 3];
        for (count, part) in text.split('.').enumerate() {
            let place = parts.get_mut(count).ok_or_else(wrong)?;
            *place = part.parse().map_err(|_| wrong())?;
        }
        let [major, minor, patch] = parts;
        Ok(Self { major, minor, patch })
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!("26.1".parse(), Ok(Version::new(26, 1)));
        assert_eq!("26".parse(), Ok(Version::new(26, 0)));
        assert_eq!("10.13.4".parse(), Ok(Version::with_patch(10, 13, 4)));
        assert!(Version::new(10, 9) < Version::new(10, 13));
        assert_eq!(Version::with_patch(10, 13, 4).to_string(), "10.13.4");
        for wrong in ["", "26.", "a", "1.2.3.4", "-1", "99999"] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn platforms_have_their_names() {
        for platform in Platform::ALL {
            assert_eq!(platform.name().parse(), Ok(platform));
        }
        assert_eq!("iPadOS".parse(), Ok(Platform::Ios));
        assert!("android".parse::<Platform>().is_err());
    }
}
