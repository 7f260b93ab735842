//! adit-profile
