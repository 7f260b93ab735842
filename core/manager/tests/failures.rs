//! Every failure of the engine and every reason of an end, as one of Apple's 19 connection errors.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoError, DhGroup, KeyKind, SignatureScheme};
use adit_ike::auth::AuthRefusal;
use adit_ike::certificate::{CertificateRefusal, KeyType};
use adit_ike::eap::{EapFailure, PacketError, RejectReason};
use adit_ike::identity::{Identity, IdentityMismatch};
use adit_ike::wire::{ExchangeType, NotifyType};
use adit_ike::{AuthFailure, CloseReason, Failure, Stage};
use adit_manager::error::{ClientCertificateProblem, connection_error_of};
use adit_manager::{ConnectionError as Error, Disconnect, EndReason};

const WAITED: Duration = Duration::from_secs(30);

fn text() -> String {
    "something".into()
}

fn certificates() -> Vec<(CertificateRefusal, Error)> {
    use CertificateRefusal as C;
    let invalid = Error::ServerCertificateInvalid;
    vec![
        (C::UntrustedIssuer { issuer: text(), subject: text() }, invalid),
        (C::BadSignature { subject: text(), issuer: text() }, invalid),
        (C::Expired { subject: text(), not_after: 1, now: 2 }, Error::ServerCertificateExpired),
        (C::NotYetValid { subject: text(), not_before: 2, now: 1 }, Error::ServerCertificateNotYetValid),
        (C::NameMismatch { wanted: text(), found: Vec::new() }, invalid),
        (C::NameConstraint { subject: text() }, invalid),
        (C::WrongIssuer { wanted: text(), found: Vec::new() }, invalid),
        (C::NotACa { subject: text() }, invalid),
        (C::CaAsEndEntity { subject: text() }, invalid),
        (C::WeakSignature { algorithm: "SHA-1" }, invalid),
        (C::WrongKeyType { wanted: vec![KeyType::Rsa], found: KeyKind::Ed25519 }, invalid),
        (C::UnsupportedKey { subject: text(), reason: text() }, invalid),
        (C::WrongUsage { subject: text(), wanted: "it", fix: "it", found: Vec::new() }, invalid),
        (C::WrongKeyUsage { subject: text(), needed: "it" }, invalid),
        (C::UnsupportedSignature { algorithm: text() }, invalid),
        (C::PathTooLong { max: 1 }, invalid),
        (C::UnknownCriticalExtension { subject: text(), oid: text() }, invalid),
        (C::Malformed { what: "it" }, invalid),
        (C::TooLarge { length: 9, max: 8 }, invalid),
        (C::NoAnchors, Error::ConfigurationFailed),
        (C::TooManyAnchors { max: 1 }, Error::ConfigurationFailed),
    ]
}

fn eap() -> Vec<(EapFailure, Error)> {
    use EapFailure as E;
    let rejected = E::Rejected {
        reason: RejectReason::WrongCredentials,
        code: Some(691),
        message: String::new(),
        retry_allowed: false,
    };
    vec![
        (rejected, Error::AuthenticationFailed),
        (E::Refused, Error::AuthenticationFailed),
        (E::ServerNotAuthenticated, Error::AuthenticationFailed),
        (E::UnexpectedSuccess, Error::NegotiationFailed),
        (E::NoCommonMethod { offered: Vec::new() }, Error::NegotiationFailed),
        (E::Packet(PacketError::Truncated), Error::NegotiationFailed),
        (E::Protocol { what: "it" }, Error::NegotiationFailed),
        (E::Credentials { what: "it" }, Error::ConfigurationFailed),
        (E::Crypto(CryptoError::Random), Error::PluginFailed),
    ]
}

