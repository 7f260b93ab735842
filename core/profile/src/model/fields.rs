//! Every value of a profile with what the schema says of its key: the model that rules about types, values and keys go
//! through, and that reports and pages show.
//!
//! Dictionaries that the chosen `VPNType` does not use are left out ([`Fields::unused`] lists them), as are payloads
//! without a schema. A dictionary whose key takes any name is not looked into.

use crate::gather::Gather as _;
use crate::report::Span;
use crate::schema::{self, Key, Kind, PayloadSchema};
use crate::syntax::{Entry, Node, Value};

use super::{Element, Payload, Profile, Section, first_bytes, template};

/// A value whose key is in the schema.
#[derive(Clone, Debug)]
pub struct Field<'d> {
    /// What the schema says of it.
    pub schema: &'static Key,
    /// The value.
    pub node: &'d Node,
    /// The key and the dictionary it stands in; for an element of an array, the array's.
    pub key: &'d str,
    /// Where the key stands; the value's own place for an element of an array.
    pub key_span: Span,
    /// The dictionary that holds it.
    pub section: Section<'d>,
    /// Its place in an array, when it is an element of one.
    pub index: Option<usize>,
    /// Which payload it stands in, by its place in `PayloadContent`; `None` at the top level.
    pub payload: Option<usize>,
}

impl<'d> Field<'d> {
    /// The key path.
    #[must_use]
    pub fn path(&self) -> super::Path {
        let path = self.section.path_of(self.key);
        self.index.map_or(path.clone(), |index| path.index(index))
    }

    /// The dictionary that the value is.
    #[must_use]
    pub fn inside(&self) -> Option<Section<'d>> {
        let head = if self.index.is_some() { first_bytes(self.node.span) } else { self.key_span };
        Some(Section::new(self.node.as_dict()?, self.node.span, head, self.path()))
    }

    /// Whether the value is a template's placeholder, about which nothing can be said.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.node.as_str().is_some_and(|text| template::is_placeholder(text, template::Strictness::Plain))
    }

    /// Whether the value has the type the schema asks for. 0, 1, false and true stand for each other, and a whole real
    /// number for an integer; rules of their own tell of that.
    #[must_use]
    pub fn has_its_type(&self) -> bool {
        let flag = self.schema.is_flag();
        match (&self.node.value, self.schema.kind) {
            (_, Kind::Any)
            | (Value::Array(_), Kind::Array)
            | (Value::Boolean(_), Kind::Boolean)
            | (Value::Data(_), Kind::Data)
            | (Value::Date(_), Kind::Date)
            | (Value::Dict(_), Kind::Dictionary)
            | (Value::Integer(_), Kind::Integer | Kind::Real)
            | (Value::Real(_), Kind::Real)
            | (Value::Integer(0 | 1), Kind::Boolean)
            | (Value::String(_), Kind::String) => true,
            (Value::Real(value), Kind::Integer) => value.fract() == 0.0,
            (Value::Boolean(_), Kind::Integer) => flag,
            _ => false,
        }
    }
}

/// A key that the schema does not know where it stands.
#[derive(Clone, Debug)]
pub struct UnknownKey<'d> {
    /// The dictionary it stands in.
    pub section: Section<'d>,
    /// The key and its value.
    pub entry: &'d Entry,
    /// The keys that its dictionary may have.
    pub known: &'static [Key],
    /// Which payload, by its place in `PayloadContent`; `None` at the top level.
    pub payload: Option<usize>,
}

/// All values of a profile that the schema speaks of.
#[derive(Clone, Debug, Default)]
pub struct Fields<'d> {
    /// In the order of the file.
    pub known: Vec<Field<'d>>,
    /// Keys the schema does not know.
    pub unknown: Vec<UnknownKey<'d>>,
    /// Dictionaries that the chosen `VPNType` does not use.
    pub unused: Vec<Section<'d>>,
}

/// How many values are listed; a file with more was refused as too large or is no profile.
const MAX_FIELDS: usize = 200_000;

impl<'d> Fields<'d> {
    /// Goes through the whole profile.
    #[must_use]
    pub fn of(profile: &Profile<'d>) -> Self {
        let mut fields = Self::default();
        if let Some(schema) = schema::top_level() {
            fields.dictionary(profile.root(), &|name| schema.key(name), schema.keys, None, &[]);
        }
        for payload in profile.payloads() {
            let Some(schema) = payload.kind().and_then(schema::payload) else { continue };
            fields.payload(payload, schema);
        }
        fields
    }

