//! What the two security association dictionaries come to: defaults and inheritance made explicit, per platform.
//!
//! Owns [`Associations`], the one reading that rules, `explain` and [`super::requirements`] share. It says where each value
//! comes from and judges nothing. Sources: Apple's schema (defaults, and that the child takes the IKE values when it has
//! no dictionary); for a profile without an IKE dictionary [`Suite::OBSERVED`], which is not documented.

use serde::Serialize;

use crate::gather::Gather as _;
use crate::model::{EncryptionAlgorithm, Section, SecurityAssociation};
use crate::schema::Platform;

use super::algorithms::Suite;

/// The dictionary of the IKE SA.
pub const IKE: &str = "IKESecurityAssociationParameters";

/// The dictionary of Child SAs.
pub const CHILD: &str = "ChildSecurityAssociationParameters";

/// Minutes that a security association lives unless the profile says otherwise (`LifeTimeInMinutes`).
pub const DEFAULT_LIFETIME_MINUTES: u32 = 1440;

/// Both security associations of one IKEv2 settings dictionary.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Associations {
    /// The IKE SA.
    pub ike: Association,
    /// Child SAs (ESP).
    pub child: Association,
    /// `EnablePFS`: a key exchange in each rekey of a Child SA. Without it the group and the post-quantum methods of the
    /// child are not proposed.
    pub perfect_forward_secrecy: bool,
    /// `AllowPostQuantumKeyExchangeFallback`: proposals without the additional key exchanges may be made too.
    pub post_quantum_fallback: bool,
}

/// What one security association comes to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Association {
    /// Where the whole comes from.
    pub source: Source,
    /// The algorithms; for [`Source::Observed`] and what inherits it the first of the list: see [`Self::suites`].
    pub suite: Suite,
    /// `LifeTimeInMinutes`.
    pub lifetime_minutes: u32,
    /// `PostQuantumKeyExchangeMethods` in order, ADDKE1 first: 0 none, 36 ML-KEM-768, 37 ML-KEM-1024.
    pub post_quantum: Vec<u16>,
    /// Where each value comes from.
    pub origins: Origins,
    observed: bool,
}

/// Where a security association comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A dictionary of its own, with the schema's default for each missing key. An empty one counts.
    Dictionary,
    /// The child has no dictionary and takes what the IKE SA has.
    Inherited,
    /// There is no IKE dictionary: the list that Apple's client was observed to send.
    Observed,
}

/// Where each value of a security association comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Origins {
    /// `EncryptionAlgorithm`.
    pub encryption: Origin,
    /// `IntegrityAlgorithm`.
    pub integrity: Origin,
    /// `DiffieHellmanGroup`.
    pub group: Origin,
    /// `LifeTimeInMinutes`.
    pub lifetime: Origin,
    /// `PostQuantumKeyExchangeMethods`.
    pub post_quantum: Origin,
}

/// Where one value comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The profile gives it.
    Given,
    /// The key is missing: the schema's default.
    Default,
    /// The key is there, but its value is none that it may have (or a template's placeholder): the default stands in and
    /// nothing should be concluded from it.
    Unusable,
    /// There is no dictionary: what Apple's client was observed to send.
    Observed,
}

impl Associations {
    /// Reads an IKEv2 settings dictionary (`IKEv2`, or an element of `AlwaysOn.TunnelConfigurations`) as a platform does;
    /// `None` stands for iOS, macOS and visionOS, whose defaults are the same.
    #[must_use]
    pub fn of(settings: &Section<'_>, platform: Option<Platform>) -> Self {
        let default = Suite::default_on(platform);
        let dictionary = |key| settings.sub(key).map(|section| Association::of(&section, default));
        // A dictionary of a wrong type is no reason to think of what was observed without one.
        let unusable = |key| settings.has(key).then(|| Association::unusable(default));
        let ike = dictionary(IKE).or_else(|| unusable(IKE)).unwrap_or_else(Association::observed);
        let child = dictionary(CHILD)
            .or_else(|| unusable(CHILD))
            .unwrap_or_else(|| Association { source: Source::Inherited, ..ike.clone() });
        Self {
            ike,
            child,
            perfect_forward_secrecy: settings.is_on("EnablePFS"),
            post_quantum_fallback: settings.is_on("AllowPostQuantumKeyExchangeFallback"),
        }
    }
}

