//! adit-esp
