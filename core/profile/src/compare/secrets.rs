//! The `secrets` section: whether the server's secret for a client is the profile's. None is shown, only compared.

use crate::gather::Gather as _;
use zeroize::Zeroizing;

use super::client::{Client, ClientAuth};
use super::identity::Name;
use super::swanctl::Tree;

/// What a file says of a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// It is the profile's.
    Same,
    /// It is another one; the line.
    Different(usize),
    /// The file has secrets, but none for this client.
    Missing,
    /// The file has no `secrets`, or the profile gives nothing to compare with.
    Unknown,
}

/// What a file says of the secret that a client proves itself by: the same for each of its connections.
pub(super) fn of(root: &Tree, client: &Client) -> Found {
    match &client.auth {
        ClientAuth::SharedSecret(secret) => {
            let server = client.remote_name().unwrap_or(Name::Unknown);
            let secret = secret.as_ref().map(crate::Secret::expose);
            shared(root, &server, client.local_name().as_ref(), secret)
        }
        ClientAuth::Eap { name, password } => {
            let password = password.as_ref().map(|password| password.expose().as_bytes());
            eap(root, name.as_deref(), password)
        }
        ClientAuth::Certificate | ClientAuth::EapTls => Found::Unknown,
    }
}

/// Looks for the shared secret between the two identities and compares it with the profile's.
fn shared(root: &Tree, server: &Name, client: Option<&Name>, secret: Option<&[u8]>) -> Found {
    let Some(client) = client else { return Found::Unknown };
    // strongSwan takes the secret whose owners are most of the two.
    let score = |owners: &[Name]| {
        let one_of = |name: &Name| owners.iter().any(|owner| owner.takes(name) == Some(true));
        match (owners.is_empty(), one_of(client), one_of(server)) {
            (true, ..) => Some(1),
            (_, true, true) => Some(4),
            (_, true, false) => Some(3),
            (_, false, true) => Some(2),
            (_, false, false) => None,
        }
    };
    best(root, &["ike"], &score, secret)
}

/// Looks for the password of an EAP user and compares it with the profile's.
fn eap(root: &Tree, user: Option<&str>, password: Option<&[u8]>) -> Found {
    let Some(user) = user else { return Found::Unknown };
    let user = Name::of_profile(user);
    let score = |owners: &[Name]| {
        let own = owners.iter().any(|owner| owner.takes(&user) == Some(true));
        if owners.is_empty() { Some(1) } else { own.then_some(2) }
    };
    best(root, &["eap", "xauth", "ntlm"], &score, password)
}

fn best(root: &Tree, kinds: &[&str], score: &dyn Fn(&[Name]) -> Option<u8>, wanted: Option<&[u8]>) -> Found {
    let Some(secrets) = root.section("secrets") else { return Found::Unknown };
    let ours = secrets.sections().filter(|(name, ..)| kinds.iter().any(|kind| name.starts_with(kind)));
    let scored = ours.filter_map(|(_, section, line)| {
        let ids = section.values().filter(|(key, _)| key.starts_with("id"));
        let owners: Vec<Name> = ids.map(|(_, id)| Name::of_strongswan(id)).gather();
        Some((score(&owners)?, section, line))
    });
    let Some((_, section, line)) = scored.max_by_key(|(score, ..)| *score) else { return Found::Missing };
    let (Some(wanted), Some(value)) = (wanted, section.get("secret")) else { return Found::Unknown };
    if decoded(value).as_slice() == wanted {
        Found::Same
    } else {
        Found::Different(section.line("secret").unwrap_or(line))
    }
}

/// `0x` and digits, `0s` and Base64, else the text itself.
fn decoded(value: &str) -> Zeroizing<Vec<u8>> {
    if let Some(digits) = value.strip_prefix("0x") {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        // As long as they can get: a list that grows leaves what it held in memory that is not wiped.
        let mut values = Zeroizing::new(Vec::with_capacity(digits.len()));
        values.extend(digits.bytes().filter_map(digit));
        let mut bytes = Zeroizing::new(Vec::with_capacity(values.len().div_ceil(2)));
        bytes.extend(values.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)));
        return bytes;
    }
    if let Some(text) = value.strip_prefix("0s") {
        return crate::syntax::decode_base64(text.as_bytes()).bytes;
    }
    Zeroizing::new(value.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_with_the_best_owners_counts() {
        let root = Tree::read(
            "secrets {\n ike-1 {\n secret = any }\n ike-2 { id = a@b\n id-2 = gw\n secret = 0x6f6e65 }\n\
             ike-3 { id = a@b\n secret = 0sdHdv }\n eap-1 { id = alice\n secret = pw }\n rsa { secret = x } }",
        )
        .unwrap();
        let found = |server: &str, client: &str, secret: &str| {
            shared(&root, &Name::of_profile(server), Some(&Name::of_profile(client)), Some(secret.as_bytes()))
        };
        assert_eq!(found("gw", "a@b", "one"), Found::Same);
        assert_eq!(found("other", "c@d", "any"), Found::Same);
        assert_eq!(found("gw", "c@d", "one"), Found::Same);
        assert!(matches!(found("gw", "a@b", "any"), Found::Different(6)));
        assert_eq!(eap(&root, Some("alice"), Some(b"pw")), Found::Same);
        assert_eq!(eap(&root, Some("bob"), Some(b"pw")), Found::Missing);
        assert_eq!(eap(&root, None, None), Found::Unknown);
        assert_eq!(eap(&Tree::default(), Some("alice"), Some(b"pw")), Found::Unknown);
        assert_eq!(decoded("0sdHdv").as_slice(), b"two");
    }
}
