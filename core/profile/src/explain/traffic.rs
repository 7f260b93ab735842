//! Which traffic goes into the tunnel, and who resolves names.

use crate::gather::Gather as _;
use crate::model::Section;
use crate::rules::Vpn;
use crate::schema::Platform;

use super::{Part, on_mac, quote, quoted_list};

/// The routing flags, the domains of a per-app VPN, DNS and proxies.
pub(super) fn explain(vpn: &Vpn<'_>, platform: Option<Platform>) -> Part {
    let mut lines = Vec::new();
    let section = vpn.section();
    if vpn.per_app {
        per_app(section, &mut lines);
    } else if vpn.kind == Some("AlwaysOn") {
        if let Some(settings) = &vpn.settings {
            always_on(settings, &mut lines);
        }
    } else if let Some(settings) = &vpn.settings {
        flags(vpn, settings, platform, &mut lines);
    }
    // The flag is for these two types; elsewhere it has no effect.
    if matches!(vpn.kind, Some("IPSec" | "L2TP"))
        && section.sub("IPv4").is_some_and(|ipv4| ipv4.is_on("OverridePrimary"))
    {
        lines.push("All IPv4 traffic goes into the tunnel (OverridePrimary).".into());
    }
    if let Some(dns) = section.sub("DNS") {
        names(&dns, &mut lines);
    }
    if let Some(proxies) = section.sub("Proxies") {
        proxy(&proxies, &mut lines);
    }
    Part { title: "What goes into the tunnel", lines }
}

fn flags(vpn: &Vpn<'_>, settings: &Section<'_>, platform: Option<Platform>, lines: &mut Vec<String>) {
    let all = settings.is_on("IncludeAllNetworks");
    if all {
        lines.push(
            "Everything goes into the tunnel, and while it is down nothing leaves the device (IncludeAllNetworks)."
                .into(),
        );
        let stay = kept_outside(settings, platform);
        if !stay.is_empty() {
            lines.push(format!("Outside stay: {}.", super::list(&stay)));
        }
    } else if settings.is_on("EnforceRoutes") {
        lines.push(
            "The tunnel's routes win over all others, also over those of the local network (EnforceRoutes)."
                .into(),
        );
        if settings.is_on("ExcludeLocalNetworks") {
            lines.push("Local networks stay outside (ExcludeLocalNetworks).".into());
        }
    } else if matches!(vpn.kind, Some("IKEv2" | "IPSec" | "L2TP")) {
        lines.push(
            "The server's traffic selectors and routes decide what goes in; local networks stay reachable, and while the \
             tunnel is down traffic leaves the device outside it."
                .into(),
        );
    } else {
        lines.push("The app decides what goes in.".into());
    }
    if settings.is_on("UseConfigurationAttributeInternalIPSubnet") {
        lines.push(
            "The server is asked for the inner networks (INTERNAL_IP4_SUBNET, INTERNAL_IP6_SUBNET).".into(),
        );
    }
    if let Some(kind) = settings.str("ProviderType").filter(|_| vpn.kind == Some("VPN")) {
        lines.push(match kind.value {
            "app-proxy" => "The app works on connections (app-proxy).".into(),
            _ => "The app works on packets (packet-tunnel).".to_owned(),
        });
    }
}

/// What stays outside though everything else goes in (`IncludeAllNetworks`).
pub(super) fn kept_outside(settings: &Section<'_>, platform: Option<Platform>) -> Vec<String> {
    let kept = |key: &str, default: bool| settings.switch(key).map_or(default, |flag| flag.value);
    let outside = [
        ("ExcludeLocalNetworks", !on_mac(platform), "local networks"),
        ("ExcludeCellularServices", true, "cellular services (VoLTE, Wi-Fi calling, MMS)"),
        ("ExcludeAPNs", true, "push notifications"),
        (
            "ExcludeDeviceCommunication",
            true,
            "traffic to devices on a cable or Wi-Fi (AirDrop, Xcode, CarPlay)",
        ),
    ];
    outside
        .iter()
        .filter(|(key, default, _)| kept(key, *default))
        .map(|(_, _, what)| (*what).to_owned())
        .gather()
}

/// Who else than bound apps goes into a per-app VPN, for which domains.
pub(super) const DOMAIN_LISTS: [(&str, &str); 6] = [
    ("SafariDomains", "Safari, for the domains"),
    ("MailDomains", "Mail accounts in the domains"),
    ("CalendarDomains", "calendar accounts in the domains"),
    ("ContactsDomains", "contacts accounts in the domains"),
    ("AssociatedDomains", "apps that are associated with the domains"),
    ("SMBDomains", "file servers in the domains"),
];

