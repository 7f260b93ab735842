//! Payloads in words.

use std::fmt::Write;

use adit_crypto::{DhGroup, HashId};

use super::Lines;
use super::identity::describe_identity;
use super::text::{Escaped, Hex};
use crate::proposal::describe_proposal;
use crate::wire::{
    ConfigAttribute, ConfigValue, Configuration, Delete, IpSelector, Notify, NotifyType, Payload,
    PayloadType, ProtocolId, SecurityAssociation, Selector, TrafficSelectors,
};

pub(super) fn describe_all(payloads: &[Payload], out: &mut Lines) {
    for payload in payloads {
        describe(payload, out);
    }
}

fn describe(payload: &Payload, out: &mut Lines) {
    let name = payload.payload_type();
    match payload {
        Payload::Sa(sa) => security_association(sa, out),
        Payload::Ke(ke) => line(out, name, &format!("{}, {} octets", group(ke.group), ke.data.len())),
        Payload::IdI(id) | Payload::IdR(id) => line(out, name, &describe_identity(id)),
        Payload::Cert(cert) => {
            line(
                out,
                name,
                &format!("{}, {} octets", known(cert.encoding.name(), cert.encoding.0), cert.data.len()),
            );
        }
        Payload::CertReq(request) => {
            let (count, rest) = (request.authorities.len() / 20, request.authorities.len() % 20);
            let odd = if rest == 0 { "" } else { ", of odd length" };
            let encoding = known(request.encoding.name(), request.encoding.0);
            line(out, name, &format!("{encoding}, {count} authorities{odd}"));
        }
        Payload::Auth(auth) => {
            line(
                out,
                name,
                &format!("{}, {} octets", known(auth.method.name(), auth.method.0), auth.data.len()),
            );
        }
        Payload::Nonce(nonce) => line(out, name, &format!("{} octets", nonce.0.len())),
        Payload::Notify(notify) => describe_notify(notify, out),
        Payload::Delete(delete) => describe_delete(delete, out),
        Payload::VendorId(vendor) => line(out, name, &vendor_id(&vendor.0)),
        Payload::TsI(selectors) | Payload::TsR(selectors) => traffic_selectors(name, selectors, out),
        Payload::Sk(encrypted) => line(out, name, &format!("{} octets", encrypted.body.len())),
        Payload::Skf(fragment) => line(
            out,
            name,
            &format!("fragment {} of {}, {} octets", fragment.number, fragment.total, fragment.body.len()),
        ),
        Payload::Cp(configuration) => describe_configuration(configuration, out),
        Payload::Eap(eap) => line(out, name, &eap_packet(&eap.0)),
        Payload::Unknown { payload_type, data } => {
            out.push(1, &format!("unknown payload {}: {} octets", payload_type.0, data.len()));
        }
    }
}

fn line(out: &mut Lines, name: PayloadType, text: &str) {
    out.push(1, &format!("{name}: {text}"));
}

fn known(name: Option<&str>, number: u8) -> String {
    name.map_or_else(|| format!("type {number}"), str::to_owned)
}

fn group(group: DhGroup) -> String {
    group.name().map_or_else(|| format!("group {}", group.0), str::to_owned)
}

fn security_association(sa: &SecurityAssociation, out: &mut Lines) {
    out.push(1, "SA");
    for proposal in &sa.proposals {
        let spi =
            if proposal.spi.is_empty() { String::new() } else { format!(" SPI {}", Hex(&proposal.spi)) };
        let protocol = known(proposal.protocol.name(), proposal.protocol.0);
        out.push(2, &format!("{}. {protocol}{spi}: {}", proposal.number, describe_proposal(proposal)));
    }
}

fn describe_notify(notify: &Notify, out: &mut Lines) {
    let kind = notify.notify_type;
    let mut text = match kind.name() {
        Some(name) => name.to_owned(),
        None if kind.is_error() => format!("unknown error {}", kind.0),
        None => format!("unknown status {}", kind.0),
    };
    if !notify.spi.is_empty() {
        let protocol = known(notify.protocol.name(), notify.protocol.0);
        // Writing to a String does not fail, here and below.
        let _ = write!(text, ", {protocol} SPI {}", Hex(&notify.spi));
    }
    if let Some(detail) = notify_detail(notify) {
        let _ = write!(text, ": {detail}");
    } else if !notify.data.is_empty() {
        let _ = write!(text, ", {} octets", notify.data.len());
    }
    line(out, PayloadType::NOTIFY, &text);
}

/// The data of notifications that say something a reader can use.
fn notify_detail(notify: &Notify) -> Option<String> {
    match notify.notify_type {
        NotifyType::INVALID_KE_PAYLOAD => {
            notify.data_u16().map(|number| format!("{} is wanted", group(DhGroup(number))))
        }
        NotifyType::SIGNATURE_HASH_ALGORITHMS => {
            let names: Vec<String> = notify
                .data_u16_list()
                .take(16)
                .map(|id| HashId(id).name().map_or_else(|| format!("hash {id}"), str::to_owned))
                .collect();
            Some(names.join(", "))
        }
        NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD => match notify.data.as_slice() {
            [payload] => Some(format!("payload type {payload}")),
            _ => None,
        },
        NotifyType::INVALID_MESSAGE_ID | NotifyType::AUTH_LIFETIME | NotifyType::SET_WINDOW_SIZE => {
            let octets: [u8; 4] = notify.data.as_slice().try_into().ok()?;
            Some(u32::from_be_bytes(octets).to_string())
        }
        _ => None,
    }
}

