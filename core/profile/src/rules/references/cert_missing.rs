//! `ref.cert-missing`.

use super::index::{Holder, Reference, describe};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.cert-missing"),
    level: Level::Error,
    title: "A certificate reference leads nowhere",
    what: prose(
        "PayloadCertificateUUID of a VPN, DNS, relay or preference payload equals the PayloadUUID of no payload in the \
           same profile. Looked at are the settings in use: VPN, IPSec, IKEv2, TransparentProxy, DNS, each relay, each \
           tunnel of Always On, identity and certificate preferences.",
    ),
    why: prose(
        "The reference is resolved inside the profile when it is installed. The device log says that certificate \
          references could not be filled in; the user only sees that the VPN service payload could not be installed.",
    ),
    mend: prose(
        "Put the PayloadUUID of the identity's payload (pkcs12, scep, acme) there, and keep both in one profile. Tools \
           that give payloads new UUIDs must change the references too.",
    ),
    source: "Apple device-management schema: PayloadCertificateUUID (a payload within the same profile); public issues \
             trailofbits/algo 168 and 701",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    if references.open_targets {
        return;
    }
    for (holder, reference) in &references.certificates {
        if references.payload(reference.uuid.value).is_some() {
            continue;
        }
        let message = format!("{} names no payload of this profile", reference.key);
        let finding = Finding::value(&reference.section, reference.key, message);
        // The advice costs a look at every payload.
        out.say(if out.is_full() { finding } else { advise(cx, *holder, reference, finding) });
    }
}

/// What was most likely meant.
fn advise(cx: &Context<'_>, holder: Holder, reference: &Reference<'_>, finding: Finding) -> Finding {
    let wanted = reference.uuid.value.trim();
    let named = cx.profile.payloads().iter().find(|payload| {
        payload.string("PayloadIdentifier") == Some(wanted)
            || payload.string("PayloadDisplayName") == Some(wanted)
    });
    let only = cx.references().only_identity.filter(|_| holder != Holder::CertificatePreference);
    let Some((payload, uuid)) =
        named.or(only).and_then(|payload| payload.section.str("PayloadUUID").map(|uuid| (payload, uuid)))
    else {
        return finding.help("write the PayloadUUID of the payload that holds the identity, in this profile");
    };
    let why = if named.is_some() { "its name is no reference" } else { "it is the only identity here" };
    finding
        .help(format!("write the PayloadUUID of {}: {why}", describe(payload)))
        .related(uuid.span, "this PayloadUUID")
        .unsafe_replace("name that payload", uuid.value.trim())
}
