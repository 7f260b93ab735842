//! The stored record: a configuration as versioned JSON, without secrets.
//!
//! The form is ours and private to this crate; what matters to others is its version and generation, which stand first.

use serde::{Deserialize, Serialize};

use crate::configuration::Configuration;
use crate::secret::SecretReference;

/// The version that is written. An older one is read; a newer one is refused.
pub const RECORD_VERSION: u32 = 1;

/// The largest record that is read, in bytes.
pub const MAX_RECORD_BYTES: usize = 4 * 1024 * 1024;

/// What is stored of one configuration.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// [`RECORD_VERSION`].
    pub version: u32,
    /// Counts the saves of this configuration.
    pub generation: u64,
    /// The configuration.
    pub configuration: Configuration,
    /// References to secrets that were stored through this model, and are deleted with it.
    #[serde(default)]
    pub owned: Vec<SecretReference>,
    /// The user turned on demand off.
    #[serde(default)]
    pub user_override: bool,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    version: u32,
    #[serde(default)]
    generation: u64,
}

/// Why a record cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordError {
    /// Too many bytes.
    #[error("the stored configuration has {length} bytes, more than {MAX_RECORD_BYTES}")]
    TooLarge {
        /// Its length.
        length: usize,
    },
    /// Written by a newer version of this library.
    #[error(
        "the stored configuration has version {found}, this library reads up to {RECORD_VERSION}: update the app, or \
         remove the configuration"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// No record at all, or a damaged one.
    #[error(
        "the stored configuration cannot be read (line {line}, column {column}): remove it and set it up again"
    )]
    Damaged {
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
    },
}

impl Record {
    /// The record as bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// A record from bytes of any origin.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        head(bytes)?;
        serde_json::from_str(text(bytes)?).map_err(|error| damaged(&error))
    }
}

fn head(bytes: &[u8]) -> Result<Head, RecordError> {
    if bytes.len() > MAX_RECORD_BYTES {
        return Err(RecordError::TooLarge { length: bytes.len() });
    }
    let head: Head = serde_json::from_str(text(bytes)?).map_err(|error| damaged(&error))?;
    if head.version > RECORD_VERSION {
        return Err(RecordError::Newer { found: head.version });
    }
    Ok(head)
}

/// Everything here reads JSON from texts: a second reader, for bytes, would make the library 50 KB larger.
fn text(bytes: &[u8]) -> Result<&str, RecordError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let sound = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let last = sound.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        RecordError::Damaged {
            line: sound.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: last.len() + 1,
        }
    })
}

/// The reader's words could quote the record: only the place is told.
fn damaged(error: &serde_json::Error) -> RecordError {
    RecordError::Damaged { line: error.line(), column: error.column() }
}

/// The generation of a stored record, for a host that checks `replaces` before it writes.
///
/// # Errors
/// [`RecordError`].
pub fn generation_of(record: &[u8]) -> Result<u64, RecordError> {
    head(record).map(|head| head.generation)
}
