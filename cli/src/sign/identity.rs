//! The signer's key and certificates, from the files the user names.

use std::path::Path;

use adit_profile::Secret;
use adit_profile::certificate::pkcs12::{self, Pkcs12Error};
use adit_profile::certificate::{PrivateKeyError, read_certificates, read_private_key};
use zeroize::Zeroizing;

use super::SignArgs;
use crate::input;
use crate::outcome::Failed;

/// A private key with its certificates.
pub struct Identity {
    /// DER, in whatever form the file had it.
    pub private_key: Secret,
    /// DER, the key's own first.
    pub certificates: Vec<Vec<u8>>,
}

/// Reads what the arguments name.
pub fn load(args: &SignArgs) -> Result<Identity, Failed> {
    let mut identity = match (&args.p12, &args.key, &args.cert) {
        (Some(file), ..) => from_pkcs12(args, file)?,
        (None, Some(key), Some(cert)) => {
            Identity { private_key: private_key(args, key)?, certificates: certificates(cert)? }
        }
        _ => return Err(Failed::usage("give --key and --cert, or --p12")),
    };
    for file in &args.chain {
        identity.certificates.extend(certificates(file)?);
    }
    Ok(identity)
}

fn certificates(file: &Path) -> Result<Vec<Vec<u8>>, Failed> {
    let bytes = input::read(file)?;
    let found = read_certificates(&bytes);
    found.map(|found| found.der).map_err(|error| Failed::usage(format!("{}: {error}", input::name(file))))
}

fn private_key(args: &SignArgs, file: &Path) -> Result<Secret, Failed> {
    let bytes = input::read(file)?;
    let refused = |error: PrivateKeyError| Failed::usage(format!("{}: {error}", input::name(file)));
    match read_private_key(&bytes, None) {
        Err(PrivateKeyError::NeedsPassword) => {
            read_private_key(&bytes, Some(&password(args, file)?)).map_err(refused)
        }
        other => other.map_err(refused),
    }
}

fn from_pkcs12(args: &SignArgs, file: &Path) -> Result<Identity, Failed> {
    let bytes = input::read(file)?;
    let refused = |error: Pkcs12Error| Failed::usage(format!("{}: {error}", input::name(file)));
    let opened = match (&args.password_file, pkcs12::open(&bytes, "")) {
        // No password, or an empty one: nothing to ask for.
        (None, Err(Pkcs12Error::WrongPassword)) | (Some(_), _) => {
            pkcs12::open(&bytes, &password(args, file)?)
        }
        (None, opened) => opened,
    };
    let opened = opened.map_err(refused)?;
    Ok(Identity { private_key: opened.private_key, certificates: opened.chain })
}

fn password(args: &SignArgs, file: &Path) -> Result<Zeroizing<String>, Failed> {
    match &args.password_file {
        Some(path) => adit_driver::terminal::read_password_file(path).map_err(Failed::usage),
        None => {
            let prompt = format!("Password for {}: ", input::name(file));
            adit_driver::terminal::read_password(&prompt).map_err(Failed::usage)
        }
    }
}