/// One of each failure.
fn failures() -> Vec<(Failure, Error)> {
    use Failure as F;
    let identity = || Identity::from_text("vpn.example.com").unwrap();
    let mismatch = || IdentityMismatch { expected: identity(), received: identity() };
    let negotiation = Error::NegotiationFailed;
    let mut all = vec![
        (F::NoAnswer { tries: 5, waited: WAITED }, Error::ServerNotResponding),
        (F::PeerGone { exchange: ExchangeType::IKE_SA_INIT, waited: WAITED }, Error::ServerNotResponding),
        (F::PeerGone { exchange: ExchangeType::INFORMATIONAL, waited: WAITED }, Error::ServerDead),
        (F::NoProposalChosen { stage: Stage::Ike, offered: text() }, negotiation),
        (F::NoProposalInCommon { stage: Stage::Child, offered: text(), wanted: text() }, negotiation),
        (F::ProposalNotOffered { stage: Stage::Ike, chosen: text(), offered: text() }, negotiation),
        (F::KeyExchangeRefused { wanted: DhGroup(14), offered: Vec::new() }, negotiation),
        (F::CookieLoop, negotiation),
        (F::WrongVersion { major: 1 }, negotiation),
        (F::NoUdpEncapsulation, negotiation),
        (F::RefusedByPeer { identity: text(), method: "pre-shared key" }, Error::AuthenticationFailed),
        (F::UnknownConnection { local: text(), remote: text() }, Error::AuthenticationFailed),
        (F::Authentication(AuthFailure::Identity(mismatch())), Error::AuthenticationFailed),
        (F::Authentication(AuthFailure::UnknownPeer(identity())), Error::AuthenticationFailed),
        (F::Authentication(AuthFailure::Proof(AuthRefusal::SharedKeyMismatch)), Error::AuthenticationFailed),
        (F::Authentication(AuthFailure::NoCertificate), Error::ServerCertificateInvalid),
        (F::Authentication(AuthFailure::NoProof), Error::AuthenticationFailed),
        (F::NoAddress, negotiation),
        (F::TrafficSelectors { wanted: text() }, negotiation),
        (
            F::PeerError { notify: NotifyType::AUTHENTICATION_FAILED, exchange: ExchangeType::IKE_AUTH },
            Error::AuthenticationFailed,
        ),
        (
            F::PeerError { notify: NotifyType::TEMPORARY_FAILURE, exchange: ExchangeType::CREATE_CHILD_SA },
            negotiation,
        ),
        (F::Protocol { exchange: ExchangeType::IKE_AUTH, detail: text() }, negotiation),
        (F::HostSilent, Error::PluginFailed),
        (F::SigningRefused { key: text(), reason: text() }, Error::ClientCertificateInvalid),
        (
            F::WrongSignatureByHost { key: text(), scheme: SignatureScheme::Ed25519 },
            Error::ClientCertificateInvalid,
        ),
        (F::CredentialsRefused, Error::AuthenticationFailed),
        (F::CredentialsUnusable { what: text() }, Error::ConfigurationFailed),
        (
            F::Authentication(AuthFailure::ChainRefused { subject: text(), reason: text() }),
            Error::ServerCertificateInvalid,
        ),
        (F::LifetimeOver(Stage::Ike), Error::ServerDead),
        (F::MessageIdsExhausted, Error::PluginFailed),
        (F::Crypto(CryptoError::Random), Error::PluginFailed),
        (F::Crypto(CryptoError::UnsupportedSignature), Error::PluginFailed),
        (F::Crypto(CryptoError::UnsupportedCipher(CipherSpec::aes_gcm(256))), Error::PluginFailed),
        (F::Crypto(CryptoError::BadLength), Error::PluginFailed),
        (F::Crypto(CryptoError::BadIntegrity), negotiation),
        (F::Crypto(CryptoError::BadKey("it")), Error::ClientCertificateInvalid),
        (F::Crypto(CryptoError::BadPublicValue { group: DhGroup(14), reason: "it" }), negotiation),
    ];
    let of = |failure| F::Authentication(failure);
    all.extend(
        certificates().into_iter().map(|(refusal, error)| (of(AuthFailure::Certificate(refusal)), error)),
    );
    all.extend(eap().into_iter().map(|(failure, error)| (of(AuthFailure::Eap(failure)), error)));
    all
}

