//! `adit convert`: a profile as declarations of 27.0, declarations as a profile, a VPN as the API's properties.

mod text;

use std::path::{Path, PathBuf};

use adit_profile::build::{Value, to_xml};
use adit_profile::convert::api::export;
use adit_profile::convert::{FromJson, Refusal, to_declarations, to_profile};
use adit_profile::json::ConvertReport;
use adit_profile::show::Secrets;
use adit_profile::{Document, Profile};
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::choice::PayloadArgs;
use crate::outcome::Failed;
use crate::template::TemplateArgs;
use crate::{input, output, term};

/// What `--help` shows at its end.
pub const EXAMPLES: &str = "\
declarations  each VPN of a profile as com.apple.configuration.network.vpn.* (27.0): one JSON object, or an array of
              several. Secrets and identities become references to assets, which are listed on standard error.
profile       such JSON as a profile; {{asset.NAME.password}} and the like stand where an asset's content belongs.
api           the properties of NEVPNManager with NEVPNProtocolIKEv2 or NEVPNProtocolIPSec, for an app's code.

What cannot be carried is listed on standard error too. docs/convert.md tells more.

Examples:
  adit convert office.mobileconfig --to declarations --output office.json
  adit convert office.json --to profile --output office.mobileconfig
  adit convert office.mobileconfig --to api --payload 1
  adit convert profile.mobileconfig.j2 --to declarations --set SERVER=vpn.example.com
  adit convert office.mobileconfig --to declarations --json | jq -r '.lost[] | .path + \": \" + .reason'

Exit codes: 0 converted (perhaps with losses), 1 a VPN is refused or the input cannot be understood, 2 wrong usage or
unreadable.";

/// `adit convert`.
#[derive(Args, Debug)]
pub struct ConvertArgs {
    /// The profile, or with --to profile the declarations; - is standard input.
    file: PathBuf,
    /// What to make of it.
    #[arg(long, value_enum)]
    to: Target,
    /// Which VPN.
    #[command(flatten)]
    payload: PayloadArgs,
    /// A profile that is a template.
    #[command(flatten)]
    template: TemplateArgs,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file if it exists.
    #[arg(long, requires = "output")]
    force: bool,
    /// Write a secret that a declaration holds itself (the PPK) instead of a placeholder.
    #[arg(long)]
    unmask: bool,
    /// Print one object: the result, the to-do list, what is lost, what is refused.
    #[arg(long)]
    json: bool,
}

/// What to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Target {
    /// Declarations of 27.0.
    Declarations,
    /// A profile.
    Profile,
    /// Properties of the NetworkExtension API.
    Api,
}

/// What a conversion gave.
struct Made {
    /// The result as text, with the newline at its end; `None` when there is none.
    text: Option<Zeroizing<String>>,
    /// The object for `--json`, as text.
    object: Zeroizing<String>,
    /// For standard error.
    notes: Vec<String>,
    /// VPNs that were refused.
    refused: Vec<Refusal>,
}

/// Runs the command.
pub fn run(args: &ConvertArgs) -> Result<(), Failed> {
    let bytes = input::read(&args.file)?;
    let name = input::name(&args.file);
    let made = match args.to {
        Target::Profile => from_declarations(args, &name, &bytes)?,
        Target::Declarations | Target::Api => from_profile(args, &name, bytes)?,
    };
    let to = args.output.as_deref().unwrap_or(Path::new("-"));
    if args.json {
        output::write(to, made.object.as_bytes(), args.force)?;
    } else {
        if let Some(text) = &made.text {
            output::write(to, text.as_bytes(), args.force)?;
        }
        made.notes.iter().for_each(|line| term::note(line));
    }
    if made.refused.is_empty() {
        return Ok(());
    }
    if !args.json {
        for refusal in &made.refused {
            term::error(&text::refusal(refusal), "");
        }
    }
    Err(Failed::Said)
}

