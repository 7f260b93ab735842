//! `ikev2.local-id-vs-cert`.

use super::identity;
use crate::arrange::Arrange;
use crate::certificate::CertificateInfo;
use crate::gather::Gather as _;
use crate::rules::prelude::*;

const KEY: &str = "LocalIdentifier";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.local-id-vs-cert"),
    level: Level::Notice,
    title: "LocalIdentifier does not stand in the client's certificate",
    what: prose(
        "LocalIdentifier is neither an alternative name nor the common name of the certificate in the PKCS#12 file that \
           PayloadCertificateUUID names. An identifier written as a distinguished name is compared with the subject. \
           Nothing is said for a file that does not open, or with EAP.",
    ),
    why: prose(
        "Most servers ask that the certificate confirm the identity that the client claims, and refuse it otherwise; \
          strongSwan for one wants the identifier among the alternative names, or the whole subject.",
    ),
    mend: prose(
        "Write a name that stands in the certificate as LocalIdentifier, or issue the certificate with that name as \
           subjectAltName.",
    ),
    source: "RFC 7296 section 3.5; RFC 4945 section 3.1; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        let Some(identifier) = settings.str(KEY).filter(|identifier| !identifier.value.is_empty()) else {
            continue;
        };
        let Some(payload) = identity::payload(cx, tunnel) else { continue };
        let identity = cx.certificate(payload).and_then(|payload| payload.inside.identity());
        let Some(certificate) = identity.and_then(|identity| identity.chain.first()) else { continue };
        if is_named(certificate, identifier.value) {
            continue;
        }
        out.say(
            Finding::value(settings, KEY, "LocalIdentifier does not stand in the client's certificate")
                .help(format!("the certificate's names are {}", names(certificate)))
                .related(payload.section.span_of("PayloadContent"), "the certificate"),
        );
    }
}

fn is_named(certificate: &CertificateInfo, identifier: &str) -> bool {
    certificate.alternative_names.iter().any(|name| name.is(identifier))
        || certificate
            .subject_common_name
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(identifier))
        || identifier.contains('=') && is_subject(certificate, identifier)
        || mail(&certificate.subject_text).is_some_and(|mail| mail.eq_ignore_ascii_case(identifier))
}

/// The mail address in a subject, where older certificates have it.
fn mail(subject: &str) -> Option<&str> {
    subject.split(", ").find_map(|part| part.strip_prefix("emailAddress="))
}

/// Whether a distinguished name has the parts of the subject, in whatever order and spelling of its separators: servers
/// differ in both.
fn is_subject(certificate: &CertificateInfo, identifier: &str) -> bool {
    let parts = |text: &str| {
        let mut parts: Vec<String> = text
            .split([',', '/'])
            .map(|part| part.trim().to_ascii_lowercase())
            .filter(|part| !part.is_empty())
            .map(|part| match part.strip_prefix("e=") {
                Some(mail) => format!("emailaddress={mail}"),
                None => part,
            })
            .gather();
        parts.arrange();
        parts
    };
    parts(identifier) == parts(&certificate.subject_text)
}

/// The names to choose from, a few of them.
fn names(certificate: &CertificateInfo) -> String {
    let mut names: Vec<String> =
        certificate.alternative_names.iter().take(5).map(ToString::to_string).gather();
    names.push(certificate.subject_text.clone());
    names.join("; ")
}
