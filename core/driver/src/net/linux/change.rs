//! Going over to other settings while the tunnel stands, as a reconnection that gave other addresses asks for.
//!
//! Owns [`Applied::change`] and its order: what is new is set before anything old goes, and what both have is not
//! touched. The interface stays, and with it its routing table, so at no moment does a packet that both settings
//! lead into the tunnel find another way out.

use super::netlink::Netlink;
use super::{Applied, Inner, NetConfig, NetError, failed, resolved, rules, segments, sysctl};

impl Applied {
    /// Goes over to `config`, which is for the same interface and mark. The notes are those of `config` from then
    /// on. Call inside a tokio runtime with I/O.
    ///
    /// # Errors
    /// [`NetError`]. Then, as when the caller is cancelled, parts of both settings are in force, and
    /// [`Self::restore`] takes back both.
    pub async fn change(&mut self, config: &NetConfig) -> Result<(), NetError> {
        config.check()?;
        let Some(inner) = &mut self.inner else { return Ok(()) };
        let journal = &inner.journal;
        if journal.interface != config.interface || journal.mark != config.mark {
            return Err(NetError::Config("another interface or mark needs settings of its own".to_owned()));
        }
        let mut notes = Vec::new();
        inner.change(config, &mut notes).await?;
        self.notes = notes;
        Ok(())
    }
}

impl Inner {
    async fn change(&mut self, config: &NetConfig, notes: &mut Vec<String>) -> Result<(), NetError> {
        let netlink = Netlink::open().map_err(failed("talk to the kernel's routing"))?;
        let old = self.journal.clone();
        let (interface, index, mark, table) = (&old.interface, old.index, old.mark, old.table);
        let link = async || {
            let doing = failed(format!("give {interface} an MTU of {}", config.mtu));
            netlink.set_link(index, config.mtu).await.map_err(doing)
        };
        // Below its least MTU the kernel knows no IPv6 on an interface: with it the MTU comes first, without it last.
        let v6 = config.addresses.iter().any(|address| address.is_ipv6());
        if v6 {
            let had = sysctl::has_ipv6(interface);
            link().await?;
            if !had {
                sysctl::begin_ipv6_anew(interface);
            }
        }
        let (addresses, routes) = config.usable(index, notes)?;
        let rules = rules::plan(&routes, index);

        // Until all is done the journal names what both have.
        add_missing(&mut self.journal.addresses, &addresses);
        add_missing(&mut self.journal.routes, &routes);
        add_missing(&mut self.journal.rules, &rules);
        self.note_down()?;
        let add_addresses = async || {
            for address in &addresses {
                let doing = failed(format!("add address {address} to {interface}"));
                netlink.add_address(index, *address).await.map_err(doing)?;
            }
            Ok(())
        };
        add_addresses().await?;
        for route in &routes {
            let doing = failed(format!("route {route} through {interface}"));
            netlink.add_route(index, table, *route).await.map_err(doing)?;
        }
        for rule in rules.iter().filter(|rule| !old.rules.contains(rule)) {
            let doing = failed(format!("add the routing rule {}", rule.priority));
            netlink.add_rule(rule, mark, table).await.map_err(doing)?;
        }
        if self.journal.settings.is_empty() {
            self.change_settings(config, notes)?;
        }
        match config.dns.as_ref().filter(|dns| !dns.servers.is_empty()) {
            Some(dns) => self.set_dns(super::clean(dns, notes), notes)?,
            None => self.take_back_dns()?,
        }

        for rule in old.rules.iter().rev().filter(|rule| !rules.contains(rule)) {
            let doing = failed(format!("delete the routing rule {}", rule.priority));
            netlink.delete_rule(rule, mark, table).await.map_err(doing)?;
        }
        for route in old.routes.iter().rev().filter(|route| !routes.contains(route)) {
            let doing = failed(format!("delete the route for {route}"));
            netlink.delete_route(index, table, *route).await.map_err(doing)?;
        }
        for address in old.addresses.iter().rev().filter(|address| !addresses.contains(address)) {
            let doing = failed(format!("delete the address {address}"));
            netlink.delete_address(index, *address).await.map_err(doing)?;
        }
        // An IPv6 address whose length alone has changed was there already and has gone with the old one.
        add_addresses().await?;
        if !v6 {
            link().await?;
        }
        // A matter of speed only; kernels before 4.16 cannot.
        let _ = netlink.limit_segments(index, segments(config.mtu)).await;
        self.journal.addresses = addresses;
        self.journal.routes = routes;
        self.journal.rules = rules;
        self.note_down()
    }

    /// The host's own DNS again.
    fn take_back_dns(&mut self) -> Result<(), NetError> {
        if self.journal.resolved {
            let _ = resolved::revert(&self.paths.resolvectl, &self.journal.interface);
            self.journal.resolved = false;
        }
        if let Some(backup) = self.journal.resolv.take() {
            let doing = failed(format!("restore {}", self.paths.resolv_conf.display()));
            backup.restore().map_err(doing)?;
        }
        Ok(())
    }
}

fn add_missing<T: Copy + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !list.contains(item) {
            list.push(*item);
        }
    }
}