fn from_profile(args: &ConvertArgs, name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<Made, Failed> {
    let (bytes, document) = args.template.read_as_written(name, bytes)?;
    if document.problems().has_errors() {
        let advice = if is_json(&bytes) {
            "it looks like JSON: --to profile converts declarations".to_owned()
        } else {
            format!("`adit validate {name}` says where it is malformed")
        };
        return Err(Failed::Task { why: format!("{name} cannot be read as a profile"), advice });
    }
    let profile = Profile::of(&document).ok_or_else(|| {
        Failed::task(format!("{name} cannot be understood: `adit validate {name}` says why"))
    })?;
    let only = args.payload.is_given().then(|| args.payload.vpn(name, &profile)).transpose()?;
    let only = only.map(|payload| payload.index);
    if profile.vpn_payloads().next().is_none() {
        return Err(Failed::task(format!("{name} holds no VPN")));
    }
    let secrets = if args.unmask { Secrets::Show } else { Secrets::Mask };
    if args.to == Target::Declarations {
        let made = to_declarations(&profile, only, secrets);
        return Ok(Made {
            text: one_or_all(&made.declarations)?,
            object: object(&ConvertReport {
                declarations: Some(&made.declarations),
                assets: Some(&made.assets),
                lost: Some(&made.lost),
                ..ConvertReport::new(Some(name), &made.refused)
            })?,
            notes: text::assets(&made.assets, true).into_iter().chain(text::lost(&made.lost)).collect(),
            refused: made.refused,
        });
    }
    let (mut exports, mut refused) = (Vec::new(), Vec::new());
    for payload in profile.vpn_payloads().filter(|payload| only.is_none_or(|only| only == payload.index)) {
        match export(&profile, payload) {
            Ok(one) => exports.push(one),
            Err(refusal) => refused.push(refusal),
        }
    }
    let settings: Vec<_> = exports.iter().map(|one| adit_profile::convert::Json(&one.settings)).collect();
    let notes = exports.iter().flat_map(|one| text::keychain(one).into_iter().chain(text::lost(&one.lost)));
    Ok(Made {
        text: one_or_all(&settings)?,
        object: object(&ConvertReport { vpns: Some(&exports), ..ConvertReport::new(Some(name), &refused) })?,
        notes: notes.collect(),
        refused,
    })
}

/// The object for `--json`, its members in the order of the alphabet.
fn object(report: &ConvertReport<'_>) -> Result<Zeroizing<String>, Failed> {
    let value = serde_json::to_value(report).map_err(Failed::task)?;
    Ok(Zeroizing::new(format!("{value}\n")))
}

/// One as an object, several as an array.
fn one_or_all<T: serde::Serialize>(all: &[T]) -> Result<Option<Zeroizing<String>>, Failed> {
    let text = match all {
        [] => return Ok(None),
        [one] => serde_json::to_string_pretty(one),
        all => serde_json::to_string_pretty(all),
    };
    let mut text = Zeroizing::new(text.map_err(Failed::task)?);
    text.push('\n');
    Ok(Some(text))
}

fn from_declarations(args: &ConvertArgs, name: &str, bytes: &[u8]) -> Result<Made, Failed> {
    if args.payload.is_given() {
        return Err(Failed::usage("--payload chooses a VPN of a profile: declarations are converted all"));
    }
    if args.template.is_given() {
        return Err(Failed::usage("--template and --set are for profiles: fill declarations in before"));
    }
    let FromJson(value) = serde_json::from_slice(bytes).map_err(|error| Failed::Task {
        why: format!("{name} is no JSON: {error}"),
        advice: if Document::read(bytes).root().is_some() {
            "it is a profile already; --to profile takes declarations".to_owned()
        } else {
            "--to profile takes a declaration as JSON, or an array of them".to_owned()
        },
    })?;
    let (declarations, in_array) = match value {
        Value::Array(items) => (items, true),
        one => (vec![one], false),
    };
    let made = to_profile(&declarations).map_err(|(at, error)| {
        Failed::task(if in_array { format!("{name}[{at}]: {error}") } else { format!("{name}: {error}") })
    })?;
    let xml = to_xml(&made.profile).map_err(|error| Failed::task(format!("{name}: {error}")))?;
    Ok(Made {
        object: object(&ConvertReport {
            profile: Some(&xml),
            assets: Some(&made.assets),
            lost: Some(&made.lost),
            ..ConvertReport::new(Some(name), &[])
        })?,
        notes: text::assets(&made.assets, false).into_iter().chain(text::lost(&made.lost)).collect(),
        text: Some(xml),
        refused: Vec::new(),
    })
}

fn is_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}