impl Association {
    /// Every combination of algorithms that is offered, best first; one, except where the list was observed.
    #[must_use]
    pub fn suites(&self) -> &[Suite] {
        if self.observed { &Suite::OBSERVED } else { std::slice::from_ref(&self.suite) }
    }

    /// Whether [`Self::suites`] is what was observed, not what the profile or the schema says.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.observed
    }

    /// The weakest cipher it offers by [`EncryptionAlgorithm::strength`]; `None` when the profile's value is unusable.
    #[must_use]
    pub fn weakest_cipher(&self) -> Option<EncryptionAlgorithm> {
        let known = self.origins.encryption != Origin::Unusable;
        let ciphers = self.suites().iter().map(|suite| suite.encryption);
        ciphers.min_by_key(|cipher| cipher.strength()).filter(|_| known)
    }

    /// The post-quantum methods that add a round: those that are not 0.
    pub fn post_quantum_rounds(&self) -> impl Iterator<Item = u16> {
        self.post_quantum.iter().copied().filter(|method| *method != 0)
    }

    fn of(section: &Section<'_>, default: Suite) -> Self {
        let read = SecurityAssociation::read(section.clone());
        let origin = |key, given: bool| match (given, section.has(key)) {
            (true, _) => Origin::Given,
            (false, true) => Origin::Unusable,
            (false, false) => Origin::Default,
        };
        Self {
            source: Source::Dictionary,
            suite: Suite {
                encryption: read.encryption.map_or(default.encryption, |found| found.value),
                integrity: read.integrity.map_or(default.integrity, |found| found.value),
                group: read.diffie_hellman_group.map_or(default.group, |found| found.value),
            },
            lifetime_minutes: read.lifetime_minutes.map_or(DEFAULT_LIFETIME_MINUTES, |found| found.value),
            origins: Origins {
                encryption: origin("EncryptionAlgorithm", read.encryption.is_some()),
                integrity: origin("IntegrityAlgorithm", read.integrity.is_some()),
                group: origin("DiffieHellmanGroup", read.diffie_hellman_group.is_some()),
                lifetime: origin("LifeTimeInMinutes", read.lifetime_minutes.is_some()),
                post_quantum: origin("PostQuantumKeyExchangeMethods", !read.post_quantum.is_empty()),
            },
            post_quantum: read.post_quantum.iter().map(|method| method.value).gather(),
            observed: false,
        }
    }

    fn with(source: Source, suite: Suite, origin: Origin) -> Self {
        let lifetime = if origin == Origin::Observed { Origin::Default } else { origin };
        Self {
            source,
            suite,
            lifetime_minutes: DEFAULT_LIFETIME_MINUTES,
            post_quantum: Vec::new(),
            origins: Origins {
                encryption: origin,
                integrity: origin,
                group: origin,
                lifetime,
                post_quantum: lifetime,
            },
            observed: source == Source::Observed,
        }
    }

    fn unusable(default: Suite) -> Self {
        Self::with(Source::Dictionary, default, Origin::Unusable)
    }

    fn observed() -> Self {
        let [first, ..] = Suite::OBSERVED;
        Self::with(Source::Observed, first, Origin::Observed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::build::{Value, to_xml};
    use crate::model::{IntegrityAlgorithm, Path};

    fn associations(settings: Value, platform: Option<Platform>) -> Associations {
        let xml = to_xml(&settings).unwrap();
        let document = Document::read(xml.as_bytes());
        let root = document.root().unwrap();
        let section = Section::new(root.as_dict().unwrap(), root.span, root.span, Path::default());
        Associations::of(&section, platform)
    }

    fn dictionary(entries: &[(&str, Value)]) -> Value {
        Value::dict(entries.iter().map(|(key, value)| (*key, value.clone())).collect::<Vec<_>>())
    }

    #[test]
    fn without_dictionaries_the_observed_list_stands_for_both() {
        let found = associations(dictionary(&[]), None);
        for one in [&found.ike, &found.child] {
            assert_eq!(one.suites(), Suite::OBSERVED);
            assert!(one.is_observed());
            assert_eq!((one.origins.encryption, one.origins.lifetime), (Origin::Observed, Origin::Default));
            assert_eq!(one.lifetime_minutes, 1440);
        }
        assert_eq!((found.ike.source, found.child.source), (Source::Observed, Source::Inherited));
        assert!(!found.perfect_forward_secrecy && !found.post_quantum_fallback);
    }

    #[test]
    fn the_child_inherits_and_an_empty_dictionary_means_defaults() {
        let ike = dictionary(&[
            ("EncryptionAlgorithm", "AES-128".into()),
            ("LifeTimeInMinutes", 60.into()),
            ("PostQuantumKeyExchangeMethods", Value::Array(vec![36.into(), 0.into(), 37.into()])),
        ]);
        let found = associations(dictionary(&[(IKE, ike.clone()), ("EnablePFS", 1.into())]), None);
        assert_eq!(found.child, Association { source: Source::Inherited, ..found.ike.clone() });
        assert_eq!(found.ike.suites(), [Suite { encryption: EncryptionAlgorithm::Aes128, ..Suite::DEFAULT }]);
        assert_eq!((found.ike.origins.encryption, found.ike.origins.group), (Origin::Given, Origin::Default));
        assert_eq!(found.child.post_quantum, [36, 0, 37]);
        assert_eq!(found.child.post_quantum_rounds().collect::<Vec<_>>(), [36, 37]);
        assert!(found.perfect_forward_secrecy);
        let found = associations(dictionary(&[(IKE, ike), (CHILD, dictionary(&[]))]), None);
        assert_eq!((found.child.source, found.child.suite), (Source::Dictionary, Suite::DEFAULT));
        assert_eq!((found.child.lifetime_minutes, found.child.post_quantum.len()), (1440, 0));
    }

    #[test]
    fn tvos_and_watchos_have_a_default_cipher_of_their_own() {
        let settings = dictionary(&[(IKE, dictionary(&[("IntegrityAlgorithm", "SHA2-384".into())]))]);
        for platform in Platform::ALL {
            let found = associations(settings.clone(), Some(platform));
            let newer = matches!(platform, Platform::Tvos | Platform::Watchos);
            let cipher = if newer { EncryptionAlgorithm::Aes256Gcm } else { EncryptionAlgorithm::Aes256 };
            assert_eq!(found.ike.suite.encryption, cipher, "{platform}");
            assert_eq!(found.child.suite.integrity, IntegrityAlgorithm::Sha2_384);
            let schema = crate::schema::payload("com.apple.vpn.managed").unwrap();
            let key = schema.at(&format!("IKEv2.{IKE}.EncryptionAlgorithm")).unwrap();
            assert_eq!(key.default_on(platform), Some(crate::model::Keyword::word(cipher)));
        }
    }

    #[test]
    fn an_unusable_value_is_known_to_be_one() {
        let ike = dictionary(&[
            ("EncryptionAlgorithm", "{{ cipher }}".into()),
            ("DiffieHellmanGroup", 3.into()),
            ("LifeTimeInMinutes", 9.into()),
        ]);
        let found = associations(dictionary(&[(IKE, ike), (CHILD, "AES-256".into())]), None);
        let origins = found.ike.origins;
        assert_eq!((origins.encryption, origins.group), (Origin::Unusable, Origin::Unusable));
        assert_eq!((origins.lifetime, origins.integrity), (Origin::Unusable, Origin::Default));
        assert_eq!(found.ike.weakest_cipher(), None);
        assert_eq!(found.child.origins.encryption, Origin::Unusable);
        assert_eq!(found.child.source, Source::Dictionary);
    }
}
