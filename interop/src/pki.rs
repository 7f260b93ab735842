//! Certificates for tests: an authority, what it issues, and PKCS#12 files, made with strongSwan's `pki` and OpenSSL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::net::Rig;
use crate::process::output;
use crate::{Error, Result};

/// A kind of key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// RSA with this many bits.
    Rsa(u32),
    /// ECDSA on the NIST curve with this many bits: 256, 384 or 521.
    Ecdsa(u32),
    /// Ed25519.
    Ed25519,
}

/// How long a certificate is valid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// From now on for a year.
    Now,
    /// Since two years ago until a year ago.
    Expired,
}

/// A certificate authority with its own key.
pub struct Authority {
    folder: PathBuf,
    name: String,
    subject: String,
}

/// A certificate and its private key.
pub struct Identity {
    folder: PathBuf,
    name: String,
    subject_name: String,
}

impl Authority {
    /// Makes an authority called `name` with an ECDSA P-256 key; its files go to the rig's folder.
    ///
    /// # Errors
    /// `pki` is not there or fails.
    pub fn new(rig: &Rig, name: &str) -> Result<Self> {
        Self::with_key(rig, name, KeyKind::Ecdsa(256))
    }

    /// The same with a key of another kind: it decides how the certificates are signed.
    ///
    /// # Errors
    /// `pki` is not there or fails.
    pub fn with_key(rig: &Rig, name: &str, key: KeyKind) -> Result<Self> {
        let folder = rig.folder().join("pki");
        fs::create_dir_all(&folder)?;
        let load = "random openssl aes sha1 sha2 pem pkcs1 pkcs8 x509 pubkey gmp curve25519 hmac drbg";
        fs::write(folder.join("strongswan.conf"), format!("pki {{\n  load = {load}\n}}\n"))?;
        let subject = format!("Rig {name}");
        let authority = Self { folder, name: name.to_owned(), subject };
        let key = make_key(&authority.folder, name, key)?;
        let dn = format!("CN={}", authority.subject);
        let certificate =
            pki(&authority.folder, &["--self", "--ca", "--lifetime", "365", "--in", &key, "--dn", &dn])?;
        fs::write(authority.folder.join(format!("{name}.pem")), certificate)?;
        Ok(authority)
    }

    /// The authority's name in files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its common name.
    pub fn common_name(&self) -> &str {
        &self.subject
    }

    /// Its certificate as PEM.
    pub fn certificate_pem(&self) -> String {
        read(&self.folder, &self.name, "pem")
    }

    /// Issues a certificate for a server whose names are `names`; the first is also its common name.
    ///
    /// # Errors
    /// `pki` fails.
    pub fn server(&self, name: &str, key: KeyKind, names: &[&str], validity: Validity) -> Result<Identity> {
        self.issue(name, key, names, &["serverAuth", "ikeIntermediate"], validity)
    }

    /// Issues a certificate for a client with this name, which is its subject alternative name too.
    ///
    /// # Errors
    /// `pki` fails.
    pub fn client(&self, name: &str, key: KeyKind, subject: &str) -> Result<Identity> {
        self.issue(name, key, &[subject], &["clientAuth"], Validity::Now)
    }

    fn issue(
        &self,
        name: &str,
        key: KeyKind,
        names: &[&str],
        usages: &[&str],
        validity: Validity,
    ) -> Result<Identity> {
        let subject_name =
            (*names.first().ok_or_else(|| Error::new("a certificate needs a name"))?).to_owned();
        let key = make_key(&self.folder, name, key)?;
        let public = self.folder.join(format!("{name}.pub"));
        fs::write(&public, pki(&self.folder, &["--pub", "--in", &key])?)?;
        let [public, ca, ca_key] =
            [public, self.folder.join(format!("{}.pem", self.name)), key_path(&self.folder, &self.name)]
                .map(|path| path.display().to_string());
        let dn = format!("CN={subject_name}");
        let mut args = vec!["--issue", "--in", &public, "--cacert", &ca, "--cakey", &ca_key, "--dn", &dn];
        names.iter().for_each(|name| args.extend(["--san", name]));
        usages.iter().for_each(|usage| args.extend(["--flag", usage]));
        let dates;
        match validity {
            Validity::Now => args.extend(["--lifetime", "365"]),
            Validity::Expired => {
                dates = ["-2 years", "-1 year"].map(|when| {
                    let when = format!("--date={when}");
                    output(Command::new("date").args(["--utc", &when, "+%Y%m%d"])).unwrap_or_default()
                });
                let [from, to] = &dates;
                args.extend(["--dateform", "%Y%m%d", "--not-before", from.trim(), "--not-after", to.trim()]);
            }
        }
        fs::write(self.folder.join(format!("{name}.pem")), pki(&self.folder, &args)?)?;
        Ok(Identity { folder: self.folder.clone(), name: name.to_owned(), subject_name })
    }
}

impl Identity {
    /// Its name in files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name it was issued for.
    pub fn subject_name(&self) -> &str {
        &self.subject_name
    }

    /// The certificate as PEM.
    pub fn certificate_pem(&self) -> String {
        read(&self.folder, &self.name, "pem")
    }

    /// The private key as PEM.
    pub fn key_pem(&self) -> String {
        read(&self.folder, &self.name, "key")
    }

    /// The private key as PEM in PKCS#8, the form every program reads.
    ///
    /// # Errors
    /// OpenSSL is not there or fails.
    pub fn key_pkcs8_pem(&self) -> Result<String> {
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs8", "-topk8", "-nocrypt", "-in"]).arg(key_path(&self.folder, &self.name));
        output(&mut openssl)
    }

    /// Certificate and key as a PKCS#12 file, as OpenSSL 3 writes it (AES-256-CBC).
    ///
    /// # Errors
    /// OpenSSL is not there or fails.
    pub fn pkcs12(&self, password: &str) -> Result<Vec<u8>> {
        let [key, certificate, file] =
            ["key", "pem", "p12"].map(|end| self.folder.join(format!("{}.{end}", self.name)));
        let mut openssl = Command::new("openssl");
        openssl.args(["pkcs12", "-export", "-name", &self.name, "-passout", &format!("pass:{password}")]);
        output(openssl.arg("-inkey").arg(key).arg("-in").arg(certificate).arg("-out").arg(&file))?;
        Ok(fs::read(file)?)
    }
}

fn make_key(folder: &Path, name: &str, kind: KeyKind) -> Result<String> {
    let (kind, size) = match kind {
        KeyKind::Rsa(bits) => ("rsa", Some(bits.to_string())),
        KeyKind::Ecdsa(bits) => ("ecdsa", Some(bits.to_string())),
        KeyKind::Ed25519 => ("ed25519", None),
    };
    let mut args = vec!["--gen", "--type", kind];
    if let Some(size) = &size {
        args.extend(["--size", size]);
    }
    let path = key_path(folder, name);
    fs::write(&path, pki(folder, &args)?)?;
    Ok(path.display().to_string())
}

fn key_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.key"))
}

fn pki(folder: &Path, args: &[&str]) -> Result<String> {
    let mut command = Command::new("pki");
    output(
        command.env("STRONGSWAN_CONF", folder.join("strongswan.conf")).args(args).args(["--outform", "pem"]),
    )
}

fn read(folder: &Path, name: &str, end: &str) -> String {
    fs::read_to_string(folder.join(format!("{name}.{end}"))).unwrap_or_default()
}
