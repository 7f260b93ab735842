//! The to-do list: what stands apart from a declaration, and the placeholders for it in a profile.

use serde::Serialize;

/// The asset declarations that a VPN declaration may refer to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum AssetType {
    /// `com.apple.asset.credential.userpassword`: a user name and a password, or a password alone.
    #[serde(rename = "com.apple.asset.credential.userpassword")]
    UserPassword,
    /// `com.apple.asset.credential.identity`: a PKCS#12 file.
    #[serde(rename = "com.apple.asset.credential.identity")]
    Identity,
    /// `com.apple.asset.credential.acme`: an identity got by ACME.
    #[serde(rename = "com.apple.asset.credential.acme")]
    Acme,
    /// `com.apple.asset.credential.scep`: an identity got by SCEP.
    #[serde(rename = "com.apple.asset.credential.scep")]
    Scep,
}

impl AssetType {
    /// What an identity may be.
    pub(super) const IDENTITIES: &'static [Self] = &[Self::Acme, Self::Identity, Self::Scep];

    /// The asset for a payload with an identity.
    pub(super) fn of_payload(payload_type: &str) -> Option<&'static [Self]> {
        match payload_type {
            "com.apple.security.pkcs12" => Some(&[Self::Identity]),
            "com.apple.security.acme" => Some(&[Self::Acme]),
            "com.apple.security.scep" => Some(&[Self::Scep]),
            _ => None,
        }
    }

    /// `Type` of the asset's declaration.
    #[must_use]
    pub fn declaration_type(self) -> &'static str {
        match self {
            Self::UserPassword => "com.apple.asset.credential.userpassword",
            Self::Identity => "com.apple.asset.credential.identity",
            Self::Acme => "com.apple.asset.credential.acme",
            Self::Scep => "com.apple.asset.credential.scep",
        }
    }
}

/// An asset that a declaration refers to. Converting to declarations it is to be made; converting back, what it holds is
/// to be put into the profile.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Asset {
    /// The `Identifier` that the declaration refers to.
    pub reference: String,
    /// Its `Type`; several where any of them would do.
    pub types: &'static [AssetType],
    /// What it holds, in words; never the secret.
    pub holds: String,
    /// The user name that the profile has, which is no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Where the profile has it.
    pub profile: Vec<String>,
    /// Where declarations refer to it.
    pub declaration: Vec<String>,
}

/// Adds to the list; an asset that is there already gets the new places.
pub(super) fn add(assets: &mut Vec<Asset>, new: Asset) {
    match assets.iter_mut().find(|known| known.reference == new.reference) {
        Some(known) => {
            known.profile.extend(new.profile);
            known.declaration.extend(new.declaration);
        }
        None => assets.push(new),
    }
}

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// The password or shared secret of an asset.
    Password,
    /// The user name of an asset.
    UserName,
    /// The identity itself.
    Identity,
}

impl Part {
    fn suffix(self) -> &'static str {
        match self {
            Self::Password => ".password",
            Self::UserName => ".user-name",
            Self::Identity => "",
        }
    }
}

/// What stands in a profile in place of what an asset holds: a template's variable, which every template language of
/// this kind takes. `None` for a reference that would break it.
pub(super) fn placeholder(reference: &str, part: Part) -> Option<String> {
    let sound = !reference.is_empty() && !reference.contains(['{', '}']) && reference.trim() == reference;
    sound.then(|| format!("{{{{asset.{reference}{}}}}}", part.suffix()))
}

/// The reference inside such a placeholder.
pub(super) fn reference_in(text: &str, part: Part) -> Option<&str> {
    let inside = text.strip_prefix("{{asset.")?.strip_suffix("}}")?;
    inside.strip_suffix(part.suffix()).filter(|reference| !reference.is_empty())
}

/// Whether a text is a UUID: 8-4-4-4-12 letters and digits, as the schema has it.
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    text.split('-').count() == lengths.len()
        && text.split('-').zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_lead_back_to_their_references() {
        for part in [Part::Password, Part::UserName, Part::Identity] {
            let text = placeholder("com.example.vpn.eap", part).unwrap();
            assert_eq!(reference_in(&text, part), Some("com.example.vpn.eap"), "{text}");
        }
        assert_eq!(placeholder("a}}b", Part::Password), None);
        assert_eq!(placeholder("", Part::Password), None);
        assert_eq!(reference_in("{{user.password}}", Part::Password), None);
        assert_eq!(reference_in("{{asset.}}", Part::Identity), None);
    }

    #[test]
    fn uuids_have_five_groups() {
        assert!(is_uuid("64BF8F5C-8CFD-40AA-9082-A0B594D4E100"));
        for wrong in
            ["", "64BF8F5C", "64BF8F5C-8CFD-40AA-9082-A0B594D4E10", "64BF8F5C-8CFD-40AA-9082-A0B594D4E100-"]
        {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