fn per_app(section: &Section<'_>, lines: &mut Vec<String>) {
    lines.push("The traffic of the apps that are bound to it; everything else stays outside.".into());
    for (key, what) in DOMAIN_LISTS {
        if let Some(names) = quoted_list(section, key) {
            lines.push(format!("Also {what} {names}."));
        }
    }
    if let Some(names) = quoted_list(section, "ExcludedDomains") {
        lines.push(format!("Never connections to {names}."));
    }
    if let Some(slice) = section.str("CellularSliceUUID") {
        lines.push(format!("Over cellular it uses the network slice {}.", quote(slice.value)));
    }
    match section.switch("OnDemandMatchAppEnabled") {
        Some(flag) if flag.value => lines.push("A bound app that opens a connection starts it.".into()),
        Some(_) => lines.push("A bound app does not start it by itself.".into()),
        None => {}
    }
}

fn always_on(settings: &Section<'_>, lines: &mut Vec<String>) {
    lines.push("Everything, on every interface it has a tunnel for, from the start of the device.".into());
    for tunnel in settings.sections("TunnelConfigurations") {
        let interfaces = quoted_list(&tunnel, "Interfaces").unwrap_or_else(|| "all interfaces".into());
        let server =
            tunnel.str("RemoteAddress").map_or_else(|| "no server".into(), |server| quote(server.value));
        lines.push(format!("Over {interfaces}: a tunnel to {server}."));
    }
    for service in settings.sections("ServiceExceptions") {
        if let (Some(name), Some(action)) = (service.str("ServiceName"), service.str("Action")) {
            let does = if action.value == "Allow" { "stays outside the tunnel" } else { "is dropped" };
            lines.push(format!("{} {does}.", quote(name.value)));
        }
    }
    for app in settings.sections("ApplicationExceptions") {
        if let Some(name) = app.str("BundleIdentifier") {
            let what = quoted_list(&app, "LimitToProtocols")
                .map_or_else(|| "all traffic".into(), |only| format!("{only} traffic"));
            lines.push(format!("The app {} stays outside the tunnel with {what}.", quote(name.value)));
        }
    }
    if settings.is_on("AllowAllCaptiveNetworkPlugins") {
        lines.push("Every app for captive portals works outside the tunnel.".into());
    } else {
        let plugins = settings.sections("AllowedCaptiveNetworkPlugins");
        let names: Vec<String> = plugins
            .iter()
            .take(12)
            .filter_map(|one| Some(quote(one.str("BundleIdentifier")?.value)))
            .gather();
        if !names.is_empty() {
            lines.push(format!(
                "These apps for captive portals work outside the tunnel: {}.",
                super::list(&names)
            ));
        }
    }
    if settings.is_on("AllowCaptiveWebSheet") {
        lines.push("Captive portals are reached outside the tunnel, in the system's web sheet.".into());
    }
    if settings.is_on("UIToggleEnabled") {
        lines.push("The user may switch it off.".into());
    }
}

fn names(dns: &Section<'_>, lines: &mut Vec<String>) {
    let protocol = match dns.str("DNSProtocol").map(|protocol| protocol.value) {
        Some("HTTPS") => " over HTTPS",
        Some("TLS") => " over TLS",
        _ => "",
    };
    let servers =
        quoted_list(dns, "ServerAddresses").map_or_else(String::new, |servers| format!(" at {servers}"));
    let url = dns.str("ServerURL").map_or_else(String::new, |url| format!(" ({})", quote(url.value)));
    let domains = quoted_list(dns, "SupplementalMatchDomains");
    let which = domains.map_or_else(|| "All names".to_owned(), |domains| format!("Names in {domains}"));
    lines.push(format!("{which} are resolved by DNS{protocol}{servers}{url}."));
    if let Some(search) = quoted_list(dns, "SearchDomains") {
        lines.push(format!("Short names are completed with {search}."));
    }
}

fn proxy(proxies: &Section<'_>, lines: &mut Vec<String>) {
    for (on, host, port, what) in
        [("HTTPEnable", "HTTPProxy", "HTTPPort", "HTTP"), ("HTTPSEnable", "HTTPSProxy", "HTTPSPort", "HTTPS")]
    {
        if let (true, Some(host)) = (proxies.is_on(on), proxies.str(host)) {
            let port = proxies.int(port).map_or_else(String::new, |port| format!(":{}", port.value));
            lines.push(format!("{what} goes through the proxy {}{port}.", quote(host.value)));
        }
    }
    if proxies.is_on("ProxyAutoConfigEnable") {
        let from = proxies
            .str("ProxyAutoConfigURLString")
            .map_or_else(String::new, |url| format!(" from {}", quote(url.value)));
        lines.push(format!("A proxy script{from} chooses proxies."));
    }
}
