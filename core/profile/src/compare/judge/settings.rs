//! Everything else of a connection: pools, PPK, fragmentation, MOBIKE, addresses.

use super::{Judge, shorten};
use crate::compare::Weight;
use crate::compare::client::ClientAuth;
use crate::compare::keywords::ESN;
use crate::gather::Gather as _;

impl Judge<'_> {
    /// Whether a client gets an address.
    pub(super) fn addresses(&mut self) {
        let connection = self.connection;
        let fix = format!("{} = NAME, and pools {{ NAME {{ addrs = 10.10.0.0/24 }} }}", self.key("pools"));
        if connection.pools.is_empty() {
            let message =
                "the connection has no pools: a client gets no address, and profiles always ask for one"
                    .into();
            self.differ(Weight::Fails, message, None, connection.line, Some(fix));
            return;
        }
        let pools = self.server.root.section("pools");
        let known = |name: &String| {
            matches!(name.as_str(), "dhcp" | "radius")
                || pools.and_then(|pools| pools.section(name)).is_some()
        };
        if !connection.pools.iter().any(known) {
            let names: Vec<String> = connection.pools.iter().map(|name| shorten(name)).gather();
            let message =
                format!("no pool of this file is called {}: a client gets no address", names.join(" or "));
            self.differ(Weight::Fails, message, None, connection.line_of("pools"), Some(fix));
        }
    }

    /// Extensions that one side wants and the other has not.
    pub(super) fn options(&mut self) {
        let connection = self.connection;
        if connection.childless == "force" {
            let fix = format!("{} = allow", self.key("childless"));
            let message =
                "the server wants IKE SAs without a Child SA (RFC 6023), which profiles do not know".into();
            self.differ(Weight::Fails, message, None, connection.line_of("childless"), Some(fix));
        }
        match (self.client.ppk, connection.has_ppk) {
            (None, _) if connection.ppk_required => {
                let message = "the server requires a PPK (RFC 8784), and the profile has none".into();
                let profile = Some(("IKEv2.PPK".to_owned(), "the server's, with PPKIdentifier".to_owned()));
                let fix = format!("{} = no", self.key("ppk_required"));
                self.differ(Weight::Fails, message, profile, connection.line_of("ppk_required"), Some(fix));
            }
            (Some(true), false) => {
                let message = "the profile requires a PPK (PPKMandatory), and the connection has none".into();
                let profile = Some(("IKEv2.PPKMandatory".to_owned(), "0".to_owned()));
                let fix = format!("{} = the profile's PPKIdentifier", self.key("ppk_id"));
                self.differ(Weight::Fails, message, profile, connection.line, Some(fix));
            }
            (Some(_), true) => self.unknown.push("whether the PPK is the same on both sides".into()),
            _ => {}
        }
        let large = !matches!(self.client.auth, ClientAuth::SharedSecret(_))
            || self
                .client
                .proposals
                .ike
                .iter()
                .any(|one| one.transforms.iter().any(|one| one.kind > ESN && one.id != 0));
        if connection.fragmentation == "no" && large {
            let fix = format!("{} = yes", self.key("fragmentation"));
            let message = "fragmentation of IKE messages is off: large messages (certificates, ML-KEM) are lost where IP \
                           fragments are"
                .into();
            self.differ(Weight::Note, message, None, connection.line_of("fragmentation"), Some(fix));
        }
        if self.client.mobike && !connection.mobike {
            let message = "MOBIKE is off at the server: a change of network makes a new connection".into();
            let fix = format!("{} = yes", self.key("mobike"));
            self.differ(Weight::Note, message, None, connection.line_of("mobike"), Some(fix));
        }
        for key in ["local_addrs", "remote_addrs"] {
            if let Some(addresses) =
                connection.tree.get(key).filter(|text| !text.contains("%any") && !text.contains("/0"))
            {
                self.unknown.push(format!("whether the addresses fit `{key} = {}`", shorten(addresses)));
            }
        }
    }
}
