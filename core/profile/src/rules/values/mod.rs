//! Types, values and keys: what the schema says of every key, whichever payload it stands in.

mod allowed;
mod dead;
mod deprecated;
mod flags;
mod mismatch;
mod misplaced;
mod not_on_platform;
mod range;
mod string_for_data;
mod too_new;
mod unknown;

use super::prelude::*;
use crate::model::Path;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &mismatch::RULE,
    &flags::BOOL_FOR_INT,
    &flags::INT_FOR_BOOL,
    &string_for_data::RULE,
    &allowed::NOT_ALLOWED,
    &allowed::CASE,
    &range::RULE,
    &unknown::RULE,
    &misplaced::RULE,
    &deprecated::RULE,
    &not_on_platform::RULE,
    &too_new::RULE,
    &dead::RULE,
];

/// What a message calls a value: its key, or an element of it.
fn label(field: &Field<'_>) -> String {
    match field.index {
        Some(_) => format!("an element of {}", field.key),
        None => field.key.to_owned(),
    }
}

/// Something that only some systems know: a key, or a whole payload by its type.
struct Known {
    name: String,
    span: crate::report::Span,
    path: Path,
    support: &'static [schema::Support; 5],
    /// The platforms that take the payload it stands in.
    payload: &'static [schema::Support; 5],
}

impl Known {
    fn on(&self, platform: Platform) -> schema::Support {
        of(self.support, platform)
    }

    /// Whether a platform takes the payload at all, so that it is the key that matters.
    fn payload_is_on(&self, platform: Platform) -> bool {
        of(self.payload, platform) != schema::Support::Never
    }

    fn finding(&self, message: String) -> Finding {
        Finding::at(self.span, self.path.clone(), message)
    }
}

fn of(support: &[schema::Support; 5], platform: Platform) -> schema::Support {
    let place = Platform::ALL.iter().position(|other| *other == platform).unwrap_or_default();
    support.get(place).copied().unwrap_or(schema::Support::Unknown)
}

/// Calls `tell` for every payload and every key of which `minds` holds on the support columns. What stands inside
/// something told is not looked at, nor what stands in a settings dictionary of a `VPNType` that `minds`: there the type
/// is at fault, which has rules of its own.
fn for_each_known(
    cx: &Context<'_>,
    minds: &dyn Fn(&[schema::Support; 5], &[schema::Support; 5]) -> bool,
    tell: &mut dyn FnMut(Known),
) {
    const SETTINGS: [&str; 6] = ["VPN", "IPSec", "IKEv2", "AlwaysOn", "TransparentProxy", "PPP"];
    // A per-app payload is on watchOS, where the whole-device one, from which it has these keys, is not.
    const FRAME: [&str; 4] = ["VPNType", "VPNSubType", "UserDefinedName", "VendorConfig"];
    let any: &'static [schema::Support; 5] = &[schema::Support::Unknown; 5];
    let mut payloads = Vec::new();
    for payload in cx.profile.payloads() {
        let Some(kind) = payload.section.str("PayloadType") else { continue };
        let Some(known) = schema::payload_type(kind.value) else { continue };
        let told = minds(known.support, any);
        payloads.push((payload.index, (known.support, told)));
        if told {
            tell(Known {
                name: format!("the payload {}", kind.value),
                span: kind.span,
                path: payload.section.path_of("PayloadType"),
                support: known.support,
                payload: any,
            });
        }
    }
    let mut inside: Option<crate::report::Span> = None;
    for field in cx.fields.known.iter().filter(|field| field.index.is_none()) {
        let (payload, told) = match field.payload {
            None => (any, false),
            Some(index) => {
                let place = payloads.binary_search_by_key(&index, |(index, _)| *index).ok();
                place.and_then(|place| payloads.get(place)).map_or((any, false), |(_, known)| *known)
            }
        };
        let covered =
            inside.is_some_and(|span| span.start <= field.node.span.start && field.node.span.end <= span.end);
        if told || covered || !minds(field.schema.support, payload) {
            continue;
        }
        inside = Some(field.node.span);
        let in_payload = field.section.path().length() == 2;
        let per_app =
            || field.section.str("PayloadType").is_some_and(|kind| kind.value == crate::model::VPN_APPLAYER);
        if in_payload && (SETTINGS.contains(&field.key) || FRAME.contains(&field.key) && per_app()) {
            continue;
        }
        tell(Known {
            name: field.key.to_owned(),
            span: field.key_span,
            path: field.path(),
            support: field.schema.support,
            payload,
        });
    }
}
