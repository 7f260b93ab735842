//! The `.mobileconfig` that belongs to a gateway: an IKEv2 payload and the CA it trusts.
//!
//! Owns which fields are set and to what; the keys are written by the builder, `adit_profile::build`.

use adit_crypto::{Secret, SecureRandom};
use adit_profile::build::spec::{
    Certificate, Ikev2, Ikev2Authentication, Ikev2Eap, ProfileSettings, SecurityAssociation,
};
use adit_profile::build::{Material, Seed, Spec, Vpn, to_xml};
use adit_profile::model::{CertificateType, DeadPeerDetectionRate, EncryptionAlgorithm, IntegrityAlgorithm};

use super::{InitError, InitSettings, Issued, KeyType};

/// The profile. It holds the password, so that nobody has to type it.
pub(super) fn mobileconfig(
    settings: &InitSettings,
    ca: &Issued,
    password: &Secret,
    random: &dyn SecureRandom,
) -> Result<Secret, InitError> {
    let mut seed = [0; 16];
    random.fill(&mut seed)?;
    let made = spec(settings, ca, password).build(&Seed(seed)).map_err(|error| error.to_string());
    let text = made.and_then(|value| to_xml(&value).map_err(|error| error.to_string()));
    Ok(Secret::new(text.map_err(InitError::Profile)?.as_bytes().to_vec()))
}

fn spec(settings: &InitSettings, ca: &Issued, password: &Secret) -> Spec {
    let InitSettings { host, user, .. } = settings;
    let password = std::str::from_utf8(password.expose()).unwrap_or_default();

    let mut profile = ProfileSettings::new(format!("Adit Gateway {host}"));
    // Identifiers say which profile replaces which: one for each gateway and user of it.
    profile.identifier = Some(format!("net.adit.gateway.{}", identifier_part(host)));
    profile.organization = Some("Adit".to_owned());
    profile.description =
        Some("Connects to this gateway and trusts the certificate authority it made.".to_owned());
    profile.removal_disallowed = Some(false);

    let mut eap = Ikev2Eap::new();
    eap.name = Some(user.clone());
    eap.password = Some(Material::text(password));
    let server = settings.remote_address.as_deref().unwrap_or(host);
    let mut vpn = Ikev2::new(server, Ikev2Authentication::Eap(eap));
    vpn.local_identifier = Some(user.clone());
    vpn.remote_identifier = Some(host.clone());
    vpn.certificate_type = Some(match settings.key {
        KeyType::EcdsaP256 => CertificateType::Ecdsa256,
        KeyType::Rsa2048 => CertificateType::Rsa,
    });
    vpn.server_certificate_issuer = Some(ca.common_name.clone());
    vpn.pfs = Some(true);
    vpn.dead_peer_detection = Some(DeadPeerDetectionRate::Medium);
    vpn.disable_redirect = Some(true);
    vpn.mtu = Some(i64::from(settings.mtu));
    vpn.ike = Some(association(1_440));
    vpn.child = Some(association(480));

    let mut spec = Spec::new(profile, Vpn::Ikev2(Box::new(vpn)));
    let certificate = adit_profile::Secret::new(ca.certificate.clone());
    spec.certificates = vec![Certificate::new(Material::Bytes(certificate))];
    spec
}

/// The proposal of both kinds of SA. Life times are in minutes; the phone renews before they end.
fn association(lifetime: i64) -> SecurityAssociation {
    let mut association = SecurityAssociation::new();
    association.encryption = Some(EncryptionAlgorithm::Aes256Gcm);
    association.integrity = Some(IntegrityAlgorithm::Sha2_256);
    association.diffie_hellman_group = Some(19);
    association.lifetime_minutes = Some(lifetime);
    association
}

/// A host name or address as part of a reverse-DNS identifier.
fn identifier_part(host: &str) -> String {
    host.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_to_reverse_dns() {
        assert_eq!(identifier_part("vpn.example.com"), "vpn-example-com");
        assert_eq!(identifier_part("fd00::1"), "fd00--1");
    }
}
