//! A system that a profile is meant for.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Platform, Version};

/// A platform, its version, and how the device is managed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Target {
    /// The platform.
    pub platform: Platform,
    /// The version of its system.
    pub version: Version,
    /// The device is supervised.
    pub supervised: bool,
    /// The device is under user enrollment.
    pub user_enrollment: bool,
}

impl Target {
    /// A device that is neither supervised nor under user enrollment.
    #[must_use]
    pub const fn new(platform: Platform, version: Version) -> Self {
        Self { platform, version, supervised: false, user_enrollment: false }
    }

    /// Whether it is this platform at this version or a later one.
    #[must_use]
    pub fn is_at_least(&self, platform: Platform, version: Version) -> bool {
        self.platform == platform && self.version >= version
    }

    /// Whether it is this platform before this version.
    #[must_use]
    pub fn is_before(&self, platform: Platform, version: Version) -> bool {
        self.platform == platform && self.version < version
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.platform, self.version)?;
        match (self.supervised, self.user_enrollment) {
            (false, false) => Ok(()),
            (true, false) => f.write_str(" (supervised)"),
            (false, true) => f.write_str(" (user enrollment)"),
            (true, true) => f.write_str(" (supervised, user enrollment)"),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    /// `ios-26.1`, `macos-15`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (platform, version) = text
            .split_once('-')
            .ok_or_else(|| format!("`{text}` is not a target such as ios-26.1 or macos-15"))?;
        Ok(Self::new(platform.parse()?, version.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_from_text() {
        let target: Target = "ios-26.1".parse().unwrap();
        assert_eq!(target, Target::new(Platform::Ios, Version::new(26, 1)));
        assert_eq!(target.to_string(), "iOS 26.1");
        assert!(target.is_at_least(Platform::Ios, Version::new(26, 0)));
        assert!(!target.is_at_least(Platform::Macos, Version::new(15, 0)));
        assert!(target.is_before(Platform::Ios, Version::new(27, 0)));
        for wrong in ["ios", "ios-", "26.1", "android-15", "ios-x"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
