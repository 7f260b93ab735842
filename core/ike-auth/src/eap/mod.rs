//! eap
