//! Places by name: what was met before, and where it stands in its list.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// One type of map for all who look for repetitions: the standard library's is compiled anew, some kilobytes each, for every
/// other type of key and value, and a web page loads them all.
pub(crate) type ByName<'t> = BTreeMap<Cow<'t, str>, usize>;
