//! `sa.child-dh-needs-pfs`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.child-dh-needs-pfs"),
    level: Level::Warning,
    title: "A key exchange for Child SAs that EnablePFS does not allow",
    what: prose(
        "ChildSecurityAssociationParameters has DiffieHellmanGroup or PostQuantumKeyExchangeMethods, and EnablePFS is not 1.",
    ),
    why: prose(
        "Without EnablePFS the device proposes no key exchange for Child SAs: the values are ignored, and all keys come from \
          the one exchange of the IKE SA. A server that insists on the group refuses the rekey.",
    ),
    mend: prose("Set EnablePFS to 1, or remove the values."),
    source: "Apple documentation: NEVPNIKEv2SecurityAssociationParameters.diffieHellmanGroup, IKEv2.EnablePFS; \
             lionheart/openradar-mirror #17124",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        let Some(child) = &tunnel.child else { continue };
        let unusable = settings.has("EnablePFS") && settings.switch("EnablePFS").is_none();
        if tunnel.associations.perfect_forward_secrecy || unusable {
            continue;
        }
        let mut found =
            ["DiffieHellmanGroup", "PostQuantumKeyExchangeMethods"].into_iter().filter(|key| child.has(key));
        let Some(key) = found.next() else { continue };
        let other = found.next();
        let names = other.map_or_else(|| key.to_owned(), |other| format!("{key} and {other}"));
        let mut finding =
            Finding::value(child, key, format!("{names} of Child SAs: ignored without EnablePFS"))
                .help("set EnablePFS to 1 (the server must allow it), or leave it out");
        let remove = |key| Change::Remove { path: child.path_of(key).steps() };
        let mut removal = Fix::not_safe(format!("remove {names}"), remove(key));
        if let Some(other) = other {
            finding = finding.related(child.span_of(other), "this one too");
            removal = removal.and(remove(other));
        }
        let pfs = Fix::not_safe("set EnablePFS to 1", Change::set(settings, "EnablePFS", 1));
        finding = finding.fix(pfs);
        // A dictionary without keys would be a riddle of its own.
        let left = child.dict().entries.len() > if other.is_some() { 2 } else { 1 };
        out.say(if left { finding.fix(removal) } else { finding });
    }
}
