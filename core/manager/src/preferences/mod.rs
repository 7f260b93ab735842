//! Load, save and remove: what is stored of a configuration, and what a change of one does to the others.
//!
//! Owns the stored record (`record`), the operations (`operation`), of which one runs at a time, in the order they were asked
//! for, and what their answers change (`applied`). Apple's semantics, each with a test of its name in `tests/preferences.rs`:
//!
//! * A load without a record gives an empty configuration.
//! * A save or a remove of a copy that was never loaded, or that is older than what is stored, fails with
//!   `configurationStale`. After a save the copy is fresh; Apple's quirk of having to load again after the first save is
//!   left out.
//! * The first save of an app's own configuration asks the user's consent; a refusal is
//!   `configurationReadWriteFailed`, as on iOS. A managed one was consented to when its profile was installed.
//! * A configuration that is not valid is refused with `configurationInvalid` and all reasons.
//! * Saving one that is enabled disables the others of its kind, first of all, and ends their tunnels.
//!   There may be one app's own and one managed configuration enabled; per-app ones count for themselves.
//! * A record of a newer version, or a damaged one, is `configurationReadWriteFailed`, and nothing is overwritten.

mod applied;
mod operation;
mod record;

pub(crate) use operation::{Queued, Running};
pub(crate) use record::Record;
pub use record::{MAX_RECORD_BYTES, RECORD_VERSION, RecordError, generation_of};
