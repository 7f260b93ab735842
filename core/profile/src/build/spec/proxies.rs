//! Proxies behind the tunnel: the `Proxies` dictionary.

use super::{Keys, SpecError, spec};
use crate::build::material::{Inventory, Material};

spec! {
    /// Manual or automatic proxies.
    #[derive(Default)]
    pub struct Proxies {
        required {}
        optional {
            /// The proxy for HTTP and HTTPS, as far as the next two do not name another.
            manual: Option<HttpProxy>,
            /// The proxy for HTTP: `HTTPEnable`, `HTTPProxy`, `HTTPPort`.
            http: Option<HttpProxy>,
            /// The proxy for HTTPS: `HTTPSEnable`, `HTTPSProxy`, `HTTPSPort`.
            https: Option<HttpsProxy>,
            /// `ProxyAutoConfigURLString`, with `ProxyAutoConfigEnable`: where the configuration script is.
            auto_config_url: Option<String>,
            /// `ProxyAutoDiscoveryEnable`.
            auto_discovery: Option<bool>,
            /// `SupplementalMatchDomains`: hosts that use the proxies; all when left out.
            match_domains: Vec<String>,
        }
    }
}

spec! {
    /// A proxy for HTTP.
    pub struct HttpProxy {
        required {
            /// Host name or address.
            server: String,
        }
        optional {
            /// Port, 1 to 65535.
            port: Option<i64>,
            /// `HTTPProxyUsername`.
            username: Option<String>,
            /// `HTTPProxyPassword`.
            password: Option<Material>,
        }
    }
}

spec! {
    /// A proxy for HTTPS; name and password are those of the proxy for HTTP.
    pub struct HttpsProxy {
        required {
            /// Host name or address.
            server: String,
        }
        optional {
            /// Port, 1 to 65535.
            port: Option<i64>,
        }
    }
}

impl Proxies {
    pub(super) fn write(&self) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        let http = self.http.as_ref().map(|proxy| ("proxies.http.password", proxy));
        let http = http.or(self.manual.as_ref().map(|proxy| ("proxies.manual.password", proxy)));
        if let Some((field, proxy)) = http {
            keys.flag("HTTPEnable", Some(true));
            keys.put("HTTPProxy", proxy.server.as_str());
            keys.integer("HTTPPort", proxy.port);
            keys.text("HTTPProxyUsername", proxy.username.as_ref());
            if let Some(password) = &proxy.password {
                keys.put("HTTPProxyPassword", password.as_text(field)?);
            }
        }
        let https = self.https.as_ref().map(|proxy| (&proxy.server, proxy.port));
        if let Some((server, port)) = https.or(self.manual.as_ref().map(|proxy| (&proxy.server, proxy.port)))
        {
            keys.flag("HTTPSEnable", Some(true));
            keys.put("HTTPSProxy", server.as_str());
            keys.integer("HTTPSPort", port);
        }
        keys.flag("ProxyAutoConfigEnable", self.auto_config_url.is_some().then_some(true));
        keys.text("ProxyAutoConfigURLString", self.auto_config_url.as_ref());
        keys.flag("ProxyAutoDiscoveryEnable", self.auto_discovery);
        keys.list("SupplementalMatchDomains", &self.match_domains);
        Ok(keys)
    }

    pub(super) fn inventory<'s>(&'s mut self, all: &mut Inventory<'s>) {
        for (field, proxy) in [("manual", &mut self.manual), ("http", &mut self.http)] {
            let password = proxy.as_mut().and_then(|proxy| proxy.password.as_mut());
            all.password(format!("proxies.{field}.password"), password);
        }
    }
}
