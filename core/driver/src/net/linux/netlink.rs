//! The kernel's routing interface.
//!
//! Owns the requests the tunnel makes of rtnetlink(7): link, addresses, routes, rules. Deleting what is not
//! there is no error, so that undoing can be repeated.

use std::io;
use std::net::IpAddr;

use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressHeaderFlags};
use rtnetlink::packet_route::link::LinkAttribute;
use rtnetlink::packet_route::route::{RouteHeader, RouteScope};
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use rtnetlink::packet_route::{AddressFamily, address::AddressMessage, route::RouteMessage};
use rtnetlink::{Handle, LinkUnspec, RouteMessageBuilder};

use super::rules::{Action, Rule};
use crate::net::IpPrefix;

/// A connection to the kernel, in the network namespace of the thread that opened it.
pub(super) struct Netlink {
    handle: Handle,
    pump: tokio::task::JoinHandle<()>,
}

impl Netlink {
    pub(super) fn open() -> io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        Ok(Self { handle, pump: tokio::spawn(connection) })
    }

    /// Sets the MTU and brings the interface up.
    pub(super) async fn set_link(&self, index: u32, mtu: u32) -> io::Result<()> {
        let message = LinkUnspec::new_with_index(index).mtu(mtu).up().build();
        self.handle.link().change(message).execute().await.map_err(cause)
    }

    /// Limits the kernel's super-packets to `segments` segments.
    pub(super) async fn limit_segments(&self, index: u32, segments: u32) -> io::Result<()> {
        let builder = LinkUnspec::new_with_index(index);
        let message = builder.append_extra_attribute(LinkAttribute::GsoMaxSegs(segments)).build();
        self.handle.link().change(message).execute().await.map_err(cause)
    }

    pub(super) async fn set_link_down(&self, index: u32) -> io::Result<()> {
        let message = LinkUnspec::new_with_index(index).down().build();
        gone_is_fine(self.handle.link().change(message).execute().await.map_err(cause))
    }

    pub(super) async fn add_address(&self, index: u32, prefix: IpPrefix) -> io::Result<()> {
        let mut request = self.handle.address().add(index, prefix.address(), prefix.len());
        let message = request.message_mut();
        // No connected route in the main table; no duplicate address detection on a link without neighbours.
        let mut flags = AddressFlags::Noprefixroute;
        if prefix.is_ipv6() {
            flags |= AddressFlags::Nodad;
            message.header.flags |= AddressHeaderFlags::Nodad;
        }
        message.attributes.push(AddressAttribute::Flags(flags));
        match request.execute().await.map_err(cause) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    pub(super) async fn delete_address(&self, index: u32, prefix: IpPrefix) -> io::Result<()> {
        let mut message = AddressMessage::default();
        message.header.index = index;
        message.header.family = family(prefix.is_ipv6());
        message.header.prefix_len = prefix.len();
        // Of IPv4 the kernel compares the length only with this attribute.
        message.attributes.push(AddressAttribute::Address(prefix.address()));
        if !prefix.is_ipv6() {
            message.attributes.push(AddressAttribute::Local(prefix.address()));
        }
        gone_is_fine(self.handle.address().del(message).execute().await.map_err(cause))
    }

    pub(super) async fn add_route(&self, index: u32, table: u32, to: IpPrefix) -> io::Result<()> {
        let route = route(index, table, to)?;
        self.handle.route().add(route).replace().execute().await.map_err(cause)
    }

    pub(super) async fn delete_route(&self, index: u32, table: u32, to: IpPrefix) -> io::Result<()> {
        let route = route(index, table, to)?;
        gone_is_fine(self.handle.route().del(route).execute().await.map_err(cause))
    }

    pub(super) async fn add_rule(&self, rule: &Rule, mark: u32, table: u32) -> io::Result<()> {
        let mut request = self.handle.rule().add();
        *request.message_mut() = message(rule, mark, table);
        match request.execute().await.map_err(cause) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    pub(super) async fn delete_rule(&self, rule: &Rule, mark: u32, table: u32) -> io::Result<()> {
        gone_is_fine(self.handle.rule().del(message(rule, mark, table)).execute().await.map_err(cause))
    }
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

fn family(v6: bool) -> AddressFamily {
    if v6 { AddressFamily::Inet6 } else { AddressFamily::Inet }
}

fn route(index: u32, table: u32, to: IpPrefix) -> io::Result<RouteMessage> {
    let builder = RouteMessageBuilder::<IpAddr>::new()
        .destination_prefix(to.address(), to.len())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(builder.output_interface(index).table_id(table).scope(RouteScope::Universe).build())
}

fn message(rule: &Rule, mark: u32, table: u32) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = family(rule.v6);
    message.attributes.push(RuleAttribute::Priority(rule.priority));
    message.header.action = match rule.action {
        Action::Landing => RuleAction::Nop,
        Action::Bypass { target } => {
            message.attributes.push(RuleAttribute::FwMark(mark));
            message.attributes.push(RuleAttribute::FwMask(u32::MAX));
            message.attributes.push(RuleAttribute::Goto(target));
            RuleAction::Goto
        }
        Action::Main { to } => {
            destination(&mut message, to);
            message.header.table = RouteHeader::RT_TABLE_MAIN;
            message.attributes.push(RuleAttribute::SuppressPrefixLen(u32::from(to.len())));
            RuleAction::ToTable
        }
        Action::Tunnel { to } => {
            destination(&mut message, to);
            message.attributes.push(RuleAttribute::Table(table));
            RuleAction::ToTable
        }
    };
    message
}

/// 0.0.0.0/0 is said by saying nothing.
fn destination(message: &mut RuleMessage, to: IpPrefix) {
    if to.len() > 0 {
        message.header.dst_len = to.len();
        message.attributes.push(RuleAttribute::Destination(to.address()));
    }
}

fn cause(error: rtnetlink::Error) -> io::Error {
    match error {
        rtnetlink::Error::NetlinkError(message) => message.to_io(),
        other => io::Error::other(other),
    }
}

/// ENOENT (rule), ESRCH (route), EADDRNOTAVAIL (address), ENODEV (interface): there is nothing to delete.
fn gone_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) => match error.raw_os_error() {
            Some(libc::ENOENT | libc::ESRCH | libc::EADDRNOTAVAIL | libc::ENODEV | libc::ENXIO) => Ok(()),
            _ => Err(error),
        },
        Ok(()) => Ok(()),
    }
}
