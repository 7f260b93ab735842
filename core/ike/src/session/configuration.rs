//! The configuration payload: what we ask for, what we take from a reply, what we reply (RFC 7296 3.15).

use std::net::IpAddr;

use super::context::Context;
use crate::config::ConfigRequest;
use crate::event::{AssignedConfig, Event, LeaseRequest};
use crate::identity::Identity;
use crate::wire::{
    ConfigAttribute, ConfigAttributeType as Type, ConfigType, ConfigValue, Configuration, Payload,
};

/// Name servers, domains and networks taken from one reply, of each.
const ENTRIES_MAX: usize = 64;

/// CFG_REQUEST for what `want` says; nothing if it wants nothing.
pub(crate) fn request(want: ConfigRequest) -> Option<Payload> {
    let mut types = Vec::new();
    if want.ipv4 {
        types.extend([Type::INTERNAL_IP4_ADDRESS, Type::INTERNAL_IP4_NETMASK, Type::INTERNAL_IP4_DNS]);
    }
    if want.ipv6 {
        types.extend([Type::INTERNAL_IP6_ADDRESS, Type::INTERNAL_IP6_DNS]);
    }
    if want.subnets {
        types.extend([Type::INTERNAL_IP4_SUBNET, Type::INTERNAL_IP6_SUBNET]);
    }
    if want.domains {
        types.push(Type::INTERNAL_DNS_DOMAIN);
    }
    (!types.is_empty()).then(|| Payload::Cp(Configuration::request(&types)))
}

/// Reads a CFG_REPLY. Malformed attributes and entries beyond the bounds are passed over with a warning.
pub(crate) fn read_reply(cx: &mut Context, reply: &Configuration) -> AssignedConfig {
    let mut assigned = AssignedConfig::default();
    let mut netmask = None;
    let (mut passed_over, mut malformed) = (0_usize, 0_usize);
    let mut first_malformed = None;
    for attribute in &reply.attributes {
        let value = match attribute.value() {
            Ok(value) => value,
            Err(bad) => {
                malformed += 1;
                first_malformed.get_or_insert(bad);
                continue;
            }
        };
        match (attribute.attribute_type, value) {
            (Type::INTERNAL_IP4_ADDRESS, ConfigValue::Ip4(address)) if assigned.ipv4.is_none() => {
                assigned.ipv4 = Some((address, 32));
            }
            (Type::INTERNAL_IP4_NETMASK, ConfigValue::Ip4Netmask(prefix)) => netmask = Some(prefix),
            (Type::INTERNAL_IP6_ADDRESS, ConfigValue::Ip6Prefix(address, prefix))
                if assigned.ipv6.is_none() =>
            {
                assigned.ipv6 = Some((address, prefix));
            }
            (Type::INTERNAL_IP4_DNS, ConfigValue::Ip4(address)) => {
                passed_over += push(&mut assigned.dns, IpAddr::V4(address));
            }
            (Type::INTERNAL_IP6_DNS, ConfigValue::Ip6(address)) => {
                passed_over += push(&mut assigned.dns, IpAddr::V6(address));
            }
            (_, ConfigValue::Domain(domain)) => passed_over += push(&mut assigned.domains, domain),
            (_, ConfigValue::Ip4Subnet(network, prefix)) => {
                passed_over += push(&mut assigned.subnets, (IpAddr::V4(network), prefix));
            }
            (Type::INTERNAL_IP6_SUBNET, ConfigValue::Ip6Prefix(network, prefix)) => {
                passed_over += push(&mut assigned.subnets, (IpAddr::V6(network), prefix));
            }
            _ => {}
        }
    }
    if let (Some((_, prefix)), Some(netmask)) = (&mut assigned.ipv4, netmask) {
        *prefix = netmask;
    }
    // One line for all of them: there may be thousands.
    if let Some(bad) = first_malformed {
        cx.event(Event::Warning(format!(
            "{malformed} configuration attributes ignored, the first because: {bad}"
        )));
    }
    if passed_over > 0 {
        cx.event(Event::Warning(format!(
            "{passed_over} configuration attributes beyond the first {ENTRIES_MAX} ignored"
        )));
    }
    assigned
}

