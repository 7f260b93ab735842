//! `ikev2.server-cn-unused`.

use crate::rules::prelude::*;

const KEY: &str = "ServerCertificateCommonName";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.server-cn-unused"),
    level: Level::Notice,
    title: "ServerCertificateCommonName repeats RemoteIdentifier",
    what: prose("ServerCertificateCommonName has the same value as RemoteIdentifier."),
    why: prose(
        "Without the key the device checks the server's certificate against RemoteIdentifier anyway. Two copies of one name \
          part ways when the server moves.",
    ),
    mend: prose("Remove ServerCertificateCommonName."),
    source: "Apple documentation of the VPN payload: IKEv2.ServerCertificateCommonName",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        let (Some(name), Some(identifier)) = (settings.str(KEY), settings.str("RemoteIdentifier")) else {
            continue;
        };
        if !name.value.is_empty() && name.value.eq_ignore_ascii_case(identifier.value) {
            out.say(
                Finding::value(settings, KEY, "ServerCertificateCommonName repeats RemoteIdentifier")
                    .help("the certificate is checked against RemoteIdentifier without it too")
                    .related(identifier.span, "the same name")
                    .unsafe_remove("remove ServerCertificateCommonName"),
            );
        }
    }
}
