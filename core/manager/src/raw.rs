//! Enumerations with Apple's raw values.
//!
//! Owns the macro that makes them: the raw value, the Swift name of each case, and the way back. In a stored record a case
//! is its raw value.

/// Makes an enumeration of Apple's API: its name there, and for each case the raw value and the Swift name.
macro_rules! raw_enum {
    ($(#[$meta:meta])* pub enum $name:ident as $apple:literal {
        $($(#[$case_meta:meta])* $case:ident = $raw:literal $swift:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub enum $name {
            $($(#[$case_meta])* $case = $raw,)*
        }

        impl $name {
            /// The name of the type in Apple's API.
            pub const APPLE_NAME: &'static str = $apple;

            /// Every case, by raw value.
            pub const ALL: &'static [Self] = &[$(Self::$case,)*];

            /// Apple's raw value.
            #[must_use]
            pub const fn raw(self) -> i64 {
                self as i64
            }

            /// The case with a raw value; `None` if there is none.
            #[must_use]
            pub const fn from_raw(raw: i64) -> Option<Self> {
                match raw {
                    $($raw => Some(Self::$case),)*
                    _ => None,
                }
            }

            /// The case's name in Swift.
            #[must_use]
            pub const fn swift_name(self) -> &'static str {
                match self {
                    $(Self::$case => $swift,)*
                }
            }
        }

        impl From<$name> for i64 {
            fn from(value: $name) -> i64 {
                value.raw()
            }
        }

        impl TryFrom<i64> for $name {
            type Error = String;

            fn try_from(raw: i64) -> Result<Self, String> {
                Self::from_raw(raw).ok_or_else(|| format!("{} has no case {raw}", $apple))
            }
        }
    };
}

pub(crate) use raw_enum;
