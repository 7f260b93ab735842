//! From a description to the property list: payloads, their frames and their references.

use super::certificate::Anchor;
use super::{Identity, Keys, Spec, SpecError, Vpn};
use crate::build::{Seed, Value};
use crate::certificate::KeyKind;
use crate::gather::Gather as _;
use crate::model::{Keyword, VPN_APPLAYER, VPN_MANAGED};

/// What the parts of a profile have to know of each other.
pub struct Context<'s> {
    spec: &'s Spec,
    seed: &'s Seed,
    anchors: Vec<Anchor>,
}

impl Context<'_> {
    /// The `PayloadUUID` for a reference to an identity: by its name, or the only one there is. `None` when there is
    /// no identity at all, which the checker reports.
    pub fn identity(
        &self,
        reference: Option<&str>,
        field: impl FnOnce() -> String,
    ) -> Result<Option<String>, SpecError> {
        let found = self.find(reference, field)?;
        Ok(found.map(|(name, _)| self.seed.uuid(&identity_role(name))))
    }

    /// The kind of that identity's key, if it can be told.
    pub fn identity_key(
        &self,
        reference: Option<&str>,
        field: impl FnOnce() -> String,
    ) -> Result<Option<KeyKind>, SpecError> {
        Ok(self.find(reference, field)?.and_then(|(_, identity)| identity.key_kind()))
    }

    /// The common name of the trusted certificate, if there is exactly one.
    pub fn only_anchor_name(&self) -> Option<&str> {
        match self.anchors.as_slice() {
            [anchor] => anchor.common_name.as_deref(),
            _ => None,
        }
    }

    fn find(
        &self,
        reference: Option<&str>,
        field: impl FnOnce() -> String,
    ) -> Result<Option<(&str, &Identity)>, SpecError> {
        let identities = &self.spec.identity;
        let known = || identities.names().cloned().gather();
        let mut all = identities.iter().map(|(name, identity)| (name.as_str(), identity));
        match reference {
            Some(name) => all.find(|(known, _)| *known == name).map(Some).ok_or_else(|| {
                SpecError::UnknownIdentity { field: field(), name: name.to_owned(), known: known() }
            }),
            None if identities.len() > 1 => Err(SpecError::WhichIdentity { field: field(), known: known() }),
            None => Ok(all.next()),
        }
    }
}

fn identity_role(name: &str) -> String {
    format!("identity.{name}")
}

/// The whole profile.
pub fn profile(spec: &Spec, seed: &Seed) -> Result<Value, SpecError> {
    let mut anchors = Vec::new();
    for (index, certificate) in spec.certificates.iter().enumerate() {
        anchors.extend(certificate.read(index)?);
    }
    let context = Context { spec, seed, anchors };
    let settings = &spec.profile;
    let uuid = settings.uuid.clone().unwrap_or_else(|| seed.uuid("profile"));
    let identifier = settings.identifier.clone().unwrap_or_else(|| format!("net.adit.profile.{uuid}"));

    let payload = |kind: &str, role: &str, name: &str, uuid: Option<&String>| {
        let mut keys = frame(
            kind,
            &format!("{identifier}.{}", role.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")),
            &uuid.cloned().unwrap_or_else(|| seed.uuid(role)),
        );
        keys.put("PayloadDisplayName", name);
        keys
    };
    let mut payloads = Vec::new();
    for (index, anchor) in context.anchors.iter().enumerate() {
        let role = format!("certificate.{index}");
        let mut keys = payload(anchor.payload.payload_type(), &role, &anchor.name, None);
        keys.data("PayloadContent", Some(&anchor.der));
        payloads.push(keys.into());
    }
    for (name, identity) in &spec.identity {
        let mut keys = payload(identity.payload_type(), &identity_role(name), name, None);
        keys.extend(identity.write(&identity_role(name))?);
        payloads.push(keys.into());
    }
    let connection_name = settings.connection_name.as_ref().unwrap_or(&settings.name);
    let kind = if spec.per_app.is_some() { VPN_APPLAYER } else { VPN_MANAGED };
    let mut keys = payload(kind, "vpn", connection_name, settings.vpn_uuid.as_ref());
    keys.put("UserDefinedName", connection_name.as_str());
    keys.extend(vpn(&context)?);
    payloads.push(keys.into());
    if let Some(per_app) = spec.per_app.as_ref().filter(|per_app| !per_app.mac_apps.is_empty()) {
        let mut keys = payload("com.apple.vpn.managed.appmapping", "app-mapping", "Apps", None);
        keys.extend(per_app.mapping(seed));
        payloads.push(keys.into());
    }
    if let Some(password) = &settings.removal_password {
        let kind = "com.apple.profileRemovalPassword";
        let mut keys = payload(kind, "removal-password", "Removal password", None);
        keys.put("RemovalPassword", password.as_text("profile.removal-password")?);
        payloads.push(keys.into());
    }

    let mut keys = frame("Configuration", &identifier, &uuid);
    keys.extend(settings.write()?);
    keys.put("PayloadContent", Value::Array(payloads));
    Ok(keys.into())
}

/// What every payload has, and the profile too.
fn frame(kind: &str, identifier: &str, uuid: &str) -> Keys {
    let mut keys = Keys::default();
    keys.put("PayloadType", kind);
    keys.integer("PayloadVersion", Some(1));
    keys.put("PayloadIdentifier", identifier);
    keys.put("PayloadUUID", uuid);
    keys
}

/// The VPN payload without its frame.
fn vpn(context: &Context<'_>) -> Result<Keys, SpecError> {
    let spec = context.spec;
    let kind = spec.vpn.kind();
    let field = format!("vpn.{}", kind.name());
    let mut keys = Keys::default();
    keys.put("VPNType", kind.vpn_type());
    let plugin = spec.vpn.plugin(&field)?;
    keys.text("VPNSubType", plugin.as_ref().map(|plugin| &plugin.subtype));
    let mut dictionary = match (&spec.vpn, &plugin) {
        (Vpn::Ikev2(vpn), _) => vpn.write(&field, context)?,
        (Vpn::AlwaysOn(vpn), _) => vpn.write(&field, context)?,
        (Vpn::Ipsec(vpn), _) => vpn.write(&field, context)?,
        (_, Some(plugin)) => plugin.common.write(&field, context)?,
        (_, None) => Keys::default(),
    };
    if let Vpn::AlwaysOn(_) = spec.vpn {
        let refuse = |field, reason| Err(SpecError::NotForType { field, kind: kind.title(), reason });
        if spec.on_demand != super::OnDemand::default() {
            return refuse("on-demand", "which is always on");
        }
        if spec.per_app.is_some() {
            return refuse("per-app", "which is for the whole device");
        }
    }
    spec.on_demand.write(&mut dictionary);
    keys.put(kind.vpn_type(), dictionary);
    if let Some(plugin) = plugin {
        keys.dict("VendorConfig", plugin.vendor_config);
        keys.text("ProviderType", plugin.outer_provider_type.map(Keyword::word));
    }
    if let Vpn::Ipsec(vpn) = &spec.vpn {
        keys.dict("IPv4", vpn.ipv4());
    }
    if let Some(dns) = &spec.dns {
        keys.dict("DNS", dns.write(context)?);
    }
    if let Some(proxies) = &spec.proxies {
        keys.dict("Proxies", proxies.write()?);
    }
    if let Some(per_app) = &spec.per_app {
        per_app.write(context.seed, &mut keys);
    }
    Ok(keys)
}
