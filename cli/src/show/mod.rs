//! `adit show`: what is in a profile, as XML, and who signed it.

use std::path::{Path, PathBuf};

use adit_profile::json::SignatureForm;
use adit_profile::show::{MASK, Secrets, ShowError, to_xml};
use adit_profile::{Document, Severity};
use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::outcome::Failed;
use crate::template::TemplateArgs;
use crate::{input, output, signature, term};

/// What `--help` shows at its end.
pub const EXAMPLES: &str = "\
Prints the profile as XML: of a signed one what was signed, of a binary one the same values written as XML. Passwords,
shared secrets and private keys are masked as ******** (in data as its Base64, KioqKioqKio=) unless --unmask; what stands
in comments is not masked. With --unmask, XML in UTF-8 comes out byte for byte as it was signed.

Who signed it, and whether the signature holds, is said on standard error.

Examples:
  adit show office.mobileconfig
  adit show --unmask signed.mobileconfig --output plain.mobileconfig
  adit show --json signed.mobileconfig | jq .signature.signers
  adit show --unmask --set SERVER=vpn.example.com profile.mobileconfig.j2
                                                        a template, filled in

Exit codes: 0 shown, 1 shown but its signature does not hold, or malformed, 2 no profile, encrypted, or unreadable.";

/// `adit show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The profile; - is standard input.
    pub file: PathBuf,
    /// Show secrets too.
    #[arg(long)]
    pub unmask: bool,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the output file if it exists.
    #[arg(long, requires = "output")]
    pub force: bool,
    #[command(flatten)]
    pub template: TemplateArgs,
    /// Print one object: format, signature and the XML.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(args: &ShowArgs) -> Result<(), Failed> {
    let name = input::name(&args.file);
    let (bytes, document) = args.template.read(&name, input::read(&args.file)?)?;
    let secrets = if args.unmask { Secrets::Show } else { Secrets::Mask };
    let xml = match to_xml(&document, &bytes, secrets) {
        Ok(xml) => xml,
        Err(error) => return Err(refused(&name, &document, &error)),
    };
    let signed = document.signed();
    let text = if args.json {
        let object = json!({
            "file": name,
            "format": document.format(),
            "malformed": document.problems().has_errors(),
            "masked": !args.unmask,
            "signature": signed.map(SignatureForm::from),
            "xml": *xml,
        });
        Zeroizing::new(format!("{object}\n"))
    } else {
        xml
    };
    output::write(args.output.as_deref().unwrap_or(Path::new("-")), text.as_bytes(), args.force)?;
    for line in signature::lines(signed, signature::now()) {
        term::note(&format!("{name}: {line}"));
    }
    if document.problems().has_errors() {
        term::warn(&format!("{name} is malformed: `adit validate` says where"));
        return Err(Failed::Said);
    }
    let invalid =
        signed.is_some_and(|signed| signed.signers.iter().any(|signer| signer.verification.is_invalid()));
    if invalid { Err(Failed::Said) } else { Ok(()) }
}

/// Why there is nothing to show.
fn refused(name: &str, document: &Document, error: &ShowError) -> Failed {
    let first = document.problems().as_slice().iter().find(|problem| problem.severity == Severity::Error);
    let first = first.map_or_else(|| error.to_string(), |problem| problem.message.clone());
    match error {
        ShowError::NoProfile => Failed::usage(format!("{name}: {first}")),
        ShowError::Malformed => Failed::Task {
            why: format!("{name}: {error}"),
            advice: format!(
                "`adit validate {name}` says where it is malformed; --unmask shows an XML file as it is, without {MASK}"
            ),
        },
        _ => Failed::task(format!("{name}: {error}")),
    }
}