/// Appends `entry` if it is new and there is room; 1 if there is none.
fn push<T: PartialEq>(list: &mut Vec<T>, entry: T) -> usize {
    if list.contains(&entry) {
        return 0;
    }
    if list.len() >= ENTRIES_MAX {
        return 1;
    }
    list.push(entry);
    0
}

/// What a CFG_REQUEST asks of the host; `None` if it asks for no address.
pub(crate) fn read_request(
    request: &Configuration,
    identity: Identity,
    initial_contact: bool,
) -> Option<LeaseRequest> {
    if request.config_type != ConfigType::REQUEST {
        return None;
    }
    let mut lease = LeaseRequest { identity, ipv4: None, ipv6: None, initial_contact };
    for attribute in &request.attributes {
        // A malformed wish is no wish.
        let value = attribute.value().unwrap_or(ConfigValue::Empty);
        match (attribute.attribute_type, value) {
            (Type::INTERNAL_IP4_ADDRESS, ConfigValue::Ip4(address)) if !address.is_unspecified() => {
                lease.ipv4 = Some(Some(address));
            }
            (Type::INTERNAL_IP4_ADDRESS, _) => lease.ipv4 = lease.ipv4.or(Some(None)),
            (Type::INTERNAL_IP6_ADDRESS, ConfigValue::Ip6Prefix(address, _)) if !address.is_unspecified() => {
                lease.ipv6 = Some(Some(address));
            }
            (Type::INTERNAL_IP6_ADDRESS, _) => lease.ipv6 = lease.ipv6.or(Some(None)),
            _ => {}
        }
    }
    (lease.ipv4.is_some() || lease.ipv6.is_some()).then_some(lease)
}

/// What of `assigned` belongs to address families that `request` asks for.
pub(crate) fn asked_for(request: &Configuration, mut assigned: AssignedConfig) -> AssignedConfig {
    let asked = |wanted| request.attributes.iter().any(|attribute| attribute.attribute_type == wanted);
    if !asked(Type::INTERNAL_IP4_ADDRESS) {
        assigned.ipv4 = None;
    }
    if !asked(Type::INTERNAL_IP6_ADDRESS) {
        assigned.ipv6 = None;
    }
    assigned
}

/// CFG_REPLY with what the host assigned, as far as it was asked for.
pub(crate) fn reply(request: &Configuration, assigned: &AssignedConfig) -> Payload {
    let asked = |wanted| request.attributes.iter().any(|attribute| attribute.attribute_type == wanted);
    let mut attributes = Vec::new();
    if let Some((address, prefix)) = assigned.ipv4 {
        attributes.push(ConfigAttribute::ip4(Type::INTERNAL_IP4_ADDRESS, address));
        if asked(Type::INTERNAL_IP4_NETMASK) && prefix < 32 {
            attributes.push(ConfigAttribute::ip4_netmask(prefix));
        }
    }
    if let Some((address, prefix)) = assigned.ipv6 {
        attributes.push(ConfigAttribute::ip6_prefix(Type::INTERNAL_IP6_ADDRESS, address, prefix));
    }
    for server in &assigned.dns {
        match server {
            IpAddr::V4(server) if asked(Type::INTERNAL_IP4_DNS) => {
                attributes.push(ConfigAttribute::ip4(Type::INTERNAL_IP4_DNS, *server));
            }
            IpAddr::V6(server) if asked(Type::INTERNAL_IP6_DNS) => {
                attributes.push(ConfigAttribute::ip6(Type::INTERNAL_IP6_DNS, *server));
            }
            _ => {}
        }
    }
    for (network, prefix) in &assigned.subnets {
        match network {
            IpAddr::V4(network) if asked(Type::INTERNAL_IP4_SUBNET) => {
                attributes.push(ConfigAttribute::ip4_subnet(*network, *prefix));
            }
            IpAddr::V6(network) if asked(Type::INTERNAL_IP6_SUBNET) => {
                attributes.push(ConfigAttribute::ip6_prefix(Type::INTERNAL_IP6_SUBNET, *network, *prefix));
            }
            _ => {}
        }
    }
    if asked(Type::INTERNAL_DNS_DOMAIN) {
        attributes.extend(assigned.domains.iter().map(|domain| ConfigAttribute::dns_domain(domain)));
    }
    Payload::Cp(Configuration { config_type: ConfigType::REPLY, attributes })
}
