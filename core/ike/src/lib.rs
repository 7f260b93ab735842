//! adit-ike