    /// The value of one key, by the path inside its payload as the schema writes it (`IKEv2.OnDemandRules[].Action`);
    /// the first one where arrays hold several.
    #[must_use]
    pub fn find(&self, payload: Option<usize>, path: &str) -> Option<&Field<'d>> {
        let schema_path = |field: &Field<'d>| {
            let steps = field.path().steps();
            let inside = steps.get(if payload.is_some() { 2 } else { 0 }..).unwrap_or_default();
            inside.iter().fold(String::new(), |text, step| match step {
                super::Step::Key(key) if text.is_empty() => key.clone(),
                super::Step::Key(key) => format!("{text}.{key}"),
                super::Step::Index(_) => format!("{text}[]"),
            })
        };
        self.known.iter().find(|field| field.payload == payload && schema_path(field) == path)
    }

    fn payload(&mut self, payload: &Payload<'d>, schema: &'static PayloadSchema) {
        let skipped = if payload.is_vpn() { unused_sections(payload) } else { Vec::new() };
        self.dictionary(
            &payload.section,
            &|name| schema.key(name),
            schema.keys,
            Some(payload.index),
            &skipped,
        );
    }

    fn dictionary(
        &mut self,
        section: &Section<'d>,
        lookup: &dyn Fn(&str) -> Option<&'static Key>,
        known: &'static [Key],
        payload: Option<usize>,
        skipped: &[&str],
    ) {
        for entry in &section.dict().entries {
            if self.known.len() >= MAX_FIELDS {
                return;
            }
            let name = entry.key.text.as_str();
            if skipped.contains(&name) {
                self.unused.extend(section.sub(name));
                continue;
            }
            let Some(schema) = lookup(name) else {
                self.unknown.push(UnknownKey { section: section.clone(), entry, known, payload });
                continue;
            };
            let field = Field {
                schema,
                node: &entry.value,
                key: name,
                key_span: entry.key.span,
                section: section.clone(),
                index: None,
                payload,
            };
            self.known.push(field);
            // The payloads are gone through one by one, each with its own schema.
            if payload.is_none() && name == "PayloadContent" {
                continue;
            }
            self.inside(section, entry, schema, payload);
        }
    }

    fn inside(
        &mut self,
        section: &Section<'d>,
        entry: &'d Entry,
        schema: &'static Key,
        payload: Option<usize>,
    ) {
        match &entry.value.value {
            Value::Dict(dict) if schema.kind == Kind::Dictionary => {
                let name = &entry.key.text;
                let inner = Section::new(dict, entry.value.span, entry.key.span, section.path_of(name));
                self.children(&inner, schema, payload);
            }
            Value::Array(items) if schema.kind == Kind::Array => {
                let Some(element) = schema.child("[]") else { return };
                let path = section.path_of(&entry.key.text);
                for (index, node) in items.iter().enumerate() {
                    if self.known.len() >= MAX_FIELDS {
                        return;
                    }
                    self.known.push(Field {
                        schema: element,
                        node,
                        key: &entry.key.text,
                        key_span: node.span,
                        section: section.clone(),
                        index: Some(index),
                        payload,
                    });
                    let item = Element { index, node, path: path.index(index) };
                    if element.kind == Kind::Dictionary
                        && let Some(inner) = item.section()
                    {
                        self.children(&inner, element, payload);
                    } else if let Value::Array(_) = node.value {
                        self.nested(&item, element, section, entry, payload);
                    }
                }
            }
            _ => {}
        }
    }

    /// Arrays inside arrays, such as a certificate request's `Subject`: their elements count, their paths are the outer's.
    fn nested(
        &mut self,
        item: &Element<'d>,
        schema: &'static Key,
        section: &Section<'d>,
        entry: &'d Entry,
        payload: Option<usize>,
    ) {
        let Some(element) = schema.child("[]").filter(|_| schema.kind == Kind::Array) else { return };
        for node in item.node.as_array().unwrap_or_default() {
            if self.known.len() >= MAX_FIELDS {
                return;
            }
            self.known.push(Field {
                schema: element,
                node,
                key: &entry.key.text,
                key_span: node.span,
                section: section.clone(),
                index: Some(item.index),
                payload,
            });
            let inner = Element { index: item.index, node, path: item.path.clone() };
            self.nested(&inner, element, section, entry, payload);
        }
    }

    fn children(&mut self, section: &Section<'d>, schema: &'static Key, payload: Option<usize>) {
        if schema.takes_any_key() {
            // `VendorConfig` and the like: named keys are judged, others are the vendor's.
            for entry in &section.dict().entries {
                if let Some(key) = schema.child(&entry.key.text) {
                    self.known.push(Field {
                        schema: key,
                        node: &entry.value,
                        key: &entry.key.text,
                        key_span: entry.key.span,
                        section: section.clone(),
                        index: None,
                        payload,
                    });
                }
            }
            return;
        }
        let lookup = |name: &str| schema.child(name);
        if schema.children.is_empty() {
            return;
        }
        let skipped: &[&str] = &[];
        self.dictionary(section, &lookup, schema.children, payload, skipped);
    }
}

/// The settings dictionaries of a VPN payload that its `VPNType` does not use.
fn unused_sections<'d>(payload: &Payload<'d>) -> Vec<&'static str> {
    const ALL: [&str; 6] = ["VPN", "IPSec", "IKEv2", "AlwaysOn", "TransparentProxy", "PPP"];
    let Some(kind) = payload.vpn_type() else { return Vec::new() };
    let used: &[&str] = match kind {
        "VPN" => &["VPN"],
        "IPSec" => &["IPSec"],
        "IKEv2" => &["IKEv2"],
        "AlwaysOn" => &["AlwaysOn"],
        "TransparentProxy" => &["TransparentProxy"],
        "L2TP" | "PPTP" => &["PPP", "IPSec"],
        _ => return Vec::new(),
    };
    ALL.into_iter().filter(|name| !used.contains(name)).gather()
}

impl<'d> Element<'d> {
    /// Where the first bytes of the element stand, to point at.
    #[must_use]
    pub fn head(&self) -> Span {
        first_bytes(self.node.span)
    }
}
