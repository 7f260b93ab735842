//! From a profile's file to a tunnel's configuration.

use std::path::Path;
use std::time::Duration;

use adit_crypto::Secret;
use adit_profile::ikev2::{Authentication, Choice, Ikev2Settings, Which, requirements};
use adit_profile::{Diagnostic, Document, Profile, Severity};
use adit_tunnel::TunnelConfig;
use adit_tunnel::plan::{Overrides, PlanInputs, plan};

use crate::args::OverrideArgs;
use crate::outcome::Failed;
use crate::term;

/// A profile that can be connected to.
pub struct Planned {
    /// What the profile asks for.
    pub settings: Ikev2Settings,
    /// The tunnel.
    pub config: TunnelConfig,
}

/// Judges a profile and gives what the chosen payload asks for; else the reasons, as one text.
pub fn settings(name: &str, document: &Document, payload: Choice<'_>) -> Result<Ikev2Settings, Failed> {
    let refuse = |diagnostics: &[Diagnostic]| {
        let errors =
            diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).map(one_line);
        let errors: Vec<String> = errors.collect();
        // What this build cannot do, `adit validate` does not say.
        let hint = if diagnostics.iter().any(|one| one.code.as_str() == "plan.choice") {
            "\n  --payload N or --payload UUID chooses".to_owned()
        } else if diagnostics.iter().all(|one| one.code.family() == "plan") {
            String::new()
        } else {
            format!("\n  `adit validate {name}` shows where")
        };
        Failed::Usage(format!("{name} makes no tunnel:\n  {}{hint}", errors.join("\n  ")))
    };
    // Who changed a signed profile may have changed where the tunnel ends.
    if let Some(signed) = document.signed()
        && let Some(signer) = signed.signers.iter().find(|signer| signer.verification.is_invalid())
    {
        return Err(Failed::Usage(format!(
            "{name} makes no tunnel: it is signed, and {}; get it again from its source, or, if the change is yours, \
             take it out of the signature with `adit show --unmask`",
            signer.verification
        )));
    }
    let problems = document.problems();
    match Profile::of(document) {
        Some(profile) if !problems.has_errors() => {
            requirements(&profile, Which { payload, ..Which::default() })
                .map_err(|diagnostics| refuse(&diagnostics))
        }
        _ => Err(refuse(problems.as_slice())),
    }
}

fn one_line(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{} ({help})", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// Turns the user's overrides into the plan's.
pub fn overrides(args: &OverrideArgs) -> Overrides {
    Overrides {
        ike_lifetime: args.ike_lifetime.map(Duration::from_secs),
        child_lifetime: args.child_lifetime.map(Duration::from_secs),
        liveness: args.liveness.map(Duration::from_secs),
        idle: args.idle.map(Duration::from_secs),
        fragment_size: args.fragment_size.map(usize::from),
    }
}

/// Makes the tunnel's configuration. Anchors are the system's if the profile brings none; a store that cannot be read
/// is warned of where a certificate has to be judged by it.
pub fn planned(settings: Ikev2Settings, mut inputs: PlanInputs) -> Result<Planned, Failed> {
    if settings.server.anchors.is_empty() && inputs.system_anchors.is_empty() {
        match adit_driver::trust::system_anchors() {
            Ok(anchors) => inputs.system_anchors = anchors,
            Err(_) if matches!(settings.authentication, Authentication::SharedSecret(_)) => {}
            Err(error) => term::warn(&error.to_string()),
        }
    }
    let config = plan(&settings, &inputs, &adit_crypto::default_provider()).map_err(Failed::usage)?;
    Ok(Planned { settings, config })
}

/// The password for EAP: from the file, else from the profile, else asked for.
pub fn password(
    settings: &Ikev2Settings,
    file: Option<&Path>,
    username: Option<&str>,
) -> Result<Option<Secret>, Failed> {
    let Authentication::Eap(eap) = &settings.authentication else { return Ok(None) };
    if let Some(file) = file {
        let text = adit_driver::terminal::read_password_file(file).map_err(Failed::usage)?;
        return Ok(Some(Secret::from(text.as_bytes())));
    }
    if eap.password.is_some() {
        return Ok(None);
    }
    let name = username.or(eap.name.as_deref()).unwrap_or("the VPN");
    let text =
        adit_driver::terminal::read_password(&format!("Password for {name}: ")).map_err(Failed::usage)?;
    Ok(Some(Secret::from(text.as_bytes())))
}
