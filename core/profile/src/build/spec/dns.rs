//! Name servers behind the tunnel: the `DNS` dictionary.

use super::write::Context;
use super::{Keys, SpecError, spec};
use crate::model::{Keyword, keywords};

spec! {
    /// The name servers.
    #[derive(Default)]
    pub struct Dns {
        required {}
        optional {
            /// `DNSProtocol`; Cleartext when left out.
            protocol: Option<DnsProtocol>,
            /// `ServerAddresses`: IP addresses.
            servers: Vec<String>,
            /// `ServerURL`: the URL of DNS over HTTPS.
            server_url: Option<String>,
            /// `ServerName`: the host name of DNS over TLS.
            server_name: Option<String>,
            /// `SearchDomains`.
            search_domains: Vec<String>,
            /// `DomainName`: the primary domain.
            domain: Option<String>,
            /// `SupplementalMatchDomains`: what these servers are asked for; an empty one makes them the default.
            match_domains: Vec<String>,
            /// `SupplementalMatchDomainsNoSearch`: those are no search domains.
            match_domains_no_search: Option<bool>,
            /// `PayloadCertificateUUID`: the name of the identity to show to the server.
            identity: Option<String>,
        }
    }
}

keywords! {
    /// `DNSProtocol`.
    pub enum DnsProtocol {
        /// Plain DNS.
        Cleartext = "Cleartext",
        /// DNS over HTTPS.
        Https = "HTTPS",
        /// DNS over TLS.
        Tls = "TLS",
    }
}

impl Dns {
    pub(super) fn write(&self, context: &Context<'_>) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("DNSProtocol", self.protocol.unwrap_or(DnsProtocol::Cleartext).word());
        keys.list("ServerAddresses", &self.servers);
        keys.text("ServerURL", self.server_url.as_ref());
        keys.text("ServerName", self.server_name.as_ref());
        keys.list("SearchDomains", &self.search_domains);
        keys.text("DomainName", self.domain.as_ref());
        keys.list("SupplementalMatchDomains", &self.match_domains);
        keys.flag("SupplementalMatchDomainsNoSearch", self.match_domains_no_search);
        if let Some(name) = &self.identity {
            keys.text("PayloadCertificateUUID", context.identity(Some(name), || "dns.identity".to_owned())?);
        }
        Ok(keys)
    }
}
