//! `ikev2.remote-id-vs-address`.

use crate::rules::prelude::*;

const KEY: &str = "RemoteIdentifier";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.remote-id-vs-address"),
    level: Level::Notice,
    title: "RemoteIdentifier differs from RemoteAddress",
    what: prose(
        "The server proves itself by a certificate, RemoteIdentifier differs from RemoteAddress, and there is no \
           ServerCertificateCommonName.",
    ),
    why: prose(
        "The device looks for RemoteIdentifier in the server's certificate, not for the name it connected to. That is right \
          for a group of servers with one certificate, and a common slip otherwise.",
    ),
    mend: prose(
        "Nothing, if the server's certificate holds RemoteIdentifier. Else write the certificate's name there, or in \
           ServerCertificateCommonName.",
    ),
    source: "Apple documentation of the VPN payload: IKEv2.RemoteIdentifier, IKEv2.ServerCertificateCommonName",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        if tunnel.method().is_none()
            || tunnel.is_by_shared_secret()
            || tunnel.holds("ServerCertificateCommonName")
        {
            continue;
        }
        let (Some(identifier), Some(address)) = (settings.str(KEY), settings.str("RemoteAddress")) else {
            continue;
        };
        let plain = |text: &str| text.trim().trim_end_matches('.').to_ascii_lowercase();
        let differ = plain(identifier.value) != plain(address.value);
        if differ && !identifier.value.is_empty() && !address.value.is_empty() {
            out.say(
                Finding::value(settings, KEY, "RemoteIdentifier differs from RemoteAddress")
                    .help("the server's certificate must hold the name of RemoteIdentifier")
                    .related(address.span, "the device connects to this"),
            );
        }
    }
}
