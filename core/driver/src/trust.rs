//! The system's trust anchors.
//!
//! Owns [`system_anchors`]: reads the CA bundle a Linux distribution installs, for profiles that bring no
//! anchor of their own. Leaves out judging a chain (the engine does, with these as anchors), and the
//! stores of Apple's systems and Android, which are reached through the host application.
//!
//! Sources: RFC 7468 (PEM).

use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where distributions keep the bundle: Debian, Fedora, openSUSE, Alpine, FreeBSD's ports.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// Where they keep one file for each anchor.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// Bytes read of one file at most. Debian's bundle has 220 KiB.
const MAX_FILE: u64 = 8 << 20;
/// Files read of one folder at most.
const MAX_FILES: usize = 4096;
/// Anchors kept at most.
const MAX_ANCHORS: usize = 2048;
/// Bytes of one certificate at most.
const MAX_CERTIFICATE: usize = 64 << 10;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Why there are no anchors.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// None of the usual places exists.
    #[error(
        "no trust store found: install the package ca-certificates, set SSL_CERT_FILE, or put the CA certificate in the profile"
    )]
    NotFound,
    /// A place exists but cannot be read.
    #[error("cannot read the trust store {}: {cause}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The system's explanation.
        cause: io::Error,
    },
    /// A place was read and holds no certificate.
    #[error("the trust store {} holds no certificate in PEM form", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
    },
}

/// The system's anchors as DER certificates, without duplicates, not checked for validity. Looks at the
/// environment's `SSL_CERT_FILE` and `SSL_CERT_DIR` first (as OpenSSL does), then at the usual places.
///
/// # Errors
/// [`TrustError`].
pub fn system_anchors() -> Result<Vec<Vec<u8>>, TrustError> {
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        if let Some(path) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
            return anchors_at(Path::new(&path));
        }
    }
    let places = BUNDLES.iter().chain(&FOLDERS).map(Path::new);
    match places.into_iter().find(|path| path.exists()) {
        Some(path) => anchors_at(path),
        None => Err(TrustError::NotFound),
    }
}

/// The anchors in the PEM file or folder of PEM files at `path`. At most 2,048; at most 8 MiB of a file.
///
/// # Errors
/// [`TrustError::Unreadable`], [`TrustError::Empty`].
pub fn anchors_at(path: &Path) -> Result<Vec<Vec<u8>>, TrustError> {
    let unreadable = |cause| TrustError::Unreadable { path: path.to_owned(), cause };
    let mut anchors = Vec::new();
    if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        let folder = std::fs::read_dir(path).map_err(unreadable)?;
        let mut files: Vec<PathBuf> =
            folder.filter_map(Result::ok).map(|entry| entry.path()).take(MAX_FILES).collect();
        files.sort();
        for file in files {
            // A dangling link or a subfolder among hundreds of certificates is no reason to fail.
            if let Ok(text) = read(&file) {
                collect(&text, &mut anchors);
            }
        }
    } else {
        collect(&read(path).map_err(unreadable)?, &mut anchors);
    }
    // Sorted, so that duplicates (Debian's folder holds each certificate thrice) are found quickly.
    anchors.sort();
    anchors.dedup();
    anchors.truncate(MAX_ANCHORS);
    if anchors.is_empty() { Err(TrustError::Empty { path: path.to_owned() }) } else { Ok(anchors) }
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
    // Comments around the certificates may be in any encoding.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Appends the certificates in `text`; what is damaged is left out.
fn collect(text: &str, anchors: &mut Vec<Vec<u8>>) {
    let mut rest = text;
    // Before duplicates are removed, a folder may hold each anchor several times.
    while anchors.len() < MAX_ANCHORS * 4
        && let Some((_, from)) = rest.split_once(BEGIN)
        && let Some((body, after)) = from.split_once(END)
    {
        rest = after;
        // Rebuilt with the line breaks RFC 7468 asks for: some tools leave spaces at line ends.
        let body: String = body.lines().map(str::trim).filter(|line| !line.is_empty()).fold(
            String::new(),
            |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            },
        );
        let pem = format!("{BEGIN}\n{body}{END}\n");
        if body.len() <= MAX_CERTIFICATE * 3 / 2
            && let Ok((_, der)) = der::pem::decode_vec(pem.as_bytes())
            // A SEQUENCE: RFC 5280 4.1.
            && der.first() == Some(&0x30)
        {
            anchors.push(der);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{TrustError, anchors_at, collect};

    /// base64 of 0x30 and 65 bytes: two lines.
    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAA\n-----END CERTIFICATE-----\n";

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("adit-trust-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn bundle_with_comments_spaces_and_damage_gives_what_is_whole() {
        let other = ONE.replace("MAAA", "MBBB");
        let damaged = ONE.replace("MAAA", "M!AA");
        let spaced = other.replace('\n', "  \r\n");
        let text =
            format!("# r\u{e9}sum\u{e9}\n{ONE}junk\n{damaged}{spaced}-----BEGIN CERTIFICATE-----\ncut off");
        let mut anchors = Vec::new();
        collect(&text, &mut anchors);
        assert_eq!(anchors.len(), 2);
        assert_eq!(anchors[0].len(), 66);
        assert_ne!(anchors[0], anchors[1]);
    }

    #[test]
    fn folder_is_read_without_duplicates_and_dangling_links_do_no_harm() {
        let path = folder("folder");
        std::fs::write(path.join("a.pem"), ONE).unwrap();
        std::fs::write(path.join("b.crt"), ONE).unwrap();
        std::fs::write(path.join("c.crt"), ONE.replace("MAAA", "MBBB")).unwrap();
        std::fs::create_dir(path.join("sub")).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", path.join("dangling.pem")).unwrap();
        assert_eq!(anchors_at(&path).unwrap().len(), 2);
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn errors_name_the_place() {
        let path = folder("errors");
        let missing = path.join("missing.pem");
        assert!(matches!(anchors_at(&missing), Err(TrustError::Unreadable { path, .. }) if path == missing));
        assert!(matches!(anchors_at(&path), Err(TrustError::Empty { .. })));
        std::fs::write(&missing, "no certificate here").unwrap();
        let error = anchors_at(&missing).unwrap_err();
        assert!(error.to_string().contains("missing.pem"), "{error}");
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn this_machines_store_is_read_if_it_has_one() {
        match super::system_anchors() {
            Ok(anchors) => assert!(anchors.len() > 10, "{} anchors", anchors.len()),
            Err(TrustError::NotFound) => println!("left out: this machine has no CA bundle"),
            Err(error) => panic!("{error}"),
        }
    }
}
