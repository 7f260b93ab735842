//! What Apple documents about the keys of a profile: types, presence, defaults, allowed values, versions.
//!
//! Owns the tables (made by `cargo xtask regenerate schema` from the project's fact files, never by hand), the lookups in
//! them, and the vocabulary of systems ([`Platform`], [`Version`], [`Target`]). What follows from a key's value is
//! [`crate::rules`]'. Source: Apple's device-management schema, release [`RELEASE`], with the 27.0 seed's additions.

mod payloads;
mod subtypes;
mod tables;
mod target;
mod version;

pub use payloads::PayloadType;
pub use subtypes::Subtype;
pub use target::Target;
pub use version::{Platform, Version};

/// The release of Apple's schema that the tables say.
pub const RELEASE: &str = "26.4";

/// The type of a key's value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// Any.
    Any,
    /// `<array>`.
    Array,
    /// `<true/>`, `<false/>`.
    Boolean,
    /// `<data>`.
    Data,
    /// `<date>`.
    Date,
    /// `<dict>`.
    Dictionary,
    /// `<integer>`.
    Integer,
    /// `<real>`.
    Real,
    /// `<string>`.
    String,
}

impl Kind {
    /// In words for a message: "a string", "an array".
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Array => "an array",
            Self::Boolean => "a boolean",
            Self::Data => "data",
            Self::Date => "a date",
            Self::Dictionary => "a dictionary",
            Self::Integer => "an integer",
            Self::Real => "a real number",
            Self::String => "a string",
        }
    }
}

/// Which values a key may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allowed {
    /// Any of its type.
    Any,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these numbers.
    Numbers(&'static [i64]),
    /// A number of this range, both ends included.
    Range(i32, i32),
    /// Text of the shape 8-4-4-4-12 letters and digits.
    Uuid,
}

/// Since when a platform knows a key or a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Support {
    /// The facts do not say.
    Unknown,
    /// Never.
    Never,
    /// Since a version, and perhaps deprecated or removed at a later one.
    Since {
        /// The first version that knows it.
        introduced: Version,
        /// The version that deprecated it.
        deprecated: Option<Version>,
        /// The version that removed it.
        removed: Option<Version>,
    },
}

/// One key of a dictionary, or the element of an array, with everything below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Its name; `[]` for the element of an array, `ANY` where any name is taken.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// Whether its dictionary needs it.
    pub required: bool,
    /// The value that a missing key means, as text.
    pub default: Option<&'static str>,
    /// Which values it may have.
    pub allowed: Allowed,
    /// Since when each platform knows it, in the order of [`Platform::ALL`].
    pub support: &'static [Support; 5],
    /// Documented, and read by no system.
    pub dead: bool,
    /// The keys of the dictionary, or the one element of the array; sorted by name.
    pub children: &'static [Key],
}

impl Key {
    /// Since when a platform knows it.
    #[must_use]
    pub fn on(&self, platform: Platform) -> Support {
        let place = Platform::ALL.iter().position(|other| *other == platform).unwrap_or_default();
        self.support.get(place).copied().unwrap_or(Support::Unknown)
    }

    /// A key below it. `ANY` takes every name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&'static Key> {
        find(self.children, name)
    }

    /// Whether it takes keys of any name.
    #[must_use]
    pub fn takes_any_key(&self) -> bool {
        self.kind == Kind::Any || self.children.iter().any(|child| child.name == "ANY")
    }

    /// Whether the key is an integer used as a flag: 0 or 1.
    #[must_use]
    pub fn is_flag(&self) -> bool {
        self.kind == Kind::Integer && self.allowed == Allowed::Numbers(&[0, 1])
    }

    /// What a missing key means on a platform, where the facts say so.
    ///
    /// The one default that differs by platform and by more than a word is a security association's cipher: AES-256-GCM
    /// on tvOS and watchOS.
    #[must_use]
    pub fn default_on(&self, platform: Platform) -> Option<&'static str> {
        let newer = matches!(platform, Platform::Tvos | Platform::Watchos);
        match self.name {
            "EncryptionAlgorithm" if newer => Some("AES-256-GCM"),
            "ExcludeLocalNetworks" => match platform {
                Platform::Macos => Some("0"),
                Platform::Ios => Some("1"),
                _ => self.default,
            },
            _ => self.default,
        }
    }
}

/// The keys of one payload type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PayloadSchema {
    /// `PayloadType`; `TopLevel` for the profile itself, `CommonPayloadKeys` for what every payload has.
    pub payload_type: &'static str,
    /// Its keys, sorted by name.
    pub keys: &'static [Key],
}

impl PayloadSchema {
    /// A key of the payload itself; the common keys count.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        find(self.keys, name).or_else(|| {
            let common = payload("CommonPayloadKeys").filter(|_| self.payload_type != "TopLevel")?;
            find(common.keys, name)
        })
    }

    /// A key by its path inside the payload, such as `IKEv2.OnDemandRules[].Action`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&'static Key> {
        let mut found: Option<&'static Key> = None;
        for part in path.split('.') {
            let (name, mut brackets) =
                part.find('[').and_then(|end| part.split_at_checked(end)).unwrap_or((part, ""));
            if !name.is_empty() {
                found = Some(match found {
                    None => self.key(name)?,
                    Some(key) => key.child(name)?,
                });
            }
            while let Some(rest) = brackets.strip_prefix("[]") {
                found = Some(found?.child("[]")?);
                brackets = rest;
            }
        }
        found
    }
}

/// The schema of a payload type, where there is one.
#[must_use]
pub fn payload(payload_type: &str) -> Option<&'static PayloadSchema> {
    tables::PAYLOADS.iter().find(|schema| schema.payload_type == payload_type)
}

/// The schema of the profile's own keys.
#[must_use]
pub fn top_level() -> Option<&'static PayloadSchema> {
    payload("TopLevel")
}

/// All payload types with a schema.
#[must_use]
pub fn payloads() -> &'static [PayloadSchema] {
    tables::PAYLOADS
}

/// What is known of a payload type, with or without a schema of its keys.
#[must_use]
pub fn payload_type(name: &str) -> Option<&'static PayloadType> {
    tables::PAYLOAD_TYPES.iter().find(|known| known.name == name)
}

/// Every payload type Apple documents.
#[must_use]
pub fn payload_types() -> &'static [PayloadType] {
    tables::PAYLOAD_TYPES
}

/// The VPN apps whose `VPNSubType` is known.
#[must_use]
pub fn subtypes() -> &'static [Subtype] {
    tables::SUBTYPES
}

fn find(keys: &'static [Key], name: &str) -> Option<&'static Key> {
    let exact = keys.binary_search_by(|key| key.name.cmp(name)).ok().and_then(|place| keys.get(place));
    exact.or_else(|| keys.iter().find(|key| key.name == "ANY" && name != "[]"))
}
