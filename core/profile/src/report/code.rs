//! The stable names of diagnostics. A code is never reused for something else.
//!
//! Families and meanings follow the project's rule table (`reference/profile-rules.md`); the family `plan` is what
//! a profile asks of this build rather than what is wrong with the profile.

use std::fmt;

use serde::Serialize;

/// A stable name such as `container.xml-malformed`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Code(&'static str);

impl Code {
    /// A code by its name, `family.name` in lower case.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The part before the dot.
    #[must_use]
    pub fn family(self) -> &'static str {
        self.0.split_once('.').map_or(self.0, |(family, _)| family)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Every code this build can give.
pub mod codes {
    use super::Code;

    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
            $($(#[$doc])* pub const $name: Code = Code($text);)*

            /// All of them, in the order of the families.
            pub const ALL: &[Code] = &[$($name),*];
        };
    }

    codes! {
        /// The first bytes are none of the known formats.
        UNKNOWN_FORMAT = "container.unknown-format";
        /// Not well-formed: an error where Apple's parser refuses it, a warning where only others do.
        XML_MALFORMED = "container.xml-malformed";
        /// Something stands before the XML declaration.
        XML_LEADING_JUNK = "container.xml-leading-junk";
        /// Key without value, value without key, unknown element, root not a dictionary.
        PLIST_STRUCTURE = "container.plist-structure";
        /// The same key twice in one dictionary.
        DUPLICATE_KEY = "container.duplicate-key";
        /// `<data>` holds what is not Base64.
        BAD_BASE64 = "container.bad-base64";
        /// `<integer>` holds what is not an integer.
        BAD_INTEGER = "container.bad-integer";
        /// `<real>` holds what is not a number.
        BAD_REAL = "container.bad-real";
        /// `<date>` holds what is not a date.
        BAD_DATE = "container.bad-date";
        /// The document type declares things of its own; entities are never expanded, nothing is fetched.
        ENTITY_EXPANSION = "container.entity-expansion";
        /// Nested deeper than the limit.
        TOO_DEEP = "container.too-deep";
        /// An archive of objects, not a profile.
        NSKEYED_ARCHIVE = "container.nskeyed-archive";
        /// Larger than the limit, in bytes or in values.
        TOO_LARGE = "container.too-large";
        /// The binary property list is damaged.
        BINARY_MALFORMED = "container.binary-malformed";
        /// The CMS around a signed profile is damaged.
        CMS_MALFORMED = "container.cms-malformed";
        /// CMS-encrypted content, which only the device it was made for opens.
        SIGNED_NOT_READ = "container.signed-not-read";
        /// A signature without the content it was made for.
        SIGN_DETACHED = "sign.detached";

        /// Top-level `PayloadType` is not `Configuration`.
        PROFILE_TYPE = "profile.type";
        /// `PayloadContent` is missing and the profile is not encrypted.
        CONTENT_MISSING = "profile.content-missing";
        /// `PayloadContent` is not an array.
        CONTENT_NOT_ARRAY = "profile.content-not-array";
        /// `PayloadContent` is empty.
        CONTENT_EMPTY = "profile.content-empty";
        /// An element of `PayloadContent` is not a dictionary.
        PAYLOAD_NOT_DICT = "payload.not-dict";
        /// A required key of a payload is missing.
        PAYLOAD_MISSING_KEY = "payload.missing-key";
        /// `IsEncrypted`: only the outer keys can be read.
        ENCRYPTED = "enc.encrypted";
        /// A placeholder of a template was never filled in.
        TEMPLATE_VARIABLE = "template.variable";
        /// The file is a template: an error where it was read plainly, a notice in template mode.
        TEMPLATE_CONTROL_FLOW = "template.control-flow";

        /// The value has another type than the key takes.
        TYPE_MISMATCH = "type.mismatch";
        /// A boolean where 0 or 1 is documented.
        TYPE_BOOL_FOR_INT = "type.bool-for-int";
        /// A string where data is needed, or the reverse.
        TYPE_STRING_FOR_DATA = "type.string-for-data";
        /// Not one of the allowed values.
        VALUE_NOT_ALLOWED = "value.not-allowed";
        /// The right word in the wrong case.
        VALUE_CASE = "value.case";
        /// A number outside its range.
        VALUE_RANGE = "value.range";
        /// Not a key of this dictionary.
        KEY_UNKNOWN = "key.unknown";
        /// Documented, but without effect.
        KEY_DEAD = "key.dead";

        /// `PayloadCertificateUUID` names no payload of this profile.
        CERT_REF_MISSING = "ref.cert-missing";
        /// `PayloadCertificateUUID` names a certificate without a key.
        CERT_REF_NOT_IDENTITY = "ref.cert-not-identity";
        /// `PayloadCertificateUUID` is given but the method does not use it.
        CERT_REF_NOT_NEEDED = "ref.cert-not-needed";
        /// The UUIDs match only when case is folded.
        REF_CASE_DIFFERS = "ref.case-differs";

        /// No `VPNType`.
        VPN_TYPE_MISSING = "vpn.type-missing";
        /// The dictionary that `VPNType` asks for is missing.
        VPN_SECTION_MISSING = "vpn.section-missing";
        /// No server address.
        VPN_REMOTE_MISSING = "vpn.remote-missing";
        /// The server address is no host name and no IP address.
        VPN_REMOTE_SYNTAX = "vpn.remote-syntax";
        /// `DisconnectOnIdleTimer` below zero.
        VPN_IDLE_NEGATIVE = "vpn.idle-negative";

        /// No `AuthenticationMethod`.
        AUTH_MISSING = "ikev2.auth-missing";
        /// `None` without EAP falls back to the shared secret.
        AUTH_NONE_NO_EAP = "ikev2.auth-none-no-eap";
        /// The method needs a shared secret and there is none.
        PSK_MISSING = "ikev2.psk-missing";
        /// A shared secret the method does not use.
        PSK_UNUSED = "ikev2.psk-unused";
        /// A shared secret together with EAP.
        PSK_WITH_EAP = "ikev2.psk-with-eap";
        /// The method needs an identity and none is named.
        CERT_MISSING = "ikev2.cert-missing";
        /// `CertificateType` without `ServerCertificateIssuerCommonName`.
        CERTTYPE_NEEDS_ISSUER = "ikev2.certtype-needs-issuer";
        /// `CertificateType` contradicts the key of the identity.
        CERTTYPE_MISMATCH = "ikev2.certtype-mismatch";
        /// No `CertificateType`, and the identity is not RSA.
        CERTTYPE_DEFAULT_RSA = "ikev2.certtype-default-rsa";
        /// `CertificateType` Ed25519, which never worked.
        CERTTYPE_ED25519 = "ikev2.certtype-ed25519";
        /// EAP without a name or password: the user is asked.
        EAP_NO_CREDENTIALS = "ikev2.eap-no-credentials";
        /// `AuthName` or `AuthPassword` without EAP.
        EAP_CREDS_UNUSED = "ikev2.eap-creds-unused";
        /// No `LocalIdentifier`.
        LOCAL_ID_MISSING = "ikev2.local-id-missing";
        /// No `RemoteIdentifier`.
        REMOTE_ID_MISSING = "ikev2.remote-id-missing";
        /// `NATKeepAliveInterval` below 20 seconds.
        NAT_INTERVAL = "ikev2.nat-interval";
        /// `MTU` outside 1280 to 1400.
        MTU_RANGE = "ikev2.mtu-range";
        /// Not a value of `DeadPeerDetectionRate`.
        DPD_VALUE = "ikev2.dpd-value";

        /// `LifeTimeInMinutes` outside 10 to 1440.
        LIFETIME_RANGE = "sa.lifetime-range";
        /// A Diffie-Hellman group given as text.
        DH_TYPE = "sa.dh-type";
        /// `EnforceStrictAlgorithmSelection` with DES or triple DES.
        STRICT_CIPHER = "sa.strict-cipher";
        /// `EnforceStrictAlgorithmSelection` with a group below 14.
        STRICT_DH = "sa.strict-dh";
        /// `EnforceStrictAlgorithmSelection` with the IKE cipher weaker than the child's.
        STRICT_ORDER = "sa.strict-order";
        /// More than seven post-quantum methods.
        PQ_TOO_MANY = "pq.too-many";
        /// A post-quantum method other than 0, 36, 37.
        PQ_UNKNOWN_METHOD = "pq.unknown-method";
        /// `PPK` without `PPKIdentifier` or the reverse.
        PPK_PAIR = "ppk.pair";
        /// A PPK shorter than 32 bytes.
        PPK_SHORT = "ppk.short";

        /// Not a PKCS#12 file.
        P12_UNREADABLE = "cert.p12-unreadable";
        /// The password does not open the PKCS#12 file.
        P12_PASSWORD = "cert.p12-password";
        /// No private key inside the PKCS#12 file.
        P12_NO_KEY = "cert.p12-no-key";
        /// No `Password` for the PKCS#12 file: the user is asked.
        P12_NO_PASSWORD = "cert.p12-no-password";
        /// A certificate payload that cannot be read.
        CERT_UNREADABLE = "cert.unreadable";
        /// DER where PEM is expected or the reverse.
        CERT_DER_PEM_MIXUP = "cert.der-pem-mixup";

        /// A key that this build does not act on yet.
        PLAN_NOT_OBEYED = "plan.not-obeyed";
        /// Something this build cannot do, where going on without it would be unsafe or fail.
        PLAN_UNSUPPORTED = "plan.unsupported";
        /// No, or more than one, VPN payload where one was to be chosen.
        PLAN_CHOICE = "plan.choice";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for code in codes::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            let (family, name) = code.as_str().split_once('.').unwrap();
            assert_eq!(family, code.family());
            let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(family.chars().all(lower) && name.chars().all(lower), "{code}");
        }
    }
}
