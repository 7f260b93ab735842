//! A table of rows applied to a dictionary, in either direction; what no row takes is told.

use crate::build::Value;
use crate::by_name::ByName;
use crate::gather::Gather as _;
use crate::show::Secrets;

use super::asset::{Asset, AssetType, Part, add, is_uuid, placeholder, reference_in};
use super::mapping::{Row, Shape, TUNNEL, TUNNEL_IKEV2};
use super::tree::{describe, join, lookup, put, text};
use super::{Lost, shape};

/// Which way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Direction {
    /// From a profile.
    ToDeclaration,
    /// From a declaration.
    ToProfile,
}

/// One conversion under way.
pub(super) struct Carrier<'c> {
    /// Which way.
    pub(super) direction: Direction,
    /// What names of new assets start with: the declaration's identifier.
    pub(super) identifier: String,
    /// What of the profile's secrets a declaration has no asset for may be written.
    pub(super) secrets: Secrets,
    /// What is known of an identity's payload, by its UUID: its type.
    pub(super) identity: &'c dyn Fn(&str) -> Option<String>,
    /// The to-do list.
    pub(super) assets: Vec<Asset>,
    /// What is lost.
    pub(super) lost: Vec<Lost>,
}

/// A dictionary to be carried, and where it stands on both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The path of the input, for messages.
    pub(super) from: String,
    /// The path of the output, for the to-do list.
    pub(super) to: String,
    /// What the settings' keys start with in the profile: `IKEv2.`, or nothing.
    pub(super) settings: String,
    /// What the rows' keys start with in the declaration: nothing, or `IKEV2.`.
    pub(super) inner: String,
}

