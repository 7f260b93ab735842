//! Every failure of the engine as one of Apple's connection errors.
//!
//! No case is left to a wildcard where the engine may learn new ones: the compiler asks for a decision.

use adit_crypto::CryptoError;
use adit_ike::certificate::CertificateRefusal;
use adit_ike::eap::EapFailure;
use adit_ike::wire::{ExchangeType, NotifyType};
use adit_ike::{AuthFailure, Failure};

use super::ConnectionError;

/// Apple's case for a failure of the engine. The reasons, where it could be another:
///
/// * `NoAnswer` is a server that never answered (`serverNotResponding`), `PeerGone` one that stopped (`serverDead`), but in
///   IKE_SA_INIT nothing had begun. A lifetime that ended without a rekey is a server that no longer works with us.
/// * Everything about proposals, groups, versions, NAT traversal, traffic selectors and addresses is a negotiation that
///   led to no agreement. So are a broken protocol and error notifies, except AUTHENTICATION_FAILED.
/// * `RefusedByPeer` and `UnknownConnection` are credentials or identities that the server rejected; so is all that
///   EAP refuses. A certificate of the server that is not accepted has its own three cases, also when it is for another
///   name. A wrong proof, a missing proof or another identity than wanted is an authentication that failed.
/// * A host that does not sign, or signs with another key than the certificate's, leaves a client's certificate that cannot
///   be used. A user who gives no password was not authenticated; a name that cannot be used is a configuration's.
/// * `HostSilent`, `MessageIdsExhausted` and what the provider lacks are ours: `pluginFailed`. A key exchange value of the
///   peer that is refused led to no agreement, a key of ours that is refused is the client's certificate.
#[must_use]
pub fn connection_error_of(failure: &Failure) -> ConnectionError {
    use ConnectionError as Error;
    match failure {
        Failure::NoAnswer { .. } => Error::ServerNotResponding,
        Failure::PeerGone { exchange, .. } if *exchange == ExchangeType::IKE_SA_INIT => {
            Error::ServerNotResponding
        }
        Failure::PeerGone { .. } | Failure::LifetimeOver(_) => Error::ServerDead,
        Failure::NoProposalChosen { .. }
        | Failure::NoProposalInCommon { .. }
        | Failure::ProposalNotOffered { .. }
        | Failure::KeyExchangeRefused { .. }
        | Failure::CookieLoop
        | Failure::WrongVersion { .. }
        | Failure::NoUdpEncapsulation
        | Failure::NoAddress
        | Failure::TrafficSelectors { .. }
        | Failure::Protocol { .. } => Error::NegotiationFailed,
        Failure::PeerError { notify, .. } => {
            if *notify == NotifyType::AUTHENTICATION_FAILED {
                Error::AuthenticationFailed
            } else {
                Error::NegotiationFailed
            }
        }
        Failure::RefusedByPeer { .. } | Failure::UnknownConnection { .. } | Failure::CredentialsRefused => {
            Error::AuthenticationFailed
        }
        Failure::SigningRefused { .. } | Failure::WrongSignatureByHost { .. } => {
            Error::ClientCertificateInvalid
        }
        Failure::CredentialsUnusable { .. } => Error::ConfigurationFailed,
        Failure::Authentication(reason) => authentication(reason),
        Failure::Crypto(error) => crypto(error),
        Failure::HostSilent | Failure::MessageIdsExhausted => Error::PluginFailed,
    }
}

fn crypto(error: &CryptoError) -> ConnectionError {
    use ConnectionError as Error;
    match error {
        CryptoError::BadPublicValue { .. } | CryptoError::BadIntegrity => Error::NegotiationFailed,
        CryptoError::BadKey(_) => Error::ClientCertificateInvalid,
        CryptoError::BadLength
        | CryptoError::UnsupportedCipher(_)
        | CryptoError::UnsupportedSignature
        | CryptoError::Random => Error::PluginFailed,
    }
}

fn authentication(failure: &AuthFailure) -> ConnectionError {
    use ConnectionError as Error;
    match failure {
        AuthFailure::Certificate(refusal) => server_certificate(refusal),
        AuthFailure::ChainRefused { .. } | AuthFailure::NoCertificate => Error::ServerCertificateInvalid,
        AuthFailure::Eap(failure) => eap(failure),
        AuthFailure::Identity(_)
        | AuthFailure::UnknownPeer(_)
        | AuthFailure::Proof(_)
        | AuthFailure::NoProof => Error::AuthenticationFailed,
    }
}

fn server_certificate(refusal: &CertificateRefusal) -> ConnectionError {
    use ConnectionError as Error;
    match refusal {
        CertificateRefusal::Expired { .. } => Error::ServerCertificateExpired,
        CertificateRefusal::NotYetValid { .. } => Error::ServerCertificateNotYetValid,
        // Nothing to trust is a fault of this side's configuration.
        CertificateRefusal::NoAnchors | CertificateRefusal::TooManyAnchors { .. } => {
            Error::ConfigurationFailed
        }
        CertificateRefusal::UntrustedIssuer { .. }
        | CertificateRefusal::BadSignature { .. }
        | CertificateRefusal::NameMismatch { .. }
        | CertificateRefusal::NameConstraint { .. }
        | CertificateRefusal::WrongIssuer { .. }
        | CertificateRefusal::WrongKeyType { .. }
        | CertificateRefusal::UnsupportedKey { .. }
        | CertificateRefusal::WrongUsage { .. }
        | CertificateRefusal::WrongKeyUsage { .. }
        | CertificateRefusal::WeakSignature { .. }
        | CertificateRefusal::UnsupportedSignature { .. }
        | CertificateRefusal::NotACa { .. }
        | CertificateRefusal::CaAsEndEntity { .. }
        | CertificateRefusal::PathTooLong { .. }
        | CertificateRefusal::UnknownCriticalExtension { .. }
        | CertificateRefusal::Malformed { .. }
        | CertificateRefusal::TooLarge { .. } => Error::ServerCertificateInvalid,
    }
}

fn eap(failure: &EapFailure) -> ConnectionError {
    use ConnectionError as Error;
    match failure {
        EapFailure::Rejected { .. } | EapFailure::Refused | EapFailure::ServerNotAuthenticated => {
            Error::AuthenticationFailed
        }
        EapFailure::UnexpectedSuccess
        | EapFailure::NoCommonMethod { .. }
        | EapFailure::Packet(_)
        | EapFailure::Protocol { .. } => Error::NegotiationFailed,
        EapFailure::Credentials { .. } => Error::ConfigurationFailed,
        EapFailure::Crypto(error) => crypto(error),
    }
}
