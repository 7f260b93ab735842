//! The `IKEv2` dictionary.

use super::write::Context;
use super::{Ikev2Authentication, Keys, ProviderType, Routing, SecurityAssociation, SpecError, spec};
use crate::build::material::{Inventory, Material};
use crate::certificate::KeyKind;
use crate::model::{CertificateType, DeadPeerDetectionRate, Keyword};

spec! {
    /// The system's IKEv2 client; also one tunnel of Always On.
    pub struct Ikev2 {
        required {
            /// `RemoteAddress`: host name or IP address of the server.
            server: String,
            /// How both sides authenticate.
            authentication: Ikev2Authentication,
        }
        optional {
            /// `LocalIdentifier`: who the client says it is (IDi). The user's name when left out.
            local_identifier: Option<String>,
            /// `RemoteIdentifier`: who the server has to be (IDr). The server when left out.
            remote_identifier: Option<String>,
            /// `CertificateType`: the kind of key in the certificates. When left out, it follows the client's PKCS#12
            /// file or ACME key if that is not RSA, the system's default.
            certificate_type: Option<CertificateType>,
            /// `ServerCertificateIssuerCommonName`. When left out beside a `CertificateType`, the common name of the
            /// trusted certificate if there is exactly one.
            server_certificate_issuer: Option<String>,
            /// `ServerCertificateCommonName`: the name in the server's certificate, instead of `RemoteIdentifier`.
            server_certificate_name: Option<String>,
            /// `EnableCertificateRevocationCheck`.
            revocation_check: Option<bool>,
            /// `DeadPeerDetectionRate`: None, Low (30 minutes), Medium (10) or High (1).
            dead_peer_detection: Option<DeadPeerDetectionRate>,
            /// `DisableMOBIKE`.
            disable_mobike: Option<bool>,
            /// `DisableRedirect`.
            disable_redirect: Option<bool>,
            /// `DisconnectOnIdle`.
            disconnect_on_idle: Option<bool>,
            /// `DisconnectOnIdleTimer`: seconds.
            idle_timer: Option<i64>,
            /// `EnablePFS`: a fresh key exchange for each Child SA.
            pfs: Option<bool>,
            /// `EnableFallback`: a second tunnel over cellular when Wi-Fi is poor.
            fallback: Option<bool>,
            /// `NATKeepAliveInterval`: seconds, at least 20.
            nat_keepalive_interval: Option<i64>,
            /// `NATKeepAliveOffloadEnable`: the network chip sends keepalives while the device sleeps.
            nat_keepalive_offload: Option<bool>,
            /// `UseConfigurationAttributeInternalIPSubnet`: routes from the server's configuration payload.
            internal_subnets: Option<bool>,
            /// `MTU`: bytes, 1280 to 1400.
            mtu: Option<i64>,
            /// `PPK`: a post-quantum pre-shared key (RFC 8784).
            ppk: Option<Material>,
            /// `PPKIdentifier`.
            ppk_identifier: Option<String>,
            /// `PPKMandatory`: no connection without it.
            ppk_mandatory: Option<bool>,
            /// `AllowPostQuantumKeyExchangeFallback`: also without post-quantum key exchange.
            post_quantum_fallback: Option<bool>,
            /// `EnforceStrictAlgorithmSelection`: no weak algorithms, and IKE at least as strong as its Child SAs.
            strict_algorithms: Option<bool>,
            /// `IKESecurityAssociationParameters`.
            ike: Option<SecurityAssociation>,
            /// `ChildSecurityAssociationParameters`; those of the IKE SA when left out.
            child: Option<SecurityAssociation>,
            /// The routing flags.
            routing: Routing,
            /// `ProviderType`: no meaning for the system's own client.
            provider_type: Option<ProviderType>,
            /// `ProviderBundleIdentifier`: no meaning for the system's own client.
            provider_bundle_identifier: Option<String>,
            /// `ProviderDesignatedRequirement`: no meaning for the system's own client.
            provider_requirement: Option<String>,
            /// `Password`: documented for a method that IKEv2 does not have; without effect.
            password: Option<Material>,
        }
    }
}