fn describe_delete(delete: &Delete, out: &mut Lines) {
    const MOST: usize = 16;
    if delete.protocol == ProtocolId::IKE {
        line(out, PayloadType::DELETE, "the IKE SA");
        return;
    }
    let mut text = format!("{} SPIs", delete.protocol);
    for spi in delete.spis.iter().take(MOST) {
        let _ = write!(text, " {spi:08x}");
    }
    if delete.spis.len() > MOST {
        let _ = write!(text, " and {} more", delete.spis.len() - MOST);
    }
    line(out, PayloadType::DELETE, &text);
}

/// Vendor IDs are texts or hashes.
fn vendor_id(data: &[u8]) -> String {
    let is_text = data.len() >= 4 && data.iter().all(|octet| (b' '..=b'~').contains(octet));
    if is_text { format!("\"{}\"", Escaped(data)) } else { format!("{} octets {}", data.len(), Hex(data)) }
}

fn traffic_selectors(name: PayloadType, selectors: &TrafficSelectors, out: &mut Lines) {
    let one = |selector: &Selector| match selector {
        Selector::Ip(ip) => ip_selector(ip),
        Selector::Unknown { ts_type, data, .. } => {
            format!("{} of {} octets", known(ts_type.name(), ts_type.0), data.len())
        }
    };
    match selectors.selectors.as_slice() {
        [selector] => line(out, name, &one(selector)),
        selectors => {
            out.push(1, &format!("{name}: {} selectors", selectors.len()));
            for selector in selectors {
                out.push(2, &one(selector));
            }
        }
    }
}

fn ip_selector(ip: &IpSelector) -> String {
    let mut text =
        if ip.start == ip.end { ip.start.to_string() } else { format!("{} to {}", ip.start, ip.end) };
    if ip.protocol != 0 {
        let _ = write!(text, ", protocol {}", ip.protocol);
    }
    match (ip.start_port, ip.end_port) {
        (0, u16::MAX) => {}
        (u16::MAX, 0) => text.push_str(", opaque ports"),
        (start, end) if start == end => {
            let _ = write!(text, ", port {start}");
        }
        (start, end) => {
            let _ = write!(text, ", ports {start} to {end}");
        }
    }
    text
}

fn describe_configuration(configuration: &Configuration, out: &mut Lines) {
    let kind = known(configuration.config_type.name(), configuration.config_type.0);
    out.push(1, &format!("CP: {kind}"));
    for attribute in &configuration.attributes {
        out.push(2, &config_attribute(attribute));
    }
}

fn config_attribute(attribute: &ConfigAttribute) -> String {
    let number = attribute.attribute_type;
    let name = number.name().map_or_else(|| format!("attribute {}", number.0), str::to_owned);
    match attribute.value() {
        Ok(ConfigValue::Empty) => name,
        Ok(ConfigValue::Ip4(address)) => format!("{name} {address}"),
        Ok(ConfigValue::Ip4Netmask(prefix)) => format!("{name} /{prefix}"),
        Ok(ConfigValue::Ip4Subnet(network, prefix)) => format!("{name} {network}/{prefix}"),
        Ok(ConfigValue::Ip6(address)) => format!("{name} {address}"),
        Ok(ConfigValue::Ip6Prefix(address, prefix)) => format!("{name} {address}/{prefix}"),
        Ok(ConfigValue::Domain(domain)) => format!("{name} {domain}"),
        Ok(ConfigValue::Other) => format!("{name}, {} octets", attribute.data.len()),
        Err(bad) => format!("{name}: {}, {} octets", bad.problem, attribute.data.len()),
    }
}

/// Code, identifier, type and length of an EAP packet (RFC 3748 4); never its data.
fn eap_packet(packet: &[u8]) -> String {
    let (code, rest) = match packet {
        [1, rest @ ..] => ("Request", rest),
        [2, rest @ ..] => ("Response", rest),
        [3, rest @ ..] => ("Success", rest),
        [4, rest @ ..] => ("Failure", rest),
        _ => ("unknown code", packet),
    };
    let method = match rest {
        [_, _, _, method, ..] => match method {
            1 => ", Identity".to_owned(),
            2 => ", Notification".to_owned(),
            3 => ", Nak".to_owned(),
            4 => ", MD5".to_owned(),
            6 => ", GTC".to_owned(),
            13 => ", TLS".to_owned(),
            21 => ", TTLS".to_owned(),
            25 => ", PEAP".to_owned(),
            26 => ", MSCHAPv2".to_owned(),
            other => format!(", method {other}"),
        },
        _ => String::new(),
    };
    format!("{code}{method}, {} octets", packet.len())
}
