//! `adit sign`: puts a profile into CMS signed data.

mod identity;

use std::path::{Path, PathBuf};

use adit_crypto::{EcdsaEncoding, HashId, SignatureScheme, default_provider};
use adit_profile::certificate::{KeyKind, inspect};
use adit_profile::cms::build::{BuildError, Scheme, Unsigned};
use adit_profile::syntax::Date;
use adit_profile::{Document, Severity};
use clap::Args;

use crate::outcome::Failed;
use crate::{input, output, signature, term};

/// What `--help` shows at its end.
pub const EXAMPLES: &str = "\
Writes CMS signed data in DER around the profile, as devices take it: SHA-256, signing time, the certificates given. A
profile that is malformed is not signed. Keys: RSA, ECDSA (P-256, P-384, P-521), Ed25519, in PEM or DER, encrypted or
not; or key and certificates from one PKCS#12 file. Certificates may stand in one file, the signer's first.

Examples:
  adit sign office.mobileconfig --key signer.key --cert signer.pem --chain intermediate.pem
  adit sign office.mobileconfig --p12 signer.p12 --password-file secret.txt --output signed.mobileconfig
  adit sign old-signed.mobileconfig --resign --key signer.key --cert fullchain.pem --output new-signed.mobileconfig

Without --output the result is written beside the profile, as NAME-signed.mobileconfig.

Exit codes: 0 signed, 1 not signed (the message says why and what to do), 2 wrong usage or an unreadable file.";

/// `adit sign`.
#[derive(Args, Debug)]
pub struct SignArgs {
    /// The profile; - is standard input.
    pub file: PathBuf,
    /// The signer's private key.
    #[arg(long, value_name = "FILE", required_unless_present = "p12", requires = "cert")]
    pub key: Option<PathBuf>,
    /// The signer's certificate; its issuers may follow it in the same file.
    #[arg(long, value_name = "FILE", required_unless_present = "p12", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Certificates of the issuers, so that devices can build the chain; may be given more than once.
    #[arg(long, value_name = "FILE")]
    pub chain: Vec<PathBuf>,
    /// A PKCS#12 file with key and certificates, instead of --key and --cert.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "cert"])]
    pub p12: Option<PathBuf>,
    /// File with the password of the key or the PKCS#12 file in its first line. Without it the password is asked for
    /// where one is needed.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Where to write the signed profile; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the output file if it exists.
    #[arg(long)]
    pub force: bool,
    /// Take the profile out of the signature it has, and sign it anew.
    #[arg(long)]
    pub resign: bool,
}

/// Runs the command.
pub fn run(args: &SignArgs) -> Result<(), Failed> {
    let name = input::name(&args.file);
    let bytes = input::read(&args.file)?;
    let document = Document::read(&bytes);
    check(&name, &document, args.resign)?;
    let target = target(args)?;
    let identity = identity::load(args)?;
    let now = signature::now();
    let signer = identity.certificates.first().map(|der| inspect(der)).transpose();
    let signer = signer.map_err(Failed::usage)?.ok_or_else(|| Failed::usage("there is no certificate"))?;
    let signing_time = date(now).ok_or_else(|| Failed::task("this machine's clock is beyond reason"))?;
    let unsigned = Unsigned::new(document.content(&bytes), &identity.certificates, signing_time)
        .map_err(Failed::usage)?;
    let provider = default_provider();
    let key = provider
        .load_private_key(identity.private_key.expose())
        .map_err(|error| Failed::usage(format!("the private key cannot be used: {error}")))?;
    if key.public_key() != signer.public_key_info.as_slice() {
        return Err(Failed::Usage(format!(
            "the private key is not that of the certificate of {}: give the certificate of this key first",
            signer.subject_text
        )));
    }
    let scheme = match unsigned.scheme() {
        Scheme::RsaSha256 => SignatureScheme::RsaPkcs1(HashId::SHA2_256),
        Scheme::EcdsaSha256 => SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der),
        Scheme::Ed25519 => SignatureScheme::Ed25519,
    };
    let signature = key.sign(scheme, &unsigned.to_be_signed(), provider.random).map_err(Failed::task)?;
    let cms = unsigned.finish(&signature).map_err(|error: BuildError| Failed::task(error))?;
    output::write(&target, &cms, args.force)?;
    if target != Path::new("-") {
        term::line(&format!("wrote {}", target.display()));
    }
    let signed = Document::read(&cms);
    for line in signature::lines(signed.signed(), now) {
        term::note(&line);
    }
    if signer.key_kind == KeyKind::Ed25519 {
        term::warn("Apple's systems are not known to take signatures with Ed25519: use RSA or ECDSA");
    }
    Ok(())
}

/// Only a sound, unsigned profile is signed.
fn check(name: &str, document: &Document, resign: bool) -> Result<(), Failed> {
    if document.signed().is_some() && !resign {
        return Err(Failed::Task {
            why: format!("{name} is signed already"),
            advice: "--resign takes the profile out of that signature and signs it anew".to_owned(),
        });
    }
    let problems = document.problems().as_slice();
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) if !document.format().is_read() => {
            Err(Failed::usage(format!("{name}: {}", problem.message)))
        }
        Some(problem) => Err(Failed::Task {
            why: format!("{name} is malformed and not signed: {}", problem.message),
            advice: format!("`adit validate {name}` says where"),
        }),
        None => Ok(()),
    }
}

/// Where the result goes.
fn target(args: &SignArgs) -> Result<PathBuf, Failed> {
    match &args.output {
        Some(path) => Ok(path.clone()),
        None if args.file == Path::new("-") => {
            Err(Failed::usage("a profile from standard input needs --output (- is standard output)"))
        }
        None => {
            let mut name = args.file.file_stem().unwrap_or_default().to_owned();
            name.push("-signed.mobileconfig");
            Ok(args.file.with_file_name(name))
        }
    }
}

/// Seconds since 1970 as a date.
fn date(seconds: i64) -> Option<Date> {
    /// From 1970 to 2001.
    const EPOCHS: i64 = 978_307_200;
    // Exact for millions of years.
    #[allow(clippy::cast_precision_loss)]
    let since_2001 = seconds.checked_sub(EPOCHS)? as f64;
    Date::from_seconds_since_2001(since_2001)
}
