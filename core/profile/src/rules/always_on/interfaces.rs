//! The interfaces of the tunnels: `alwayson.interface-value`, `alwayson.interface-duplicate`,
//! `alwayson.interface-overlap`, `alwayson.interface-uncovered`.

use super::{TUNNELS, always_on};
use crate::gather::Gather as _;
use crate::rules::prelude::*;
use crate::rules::words::{self, Word};

const KEY: &str = "Interfaces";
const NAMES: &[&str] = &["Cellular", "WiFi"];

pub(super) static VALUE_RULE: Rule = Rule {
    code: Code::new("alwayson.interface-value"),
    level: Level::Error,
    title: "An interface that Always On does not know",
    what: prose("An entry of Interfaces is neither Cellular nor WiFi, spelled exactly so."),
    why: prose(
        "iPhones and iPads have these two. A system refuses the payload, or leaves the interface without a tunnel.",
    ),
    mend: prose("Write Cellular or WiFi."),
    source: "Apple device-management schema: AlwaysOn, TunnelConfigurations, Interfaces",
    check: Check::Profile(check_value),
};

pub(super) static DUPLICATE_RULE: Rule = Rule {
    code: Code::new("alwayson.interface-duplicate"),
    level: Level::Error,
    title: "The same interface twice in one tunnel",
    what: prose("The Interfaces of one tunnel name the same interface more than once."),
    why: prose(
        "Most often the second entry was meant to be the other interface, which then has no tunnel and no network.",
    ),
    mend: prose("Name each interface once."),
    source: "Apple device-management schema: AlwaysOn, TunnelConfigurations, Interfaces; own judgement",
    check: Check::Profile(check_duplicate),
};

pub(super) static OVERLAP_RULE: Rule = Rule {
    code: Code::new("alwayson.interface-overlap"),
    level: Level::Error,
    title: "Two tunnels for the same interface",
    what: prose("Two tunnels name the same interface; a tunnel without Interfaces is for both."),
    why: prose(
        "An interface has one tunnel. Which of the two it would get is not documented, and systems refuse it.",
    ),
    mend: prose("Give each interface to one tunnel."),
    source: "Apple device-management schema: AlwaysOn, TunnelConfigurations, Interfaces; own judgement",
    check: Check::Profile(check_overlap),
};

pub(super) static UNCOVERED_RULE: Rule = Rule {
    code: Code::new("alwayson.interface-uncovered"),
    level: Level::Warning,
    title: "An interface without a tunnel",
    what: prose("The tunnels together leave out Cellular or WiFi. A tunnel without Interfaces is for both."),
    why: prose(
        "With Always On nothing leaves the device but through a tunnel: on the interface that is left out there is no \
          network.",
    ),
    mend: prose("Add the interface to a tunnel, or a tunnel for it."),
    source: "own judgement, from Apple's description of Always On VPN",
    check: Check::Profile(check_uncovered),
};

/// The interfaces of one tunnel.
struct Tunnel<'a> {
    section: Section<'a>,
    /// Those named, with their elements.
    named: Vec<(&'static str, Element<'a>)>,
    /// Without `Interfaces` it is for both.
    both: bool,
    /// Something in the list cannot be told.
    unclear: bool,
}

impl<'a> Tunnel<'a> {
    fn read(section: Section<'a>) -> Self {
        let elements = section.list(KEY);
        let count = elements.len();
        let word = |element: Element<'a>| Some((Word::of(element.str()?.value, NAMES).meant()?, element));
        let named: Vec<(&'static str, Element<'a>)> = elements.into_iter().filter_map(word).gather();
        let both = !section.has(KEY);
        Self { unclear: named.len() != count || (!both && count == 0), named, both, section }
    }

    fn serves(&self, name: &str) -> bool {
        self.both || self.named.iter().any(|(named, _)| *named == name)
    }

    /// What a finding about its serving an interface points at.
    fn place(&self, name: &str) -> (crate::report::Span, crate::model::Path) {
        match self.named.iter().find(|(named, _)| *named == name) {
            Some((_, element)) => (element.node.span, element.path.clone()),
            None => (self.section.head(), self.section.path().clone()),
        }
    }
}

/// The tunnels of each Always On payload.
fn read<'c>(cx: &'c Context<'c>) -> impl Iterator<Item = (&'c Section<'c>, Vec<Tunnel<'c>>)> {
    always_on(cx)
        .map(|(_, section)| (section, section.sections(TUNNELS).into_iter().map(Tunnel::read).gather()))
}

fn check_value(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, tunnels) in read(cx) {
        for element in tunnels.iter().flat_map(|tunnel| tunnel.section.list(KEY)) {
            if let Some(text) = element.str() {
                words::expect_text(
                    text.value,
                    "the interface",
                    (text.span, element.path.clone()),
                    NAMES,
                    out,
                );
            }
        }
    }
}

fn check_duplicate(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, tunnels) in read(cx) {
        for tunnel in &tunnels {
            for name in NAMES {
                let mut same = tunnel.named.iter().filter(|(named, _)| named == name);
                let Some((_, first)) = same.next() else { continue };
                for (_, again) in same {
                    out.say(
                        Finding::element(again, format!("the tunnel names {name} twice"))
                            .help("name each interface once")
                            .related(first.node.span, "named here already")
                            .unsafe_remove("take the second one out"),
                    );
                }
            }
        }
    }
}

fn check_overlap(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, tunnels) in read(cx) {
        for name in NAMES {
            let mut serving = tunnels.iter().filter(|tunnel| tunnel.serves(name));
            let Some(first) = serving.next() else { continue };
            for tunnel in serving {
                // Two tunnels that are both for everything are told once.
                if tunnel.both && *name != "Cellular" && first.both {
                    continue;
                }
                let (span, path) = tunnel.place(name);
                out.say(
                    Finding::at(span, path, format!("two tunnels are for {name}"))
                        .help("give each interface to one tunnel")
                        .related(first.place(name).0, format!("this tunnel is for {name} already")),
                );
            }
        }
    }
}

fn check_uncovered(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (section, tunnels) in read(cx) {
        if tunnels.is_empty() || tunnels.iter().any(|tunnel| tunnel.unclear) {
            continue;
        }
        for name in NAMES.iter().filter(|name| !tunnels.iter().any(|tunnel| tunnel.serves(name))) {
            out.say(
                Finding::key(
                    section,
                    TUNNELS,
                    format!("no tunnel is for {name}, so the device has no network there"),
                )
                .help(format!("add {name} to the Interfaces of a tunnel, or a tunnel for it")),
            );
        }
    }
}