/// One of each reason.
fn reasons() -> Vec<(EndReason, Option<Error>)> {
    use EndReason as R;
    let cause = text;
    let certificate = |problem| R::ClientCertificate { problem, cause: text() };
    vec![
        (R::Requested, None),
        (R::ByConfiguration { why: "idle" }, None),
        (R::DeletedByPeer, Some(Error::ServerDisconnected)),
        (R::NameNotResolved { cause: cause() }, Some(Error::ServerAddressResolutionFailed)),
        (R::NoNetwork, Some(Error::NoNetworkAvailable)),
        (R::NoRoute { cause: cause() }, Some(Error::NoNetworkAvailable)),
        (R::NetworkChanged, Some(Error::UnrecoverableNetworkChange)),
        (R::SocketNotProtected, Some(Error::PluginFailed)),
        (R::Revoked, Some(Error::PluginDisabled)),
        (R::NotPermitted { cause: cause() }, Some(Error::PluginDisabled)),
        (R::DeviceFailed { cause: cause() }, Some(Error::PluginFailed)),
        (R::ConfigurationRefused { reasons: cause() }, Some(Error::ConfigurationFailed)),
        (R::SecretMissing { what: cause() }, Some(Error::ConfigurationFailed)),
        (certificate(ClientCertificateProblem::Invalid), Some(Error::ClientCertificateInvalid)),
        (certificate(ClientCertificateProblem::NotYetValid), Some(Error::ClientCertificateNotYetValid)),
        (certificate(ClientCertificateProblem::Expired), Some(Error::ClientCertificateExpired)),
        (R::ConfigurationRemoved, Some(Error::ConfigurationNotFound)),
        (R::Overslept, Some(Error::Overslept)),
        (R::Preempted { by: cause() }, Some(Error::UnrecoverableNetworkChange)),
        (
            R::Told { error: Error::ServerDead, message: cause(), advice: String::new() },
            Some(Error::ServerDead),
        ),
    ]
}

/// Numbers the variants of an enumeration; a new one does not compile until it is here, and is then missed above.
macro_rules! numbered {
    ($name:ident: $type:ident { $($variant:ident),* $(,)? }) => {
        fn $name<'a>(all: impl Iterator<Item = &'a $type>) {
            const ALL: &[&str] = &[$(stringify!($variant)),*];
            let found: BTreeSet<&str> = all
                .map(|one| match one {
                    $($type::$variant { .. } => stringify!($variant),)*
                })
                .collect();
            assert_eq!(found, ALL.iter().copied().collect::<BTreeSet<_>>());
        }
    };
}

numbered!(all_failures: Failure {
    NoAnswer, PeerGone, NoProposalChosen, NoProposalInCommon, ProposalNotOffered, KeyExchangeRefused, CookieLoop, WrongVersion,
    NoUdpEncapsulation, RefusedByPeer, UnknownConnection, Authentication, NoAddress, TrafficSelectors, PeerError, Protocol,
    HostSilent, SigningRefused, WrongSignatureByHost, CredentialsRefused, CredentialsUnusable, LifetimeOver,
    MessageIdsExhausted, Crypto,
});
numbered!(all_auth_failures: AuthFailure {
    Identity, UnknownPeer, Certificate, ChainRefused, NoCertificate, Proof, NoProof, Eap,
});
numbered!(all_certificate_refusals: CertificateRefusal {
    UntrustedIssuer, BadSignature, Expired, NotYetValid, NameMismatch, NameConstraint, WrongIssuer, WrongKeyType,
    UnsupportedKey, WrongUsage, WrongKeyUsage, WeakSignature, UnsupportedSignature, NotACa, CaAsEndEntity, PathTooLong,
    UnknownCriticalExtension, Malformed, TooLarge, NoAnchors, TooManyAnchors,
});
numbered!(all_eap_failures: EapFailure {
    Rejected, Refused, ServerNotAuthenticated, UnexpectedSuccess, NoCommonMethod, Packet, Protocol, Credentials, Crypto,
});
numbered!(all_crypto_errors: CryptoError {
    BadIntegrity, BadLength, BadKey, BadPublicValue, UnsupportedCipher, UnsupportedSignature, Random,
});
numbered!(all_reasons: EndReason {
    Requested, ByConfiguration, DeletedByPeer, Failed, NameNotResolved, NoNetwork, NoRoute, NetworkChanged,
    SocketNotProtected, Revoked, NotPermitted, DeviceFailed, ConfigurationRefused, SecretMissing, ClientCertificate,
    ConfigurationRemoved, Overslept, Preempted, Told,
});

