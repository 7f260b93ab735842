//! A per-app VPN out of a profile.

use adit_profile::model::{Payload, Profile, Section};

use super::{AppRule, PerApp};

const APP_MAPPING: &str = "com.apple.vpn.managed.appmapping";

impl PerApp {
    /// What a payload of `com.apple.vpn.managed.applayer` is for, with the apps that the profile's mappings give its
    /// `VPNUUID`. UUIDs are compared without regard to case.
    #[must_use]
    pub fn of_payload(profile: &Profile<'_>, payload: &Payload<'_>) -> Self {
        let section = &payload.section;
        let list = |key: &str| -> Vec<String> {
            section.strings(key).iter().map(|text| text.value.to_owned()).collect()
        };
        let vpn_uuid = text(section, "VPNUUID").unwrap_or_default();
        Self {
            on_demand_match_app_enabled: section.is_on("OnDemandMatchAppEnabled"),
            apps: apps(profile, &vpn_uuid),
            safari_domains: list("SafariDomains"),
            mail_domains: list("MailDomains"),
            calendar_domains: list("CalendarDomains"),
            contacts_domains: list("ContactsDomains"),
            associated_domains: list("AssociatedDomains"),
            excluded_domains: list("ExcludedDomains"),
            smb_domains: list("SMBDomains"),
            vpn_uuid,
        }
    }
}

fn apps(profile: &Profile<'_>, vpn_uuid: &str) -> Vec<AppRule> {
    let mappings = profile.payloads().iter().filter(|payload| payload.kind() == Some(APP_MAPPING));
    let elements = mappings.flat_map(|payload| payload.section.sections("AppLayerVPNMapping"));
    elements
        .filter(|element| {
            !vpn_uuid.is_empty()
                && text(element, "VPNUUID").is_some_and(|uuid| uuid.eq_ignore_ascii_case(vpn_uuid))
        })
        .map(|element| rule(&element))
        .collect()
}

fn rule(element: &Section<'_>) -> AppRule {
    let signing = text(element, "SigningIdentifier");
    let identifier = text(element, "Identifier").or_else(|| signing.clone()).unwrap_or_default();
    // Tools have no tools of their own in the schema, so this ends after one level.
    let tool = |tool: &Section<'_>| AppRule {
        identifier: text(tool, "SigningIdentifier").unwrap_or_default(),
        match_signing_identifier: text(tool, "SigningIdentifier").unwrap_or_default(),
        match_designated_requirement: text(tool, "DesignatedRequirement"),
        match_path: text(tool, "Path"),
        match_tools: Vec::new(),
    };
    AppRule {
        match_signing_identifier: signing.unwrap_or_else(|| identifier.clone()),
        identifier,
        match_designated_requirement: text(element, "DesignatedRequirement"),
        match_path: text(element, "Path"),
        match_tools: element.sections("MatchTools").iter().map(tool).collect(),
    }
}

fn text(section: &Section<'_>, key: &str) -> Option<String> {
    section.str(key).map(|text| text.value.to_owned()).filter(|text| !text.is_empty())
}