impl Carrier<'_> {
    /// Carries what the rows take of `input` into `output`, and adds the paths of the input that were looked at to `seen`.
    pub(super) fn carry(
        &mut self,
        rows: &'static [Row],
        input: &Value,
        output: &mut Value,
        place: &Place,
        seen: &mut ByName<'static>,
    ) {
        for row in rows {
            let profile = row.profile_path(&place.settings);
            let declaration = format!("{}{}", place.inner, row.to);
            let (from, to) = match self.direction {
                Direction::ToDeclaration => (&profile, &declaration),
                Direction::ToProfile => (&declaration, &profile),
            };
            let found = lookup(input, from);
            let companion = row.companion(&place.settings);
            seen.insert(from.clone().into(), 0);
            if self.direction == Direction::ToDeclaration
                && let Some(companion) = &companion
            {
                seen.insert(companion.clone().into(), 0);
            }
            let paths = Paths {
                from: join_raw(&place.from, from),
                to: join_raw(&place.to, to),
                profile: &profile,
                companion: companion.as_deref(),
                declaration: &declaration,
            };
            let carried = match row.shape {
                Shape::Credentials(role, _) => {
                    self.credentials(role, found, input, output, &paths);
                    continue;
                }
                Shape::Composed(_) => {
                    self.composed(found, input, output, &paths, to);
                    continue;
                }
                Shape::Identity => found.map(|value| self.identity(value, &paths)),
                Shape::Tunnels => found.map(|value| self.tunnels(value, &paths)),
                Shape::SecretData => found.map(|value| self.secret_data(value, row.shape, &paths)),
                plain => {
                    found.map(|value| shape::carry(plain, value, self.direction, &paths.from, &mut self.lost))
                }
            };
            match carried {
                Some(Ok(value)) => put(output, to, value),
                Some(Err(mut reason)) => {
                    if let Some(default) = row.default {
                        reason.push_str(&format!("; left out, which means {default}"));
                    }
                    self.lost.push(Lost::new(paths.from, reason));
                }
                None => {}
            }
        }
    }

    /// What a declaration needs and did not get: filled in from the profile's default, or told.
    pub(super) fn complete(&mut self, rows: &'static [Row], output: &mut Value, place: &Place) {
        for row in rows.iter().filter(|row| row.required) {
            let to = format!("{}{}", place.inner, row.to);
            // Authentication is needed itself; other dictionaries are only complete or not there.
            let around = to.rsplit_once('.').map(|(around, _)| around);
            let needed = around
                .is_none_or(|around| around.ends_with("Authentication") || lookup(output, around).is_some());
            if !needed || lookup(output, &to).is_some() {
                continue;
            }
            match row.default {
                Some(default) => put(output, &to, default.into()),
                None => {
                    let path = join_raw(&place.from, &row.profile_path(&place.settings));
                    if self.lost.iter().all(|lost| lost.path != path) {
                        let reason = format!("missing: a declaration needs {}", row.to);
                        self.lost.push(Lost::new(path, reason));
                    }
                }
            }
        }
    }

    /// Tells what no row took. `seen` holds paths inside `input`.
    pub(super) fn leftovers(
        &mut self,
        input: &Value,
        inside: &str,
        seen: &ByName<'_>,
        base: &str,
        why: &dyn Fn(&str) -> String,
    ) {
        let Value::Dict(entries) = input else { return };
        for (key, value) in entries {
            let path = if inside.is_empty() { key.clone() } else { format!("{inside}.{key}") };
            if seen.contains(&path) {
                continue;
            }
            let opening = format!("{path}.");
            let is_container = seen.next_from(&opening).is_some_and(|(next, _)| next.starts_with(&opening));
            match value {
                Value::Dict(_) if is_container => self.leftovers(value, &path, seen, base, why),
                other => {
                    let reason = if is_container {
                        format!("it must be a dictionary, it is {}", describe(other))
                    } else {
                        why(&path)
                    };
                    self.lost.push(Lost::new(shown(base, &path), reason));
                }
            }
        }
    }

    fn credentials(
        &mut self,
        role: &str,
        found: Option<&Value>,
        input: &Value,
        output: &mut Value,
        paths: &Paths<'_>,
    ) {
        let what =
            |user: bool| if user { "a user name and a password" } else { "a password: the shared secret" };
        match self.direction {
            Direction::ToDeclaration => {
                let user = paths.companion.and_then(|key| lookup(input, key));
                if found.is_none() && user.is_none() {
                    return;
                }
                let named = found.and_then(text).and_then(|secret| reference_in(secret, Part::Password));
                let named =
                    named.or_else(|| user.and_then(text).and_then(|name| reference_in(name, Part::UserName)));
                let reference = named.map_or_else(|| format!("{}.{role}", self.identifier), str::to_owned);
                let user_name = user
                    .and_then(text)
                    .filter(|name| reference_in(name, Part::UserName).is_none() && !name.is_empty());
                let mut holds = what(paths.companion.is_some()).to_owned();
                if found.is_none() {
                    holds.push_str("; the profile has no password, it asks for it");
                }
                add(
                    &mut self.assets,
                    Asset {
                        reference: reference.clone(),
                        types: &[AssetType::UserPassword],
                        holds,
                        user_name: user_name.map(str::to_owned),
                        profile: [
                            found.map(|_| paths.from.clone()),
                            user.and(paths.companion).map(|companion| sibling(&paths.from, companion)),
                        ]
                        .into_iter()
                        .flatten()
                        .gather(),
                        declaration: vec![paths.to.clone()],
                    },
                );
                put(output, paths.declaration, reference.into());
            }
            Direction::ToProfile => {
                let Some(found) = found else { return };
                let reference = text(found);
                let password = reference.and_then(|reference| placeholder(reference, Part::Password));
                let (Some(reference), Some(password)) = (reference, password) else {
                    let reason = "it must be the identifier of an asset, without braces";
                    self.lost.push(Lost::new(paths.from.clone(), reason));
                    return;
                };
                let mut profile = Vec::new();
                if let Some(companion) = paths.companion
                    && let Some(name) = placeholder(reference, Part::UserName)
                {
                    put(output, companion, name.into());
                    profile.push(sibling(&paths.to, companion));
                }
                put(output, paths.profile, password.into());
                profile.push(paths.to.clone());
                add(
                    &mut self.assets,
                    Asset {
                        reference: reference.to_owned(),
                        types: &[AssetType::UserPassword],
                        holds: what(paths.companion.is_some()).to_owned(),
                        user_name: None,
                        profile,
                        declaration: vec![paths.from.clone()],
                    },
                );
            }
        }
    }

    fn identity(&mut self, value: &Value, paths: &Paths<'_>) -> shape::Carried {
        let Some(found) = text(value).filter(|found| !found.trim().is_empty()) else {
            return Err("it must name an identity".to_owned());
        };
        let (reference, written, profile, declaration) = match self.direction {
            Direction::ToDeclaration => {
                let reference = reference_in(found, Part::Identity).unwrap_or(found).to_owned();
                (reference.clone(), reference, paths.from.clone(), paths.to.clone())
            }
            Direction::ToProfile => {
                let written = if is_uuid(found) {
                    found.to_owned()
                } else {
                    placeholder(found, Part::Identity)
                        .ok_or("it must be the identifier of an asset, without braces")?
                };
                (found.to_owned(), written, paths.to.clone(), paths.from.clone())
            }
        };
        let payload_type = (self.identity)(&reference);
        let types = payload_type.as_deref().map_or(Some(AssetType::IDENTITIES), AssetType::of_payload);
        let holds = match (self.direction, &payload_type, types) {
            (Direction::ToProfile, ..) => {
                "an identity: add its payload to the profile, with this PayloadUUID".to_owned()
            }
            (_, Some(kind), Some(_)) => format!("the identity of the payload {kind}"),
            (_, Some(kind), None) => format!("an identity; {kind} has no asset of its own kind"),
            (_, None, _) => "an identity, whose payload is not in the profile".to_owned(),
        };
        add(
            &mut self.assets,
            Asset {
                reference,
                types: types.unwrap_or(AssetType::IDENTITIES),
                holds,
                user_name: None,
                profile: vec![profile],
                declaration: vec![declaration],
            },
        );
        Ok(written.into())
    }

    /// A secret that a declaration holds itself: a placeholder, unless secrets may be written.
    fn secret_data(&mut self, value: &Value, shape: Shape, paths: &Paths<'_>) -> shape::Carried {
        let carried = shape::carry(shape, value, self.direction, &paths.from, &mut self.lost)?;
        let hidden = self.direction == Direction::ToDeclaration
            && self.secrets == Secrets::Mask
            && matches!(value, Value::Data(_));
        if !hidden {
            return Ok(carried);
        }
        let reason =
            "a secret that the declaration holds itself: a placeholder stands in its place, fill it in";
        self.lost.push(Lost::new(paths.from.clone(), reason));
        Ok(format!("{{{{secret.{}.ppk}}}}", self.identifier.replace(['{', '}'], "_")).into())
    }

    fn composed(
        &mut self,
        found: Option<&Value>,
        input: &Value,
        output: &mut Value,
        paths: &Paths<'_>,
        to: &str,
    ) {
        let Some(companion) = paths.companion else { return };
        match self.direction {
            Direction::ToDeclaration => {
                let requirement = lookup(input, companion);
                let mut lose = |path: String, reason: &str| self.lost.push(Lost::new(path, reason));
                match (found.map(text), requirement.map(text)) {
                    (None, None) => {}
                    (Some(Some(bundle)), None) => put(output, to, bundle.into()),
                    (Some(Some(bundle)), Some(Some(requirement))) => {
                        put(output, to, format!("{bundle} {{{requirement}}}").into());
                    }
                    (None, Some(_)) => lose(
                        sibling(&paths.from, companion),
                        "a declaration names a requirement only after its ProviderBundleIdentifier, which is missing",
                    ),
                    _ => lose(paths.from.clone(), "the identifier and its requirement must be texts"),
                }
            }
            Direction::ToProfile => {
                let Some(found) = found else { return };
                let composed = text(found).unwrap_or_default();
                let (bundle, requirement) = match composed.split_once(" {") {
                    Some((bundle, rest)) => (bundle, rest.strip_suffix('}')),
                    None => (composed, None),
                };
                let whole = bundle.len() == composed.len() || requirement.is_some();
                if bundle.is_empty() || bundle.contains(['(', ' ']) || !whole {
                    let reason = "it must be \"Bundle-ID\" or \"Bundle-ID {designated requirement}\"; profiles know \
                                  nothing else, a team identifier neither";
                    self.lost.push(Lost::new(paths.from.clone(), reason));
                    return;
                }
                put(output, to, bundle.into());
                if let Some(requirement) = requirement {
                    put(output, companion, requirement.into());
                }
            }
        }
    }

    /// The tunnels of Always On, whose IKEv2 keys stand in a dictionary of their own in a declaration.
    fn tunnels(&mut self, value: &Value, paths: &Paths<'_>) -> shape::Carried {
        let Value::Array(items) = value else {
            return Err(format!("it must be an array, it is {}", describe(value)));
        };
        let (name, ikev2) = TUNNEL_IKEV2;
        let identifier = self.identifier.clone();
        let mut carried = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let from = format!("{}[{at}]", paths.from);
            if !matches!(item, Value::Dict(_)) {
                self.lost.push(Lost::new(from, format!("it must be a dictionary, it is {}", describe(item))));
                continue;
            }
            self.identifier = format!("{identifier}.tunnel-{at}");
            let place = Place {
                from: from.clone(),
                to: format!("{}[{}]", paths.to, carried.len()),
                settings: String::new(),
                inner: String::new(),
            };
            let inner = Place { inner: format!("{name}."), ..place.clone() };
            let mut output = Value::Dict(Vec::new());
            let mut seen = ByName::new();
            self.carry(TUNNEL, item, &mut output, &place, &mut seen);
            self.carry(ikev2, item, &mut output, &inner, &mut seen);
            if self.direction == Direction::ToDeclaration {
                self.complete(TUNNEL, &mut output, &place);
                self.complete(ikev2, &mut output, &inner);
                if let Some(settings) = output.get(name) {
                    self.lost.extend(super::forward::conditions_ikev2(settings, &from, ""));
                }
            }
            let direction = self.direction;
            self.leftovers(item, "", &seen, &from, &|path| tunnel_reason(direction, path));
            carried.push(output);
        }
        self.identifier = identifier;
        Ok(Value::Array(carried))
    }
}

