//! Helpers of the description: structs with required and optional fields, and dictionaries in the making.

use crate::Named;
use crate::build::Value;
use crate::gather::Gather as _;

/// Declares a struct of the description. Optional fields may be missing when read, and are left out when they have
/// nothing to say; `new` takes the required ones.
macro_rules! spec {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            required { $($(#[$required_doc:meta])* $required:ident: $required_type:ty,)* }
            optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)* }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_doc])* pub $required: $required_type,)*
            $(
                $(#[$optional_doc])*
                #[serde(default, skip_serializing_if = "crate::build::spec::absent")]
                pub $optional: $optional_type,
            )*
        }

        impl $crate::build::tree::FromTree for $name {
            fn blank() -> Self {
                Self {
                    $($required: $crate::build::tree::FromTree::blank(),)*
                    $($optional: Default::default(),)*
                }
            }

            fn fill(&mut self, value: &$crate::build::Value) -> Result<(), $crate::build::Misfit> {
                const REQUIRED: &[&str] = &[$(stringify!($required),)*];
                const NAMES: &[&str] = &[$(stringify!($required),)* $(stringify!($optional),)*];
                let fields: &mut [&mut dyn $crate::build::tree::FromTree] =
                    &mut [$(&mut self.$required,)* $(&mut self.$optional,)*];
                $crate::build::tree::fill(value, NAMES, REQUIRED.len(), fields)
            }
        }

        impl $name {
            /// With the required fields, and nothing else said.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "some have no required field")]
            pub fn new($($required: impl Into<$required_type>),*) -> Self {
                Self { $($required: $required.into(),)* $($optional: Default::default(),)* }
            }
        }
    };
}

pub(crate) use spec;

/// A field that may have nothing to say.
pub trait Absent {
    /// Whether it has nothing to say.
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Absent for Named<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// For serde.
pub fn absent<T: Absent>(value: &T) -> bool {
    value.is_absent()
}

/// A dictionary in the making: a key is written if it has a value.
#[derive(Default)]
pub struct Keys(Vec<(String, Value)>);

impl Keys {
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.push((key.to_owned(), value.into()));
    }

    pub fn text<T: AsRef<str>>(&mut self, key: &str, text: Option<T>) {
        if let Some(text) = text {
            self.put(key, text.as_ref());
        }
    }

    /// An integer 0 or 1, as most flags of VPN payloads are documented.
    pub fn flag(&mut self, key: &str, value: Option<bool>) {
        self.integer(key, value);
    }

    /// `<true/>` or `<false/>`.
    pub fn boolean(&mut self, key: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    pub fn integer(&mut self, key: &str, value: Option<impl Into<i128>>) {
        if let Some(value) = value {
            self.put(key, Value::Integer(value.into()));
        }
    }

    pub fn data(&mut self, key: &str, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            self.put(key, bytes.to_vec());
        }
    }

    /// An array of strings, unless it is empty.
    pub fn list<T: AsRef<str>>(&mut self, key: &str, texts: &[T]) {
        if !texts.is_empty() {
            self.put(key, Value::Array(texts.iter().map(|text| text.as_ref().into()).gather()));
        }
    }

    /// An array of dictionaries, unless it is empty.
    pub fn dicts(&mut self, key: &str, dicts: impl IntoIterator<Item = Keys>) {
        let dicts: Vec<Value> = dicts.into_iter().map(Value::from).gather();
        if !dicts.is_empty() {
            self.put(key, Value::Array(dicts));
        }
    }

    /// A dictionary, unless it is empty.
    pub fn dict(&mut self, key: &str, dict: Keys) {
        if !dict.0.is_empty() {
            self.put(key, dict);
        }
    }

    /// Adds the keys of another dictionary behind these.
    pub fn extend(&mut self, other: Keys) {
        self.0.extend(other.0);
    }
}

impl From<Keys> for Value {
    fn from(keys: Keys) -> Self {
        Self::Dict(keys.0)
    }
}
