//! `vpn.remote-missing` and `vpn.remote-syntax`.

use super::frame::server;
use crate::model::is_host;
use crate::rules::prelude::*;

pub(super) static MISSING: Rule = Rule {
    code: Code::new("vpn.remote-missing"),
    level: Level::Error,
    title: "The VPN has no server",
    what: prose(
        "RemoteAddress is missing or empty in the settings of a VPN, IPSec or IKEv2 connection, or \
           PPP.CommRemoteAddress in those of an L2TP connection.",
    ),
    why: prose(
        "There is nothing to connect to. Some systems refuse the payload, others install a VPN that fails at once.",
    ),
    mend: prose("Give the host name or the IP address of the server."),
    source: "Apple device-management schema: RemoteAddress (required for VPN and IKEv2), CommRemoteAddress; own judgement \
             for IPSec and L2TP",
    check: Check::Profile(missing),
};

fn missing(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some((section, key)) = server(vpn) else { continue };
        if section.is_filled(key) {
            continue;
        }
        let message = if section.has(key) { format!("{key} is empty") } else { format!("there is no {key}") };
        out.say(Finding::value(section, key, message).help("give the host name or IP address of the server"));
    }
}

pub(super) static SYNTAX: Rule = Rule {
    code: Code::new("vpn.remote-syntax"),
    level: Level::Error,
    title: "The server is not written as a host name or an address",
    what: prose(
        "RemoteAddress of an IKEv2 or IPSec connection (a tunnel of Always On too), or CommRemoteAddress of an L2TP one, \
           is more or less than a host name or an IP address: a scheme, a port, a path, brackets, a zone, a wildcard, a \
           blank, an empty part, a mistyped address such as 256.0.2.1. For VPNType VPN, where apps take URLs, host:port and words like DEFAULT, it is a notice, \
           and only when the value is none of these.",
    ),
    why: prose(
        "The built-in clients look the text up as a name. A name with a port or a scheme does not exist, so no connection \
          is made.",
    ),
    mend: prose("Write the bare name or address. The ports are always 500 and 4500, and 1701 for L2TP."),
    source: "Own judgement; Apple documents an IP address or host name",
    check: Check::Profile(syntax),
};

fn syntax(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        if let Some((section, key)) = server(vpn) {
            judge(section, key, vpn.kind == Some("VPN"), out);
        }
    }
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.always_on) {
        judge(&tunnel.settings, "RemoteAddress", false, out);
    }
}

fn judge(section: &Section<'_>, key: &str, app: bool, out: &mut Sink<'_>) {
    let Some(address) = section.str(key).filter(|address| !address.value.trim().is_empty()) else { return };
    if is_host(address.value) {
        return;
    }
    if app {
        if !is_for_an_app(address.value) {
            let message = format!("{key} is no host name, address, host:port or URL");
            let help = "some apps take other words; compare with what the vendor documents";
            out.say(Finding::value(section, key, message).severity(Severity::Notice).help(help));
        }
        return;
    }
    let message = format!("{key} is no host name and no IP address");
    let finding = Finding::value(section, key, message);
    out.say(match bare(address.value) {
        Some(host) => finding
            .help(format!("write {host} alone: no scheme, port, path, brackets or blanks"))
            .unsafe_replace(format!("write {host}"), host),
        None => finding
            .help("write vpn.example.com or 192.0.2.1: no scheme, port, path, brackets, wildcard or blanks"),
    });
}

/// What VPN apps are known to take: a URL, `host:port`, an address in brackets, one word.
fn is_for_an_app(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && (text.contains("://")
            || bare(text).is_some()
            || text.split_once('/').is_some_and(|(host, _)| is_host(host)))
}

/// The host inside a URL, `host:port` or brackets.
fn bare(text: &str) -> Option<&str> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = match host.strip_prefix('[') {
        Some(bracketed) => {
            let (address, after) = bracketed.split_once(']')?;
            let port = after.strip_prefix(':').unwrap_or(after);
            port.bytes().all(|byte| byte.is_ascii_digit()).then_some(address)?
        }
        None => match host.split_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            Some(_) => return None,
            None => host,
        },
    };
    is_host(host).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_in_what_is_written_around_it() {
        for (text, host) in [
            ("https://vpn.example.com/path", Some("vpn.example.com")),
            ("vpn.example.com:4500", Some("vpn.example.com")),
            ("[2001:db8::1]:500", Some("2001:db8::1")),
            (" vpn.example.com ", Some("vpn.example.com")),
            ("*.example.com", None),
            ("a b", None),
            ("[2001:db8::1", None),
            ("user@vpn.example.com", None),
            ("vpn..example.com", None),
        ] {
            assert_eq!(bare(text), host, "{text}");
        }
    }

    #[test]
    fn apps_take_more_than_hosts() {
        for text in
            ["https://vpn.example.com:443/group", "10.99.0.10:51820", "vpn.example.com/group", "[::1]:1"]
        {
            assert!(is_for_an_app(text), "{text}");
        }
        for text in ["two words", "*", "host:port", ""] {
            assert!(!is_for_an_app(text), "{text}");
        }
    }
}