const ROUTES: [&str; 2] = ["IncludeAllNetworks", "EnforceRoutes"];

/// Where one row's values stand.
struct Paths<'p> {
    /// The whole path in the input.
    from: String,
    /// The whole path in the output.
    to: String,
    /// The path in the profile's dictionary.
    profile: &'p str,
    /// The path there of the other key that the row speaks for.
    companion: Option<&'p str>,
    /// The path in the declaration's dictionary.
    declaration: &'p str,
}

fn tunnel_reason(direction: Direction, path: &str) -> String {
    match direction {
        Direction::ToDeclaration if path.starts_with("Exclude") || ROUTES.contains(&path) => {
            "an Always On declaration has no routing: all of the traffic is in the tunnel".to_owned()
        }
        Direction::ToDeclaration => "declarations have no such key".to_owned(),
        Direction::ToProfile => "profiles have no such key".to_owned(),
    }
}

/// A path inside another, without shortening its keys: these are the table's own.
fn join_raw(base: &str, path: &str) -> String {
    if base.is_empty() { path.to_owned() } else { format!("{base}.{path}") }
}

/// The path of a key of the input, which may be anything.
fn shown(base: &str, path: &str) -> String {
    path.split('.').fold(base.to_owned(), |base, key| join(&base, key))
}

/// The path of the key beside another: its last step replaced by the last step of `key`.
fn sibling(path: &str, key: &str) -> String {
    let last = key.rsplit_once('.').map_or(key, |(_, last)| last);
    match path.rsplit_once('.') {
        Some((around, _)) => format!("{around}.{last}"),
        None => last.to_owned(),
    }
}
