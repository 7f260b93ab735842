//! Values that are one word of a list, such as `AuthenticationMethod`.

/// A type whose values are words of a profile.
pub trait Keyword: Copy + Sized + 'static {
    /// All values, in the order of the documentation.
    const ALL: &'static [Self];

    /// The word, exactly as a profile spells it.
    fn word(self) -> &'static str;

    /// The value for a word; case counts.
    fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }

    /// The value for a word in whatever case.
    fn of_any_case(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word().eq_ignore_ascii_case(word))
    }
}

/// Declares an enum of words with its [`Keyword`] implementation.
macro_rules! keywords {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $crate::build::tree::FromTree for $name {
            fn blank() -> Self {
                let [first, ..] = [$(Self::$variant),*];
                first
            }

            fn fill(&mut self, value: &$crate::build::Value) -> Result<(), $crate::build::Misfit> {
                *self = $crate::build::tree::word(value)?;
                Ok(())
            }
        }

        impl $crate::model::Keyword for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

pub(crate) use keywords;
