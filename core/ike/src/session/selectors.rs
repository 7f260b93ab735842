//! Traffic selectors between their wire form and the one ESP checks.

use adit_esp::{Ports, TrafficSelector};

use crate::wire::{IpSelector, Selector, TrafficSelectors};

/// For a TSi or TSr payload.
pub(crate) fn to_wire(selectors: &[TrafficSelector]) -> TrafficSelectors {
    let selectors = selectors
        .iter()
        .map(|selector| {
            Selector::Ip(IpSelector {
                protocol: selector.protocol(),
                start_port: selector.ports().start(),
                end_port: selector.ports().end(),
                start: selector.start(),
                end: selector.end(),
            })
        })
        .collect();
    TrafficSelectors { selectors }
}

/// From a TSi or TSr payload. Selectors of other types than IP are left out: narrowing drops them.
pub(crate) fn from_wire(selectors: &TrafficSelectors) -> Vec<TrafficSelector> {
    selectors
        .ip()
        .filter_map(|ip| {
            let ports = Ports::new(ip.start_port, ip.end_port).ok()?;
            TrafficSelector::new(ip.protocol, ports, ip.start, ip.end).ok()
        })
        .collect()
}
