//! adit-driver
