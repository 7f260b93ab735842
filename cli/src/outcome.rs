//! How a command ends: its exit code and what it says.

use std::fmt::Display;
use std::process::ExitCode;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failed {
    /// Exit code 1: it was tried and failed. Says why and, perhaps, what to do.
    Task {
        /// Why.
        why: String,
        /// What to do about it, and who; perhaps empty.
        advice: String,
    },
    /// Exit code 2: wrong usage, or a file that cannot be read.
    Usage(String),
    /// Exit code 1, everything is said already.
    Said,
    /// Exit code 2, everything is said already.
    SaidUnreadable,
}

impl Failed {
    /// It was tried and failed.
    pub fn task(why: impl Display) -> Self {
        Self::Task { why: why.to_string(), advice: String::new() }
    }

    /// Wrong usage, or a file that cannot be read.
    pub fn usage(why: impl Display) -> Self {
        Self::Usage(why.to_string())
    }

    /// The same with exit code 1, for a command that has no input of the user's to complain about.
    pub fn into_task(self) -> Self {
        match self {
            Self::Usage(why) => Self::task(why),
            Self::SaidUnreadable => Self::Said,
            other => other,
        }
    }

    /// Why, and what to do about it; empty if everything is said already.
    pub fn why(&self) -> String {
        match self {
            Self::Task { why, advice } if !advice.is_empty() => format!("{why}. {advice}"),
            Self::Task { why, .. } | Self::Usage(why) => why.clone(),
            Self::Said | Self::SaidUnreadable => String::new(),
        }
    }

    /// Says why on standard error and gives the exit code.
    pub fn exit(self) -> ExitCode {
        match self {
            Self::Task { why, advice } => {
                crate::term::error(&why, &advice);
                ExitCode::from(1)
            }
            Self::Usage(why) => {
                crate::term::error(&why, "");
                ExitCode::from(2)
            }
            Self::Said => ExitCode::from(1),
            Self::SaidUnreadable => ExitCode::from(2),
        }
    }
}
