//! What a profile asks of an IKEv2 tunnel, as plain data.
//!
//! Nothing here refers to the profile's text or to an engine: a tunnel turns it into its own configuration. Secrets
//! are wiped when dropped and print nothing.

use serde::Serialize;

use crate::certificate::Identity;
use crate::model::CertificateType;
use crate::report::Diagnostic;
use crate::secret::{Secret, SecretText};

use super::algorithms::{ChildProposal, IkeProposal};

/// Everything a tunnel needs to know from one VPN payload.
#[derive(Clone, Debug)]
pub struct Ikev2Settings {
    /// What the user calls it (`UserDefinedName`), for messages.
    pub name: Option<String>,
    /// The payload's place in `PayloadContent`, from 0.
    pub payload_index: usize,
    /// `RemoteAddress`: a host name or an IP address, without a port.
    pub remote_address: String,
    /// `LocalIdentifier` as text, for IDi; `None` when missing or empty. Its type follows from its form.
    pub local_identifier: Option<String>,
    /// `RemoteIdentifier` as text, for IDr; the server's IDr must be the same.
    pub remote_identifier: String,
    /// How we prove who we are.
    pub authentication: Authentication,
    /// How the server proves who it is, unless by the shared secret.
    pub server: ServerTrust,
    /// Proposals for the IKE SA, best first; never empty.
    pub ike_proposals: Vec<IkeProposal>,
    /// Proposals for Child SAs, best first; never empty.
    pub child_proposals: Vec<ChildProposal>,
    /// The profile has no IKE dictionary, so the proposals are what Apple's client was observed to offer.
    pub proposals_are_observed: bool,
    /// Lifetime of the IKE SA in minutes, 10 to 1440.
    pub ike_lifetime_minutes: u32,
    /// Lifetime of Child SAs in minutes, 10 to 1440.
    pub child_lifetime_minutes: u32,
    /// Seconds of silence before the peer is asked whether it lives; `None`: never (`DeadPeerDetectionRate`).
    pub dead_peer_detection_seconds: Option<u32>,
    /// Seconds between NAT keepalives (RFC 3948 section 2.3), at least 20.
    pub nat_keepalive_seconds: u32,
    /// MTU inside the tunnel, 1280 to 1400.
    pub mtu: u16,
    /// `EnablePFS`: a key exchange in each rekey of a Child SA.
    pub perfect_forward_secrecy: bool,
    /// Switches.
    pub flags: Flags,
    /// What is not obeyed or not as it should be, none of it an error.
    pub warnings: Vec<Diagnostic>,
}

/// How the client proves who it is.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// A pre-shared key, for both sides: the UTF-8 bytes of the text.
    SharedSecret(Secret),
    /// A certificate and its key; the server proves itself by certificate too.
    Certificate(Box<Identity>),
    /// A certificate and a key that the host keeps ([`super::Which::identity_at_host`]).
    CertificateAtHost,
    /// EAP inside IKE_AUTH; the server proves itself by certificate first.
    Eap(EapCredentials),
}

/// What EAP needs of the user.
#[derive(Clone, Debug)]
pub struct EapCredentials {
    /// `AuthName`; `None`: to be asked for.
    pub name: Option<String>,
    /// `AuthPassword`; `None`: to be asked for.
    pub password: Option<SecretText>,
    /// `AuthenticationMethod` None: EAP_ONLY_AUTHENTICATION may be announced (RFC 5998). EAP-MSCHAPv2 is none of the
    /// methods that section 4 allows to stand alone, so the server must still send CERT and AUTH.
    pub eap_only: bool,
}

/// What the server's certificate must be.
#[derive(Clone, Debug)]
pub struct ServerTrust {
    /// The name to look for in the certificate: `ServerCertificateCommonName`, else the remote identifier.
    pub certificate_name: String,
    /// `ServerCertificateIssuerCommonName`: the chain must end in a CA of this common name, which CERTREQ asks for.
    pub issuer_common_name: Option<String>,
    /// The certificates of all root, PKCS#1 and PEM payloads, DER; empty: the system's trust store.
    pub anchors: Vec<Vec<u8>>,
    /// `CertificateType`, as given.
    pub certificate_type: Option<CertificateType>,
}

/// Switches of the payload, with their defaults filled in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Flags {
    /// `DisableMOBIKE`.
    pub disable_mobike: bool,
    /// `DisableRedirect`.
    pub disable_redirect: bool,
    /// `UseConfigurationAttributeInternalIPSubnet`: ask for INTERNAL_IP4_SUBNET and INTERNAL_IP6_SUBNET.
    pub use_internal_ip_subnet: bool,
    /// `EnableFallback`.
    pub enable_fallback: bool,
    /// `EnableCertificateRevocationCheck`.
    pub check_revocation: bool,
    /// `DisconnectOnIdleTimer` in seconds, when `DisconnectOnIdle` is set and the timer is not 0.
    pub disconnect_on_idle_seconds: Option<u32>,
    /// `EnforceRoutes`.
    pub enforce_routes: bool,
    /// `ExcludeLocalNetworks`.
    pub exclude_local_networks: bool,
    /// `OnDemandEnabled`.
    pub on_demand: bool,
}