#[test]
fn none_of_the_engines_failures_is_left_out_above() {
    let failures = failures();
    all_failures(failures.iter().map(|(failure, _)| failure));
    let inner = failures.iter().filter_map(|(failure, _)| match failure {
        Failure::Authentication(inner) => Some(inner),
        _ => None,
    });
    all_auth_failures(inner);
    all_certificate_refusals(certificates().iter().map(|(refusal, _)| refusal));
    all_crypto_errors(failures.iter().filter_map(|(failure, _)| match failure {
        Failure::Crypto(error) => Some(error),
        _ => None,
    }));
    all_eap_failures(eap().iter().map(|(failure, _)| failure));
    let failed = EndReason::Failed(Failure::HostSilent);
    all_reasons(reasons().iter().map(|(reason, _)| reason).chain([&failed]));
}

#[test]
fn every_failure_has_a_connection_error() {
    for (failure, error) in failures() {
        assert_eq!(connection_error_of(&failure), error, "{failure:?}");
        let reason = EndReason::from(CloseReason::Failed(failure.clone()));
        let told = Disconnect::from(&reason);
        assert_eq!(told.error, Some(error));
        assert_eq!(told.message, failure.to_string());
        assert_eq!(told.advice, failure.advice());
    }
}

#[test]
fn every_reason_has_a_connection_error_and_words() {
    for (reason, error) in reasons() {
        assert_eq!(reason.connection_error(), error, "{reason:?}");
        assert!(!reason.message().is_empty());
    }
    assert_eq!(EndReason::from(CloseReason::Requested), EndReason::Requested);
    assert_eq!(EndReason::from(CloseReason::DeletedByPeer), EndReason::DeletedByPeer);
}

#[test]
fn what_apples_case_tells_of_trying_again_is_what_the_failure_tells() {
    let told = |error| EndReason::Told { error, message: text(), advice: text() };
    for (failure, error) in failures() {
        // What may pass by itself though the negotiation failed: Apple has no case for it.
        let passing = matches!(
            failure,
            Failure::NoAddress
                | Failure::CookieLoop
                | Failure::Crypto(_)
                | Failure::Authentication(AuthFailure::Eap(EapFailure::Crypto(_)))
                | Failure::PeerError { notify: NotifyType::TEMPORARY_FAILURE, .. }
        );
        if !passing {
            assert_eq!(told(error).is_permanent(), failure.is_permanent(), "{failure:?}");
        }
    }
    for (reason, error) in reasons() {
        // A tunnel that had to make room waits; a lost network does not.
        let Some(error) = error.filter(|_| !matches!(reason, EndReason::Preempted { .. })) else { continue };
        assert_eq!(told(error).is_permanent(), reason.is_permanent(), "{reason:?}");
    }
}

#[test]
fn every_connection_error_has_a_reason() {
    let of_failures = failures().into_iter().map(|(_, error)| error);
    let of_reasons = reasons().into_iter().filter_map(|(_, error)| error);
    let found: BTreeSet<Error> = of_failures.chain(of_reasons).collect();
    let all: BTreeSet<Error> = Error::ALL.iter().copied().collect();
    assert_eq!(found, all);
    assert_eq!(all.len(), 19);
}
