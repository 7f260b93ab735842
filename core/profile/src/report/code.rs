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

/// The codes that are given outside of [`crate::rules`]: by the readers of a file, and for certificates and plans. What a rule
/// says has its code in the rule.
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

        /// A placeholder of a template was never filled in.
        TEMPLATE_VARIABLE = "template.variable";
        /// The file is a template: an error where it was read plainly, a notice in template mode.
        TEMPLATE_CONTROL_FLOW = "template.control-flow";

        /// The value has another type than the key takes.
        TYPE_MISMATCH = "type.mismatch";
        /// A boolean where 0 or 1 is documented.
        TYPE_BOOL_FOR_INT = "type.bool-for-int";
        /// Not one of the allowed values.
        VALUE_NOT_ALLOWED = "value.not-allowed";
        /// The right word in the wrong case.
        VALUE_CASE = "value.case";
        /// Not a key of this dictionary.
        KEY_UNKNOWN = "key.unknown";

        /// No `VPNType`.
        VPN_TYPE_MISSING = "vpn.type-missing";
        /// The dictionary that `VPNType` asks for is missing.
        VPN_SECTION_MISSING = "vpn.section-missing";

        /// `CertificateType` contradicts the key of the identity.
        CERTTYPE_MISMATCH = "ikev2.certtype-mismatch";
        /// No `CertificateType`, and the identity is not RSA.
        CERTTYPE_DEFAULT_RSA = "ikev2.certtype-default-rsa";

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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_well_formed_and_have_pages() {
        let mut seen = std::collections::BTreeSet::new();
        for code in codes::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert!(crate::rules::find(code.as_str()).is_some(), "{code} has no page");
            let (family, name) = code.as_str().split_once('.').unwrap();
            assert_eq!(family, code.family());
            let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(family.chars().all(lower) && name.chars().all(lower), "{code}");
        }
    }
}