impl Ikev2 {
    pub(super) fn write(&self, field: &str, context: &Context<'_>) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("RemoteAddress", self.server.as_str());
        keys.text("LocalIdentifier", self.local_identifier.as_deref().or(self.authentication.name()));
        keys.put("RemoteIdentifier", self.remote_identifier.as_ref().unwrap_or(&self.server).as_str());
        self.authentication.write(&format!("{field}.authentication"), context, &mut keys)?;
        if let Some(password) = &self.password {
            keys.put("Password", password.as_text(&format!("{field}.password"))?);
        }
        self.certificates(field, context, &mut keys)?;
        keys.text("DeadPeerDetectionRate", self.dead_peer_detection.map(Keyword::word));
        keys.flag("DisableMOBIKE", self.disable_mobike);
        keys.flag("DisableRedirect", self.disable_redirect);
        keys.flag("DisconnectOnIdle", self.disconnect_on_idle);
        keys.integer("DisconnectOnIdleTimer", self.idle_timer);
        keys.flag("EnablePFS", self.pfs);
        keys.flag("EnableFallback", self.fallback);
        keys.integer("NATKeepAliveInterval", self.nat_keepalive_interval);
        keys.flag("NATKeepAliveOffloadEnable", self.nat_keepalive_offload);
        keys.flag("UseConfigurationAttributeInternalIPSubnet", self.internal_subnets);
        keys.integer("MTU", self.mtu);
        if let Some(ppk) = &self.ppk {
            keys.data("PPK", Some(ppk.as_bytes(&format!("{field}.ppk"))?));
        }
        keys.text("PPKIdentifier", self.ppk_identifier.as_ref());
        keys.flag("PPKMandatory", self.ppk_mandatory);
        keys.flag("AllowPostQuantumKeyExchangeFallback", self.post_quantum_fallback);
        keys.flag("EnforceStrictAlgorithmSelection", self.strict_algorithms);
        if let Some(association) = &self.ike {
            keys.put("IKESecurityAssociationParameters", association.write());
        }
        if let Some(association) = &self.child {
            keys.put("ChildSecurityAssociationParameters", association.write());
        }
        self.routing.write(&mut keys);
        keys.text("ProviderType", self.provider_type.map(Keyword::word));
        keys.text("ProviderBundleIdentifier", self.provider_bundle_identifier.as_ref());
        keys.text("ProviderDesignatedRequirement", self.provider_requirement.as_ref());
        Ok(keys)
    }

    /// The keys about certificates, with what follows from the certificates in the profile.
    fn certificates(&self, field: &str, context: &Context<'_>, keys: &mut Keys) -> Result<(), SpecError> {
        let mut kind = self.certificate_type;
        if let (None, Some(reference)) = (kind, self.authentication.identity()) {
            let key = context.identity_key(reference, || format!("{field}.authentication.identity"))?;
            kind = key.as_ref().and_then(certificate_type);
        }
        keys.text("CertificateType", kind.map(Keyword::word));
        let issuer = self.server_certificate_issuer.as_deref();
        let issuer = issuer.or_else(|| kind.and_then(|_| context.only_anchor_name()));
        keys.text("ServerCertificateIssuerCommonName", issuer);
        keys.text("ServerCertificateCommonName", self.server_certificate_name.as_ref());
        keys.flag("EnableCertificateRevocationCheck", self.revocation_check);
        Ok(())
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        self.authentication.inventory(&format!("{field}.authentication"), all);
        all.password(format!("{field}.password"), self.password.as_mut());
        all.file(format!("{field}.ppk"), self.ppk.as_mut());
    }
}

/// What has to be said of a key: RSA is the default, and other kinds have no word.
fn certificate_type(key: &KeyKind) -> Option<CertificateType> {
    match key {
        KeyKind::P256 => Some(CertificateType::Ecdsa256),
        KeyKind::P384 => Some(CertificateType::Ecdsa384),
        KeyKind::P521 => Some(CertificateType::Ecdsa521),
        _ => None,
    }
}
