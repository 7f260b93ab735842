//! **TESTS ONLY.** Algorithms in name and length only; see [`super::insecure`].

mod cipher;
mod kex;
mod prf;
mod signature;

pub(super) use cipher::CIPHERS;
pub(super) use kex::KEY_EXCHANGES;
pub(super) use prf::PRFS;
pub(super) use signature::{KEY_LOADERS, VERIFIERS};
