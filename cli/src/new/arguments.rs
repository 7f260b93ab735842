//! The command line of `adit new`: a subcommand for each connection type, whose flags come from the table of fields.

use std::path::PathBuf;

use adit_profile::build::VpnKind;
use adit_profile::build::fields::{Field, Kind, fields};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueEnum, ValueHint, value_parser};

use super::rule_text;

/// `adit new`.
#[derive(Debug)]
pub struct NewArgs {
    /// What to do.
    pub action: Action,
}

/// What `adit new` does.
#[derive(Debug)]
pub enum Action {
    /// Shows types and fields.
    List {
        /// Of one type only.
        kind: Option<VpnKind>,
        /// As JSON.
        json: bool,
    },
    /// Makes a profile.
    Make(Box<MakeArgs>),
}

/// Making a profile.
#[derive(Debug)]
pub struct MakeArgs {
    /// The connection type, when there is no file to say so.
    pub kind: Option<VpnKind>,
    /// What the flags say.
    pub given: Vec<(Field, Given)>,
    /// The description.
    pub from: Option<PathBuf>,
    /// Where the profile goes; standard output without.
    pub output: Option<PathBuf>,
    /// Its form.
    pub format: Syntax,
    /// Whether a file that is there is replaced.
    pub force: bool,
    /// Codes that do not matter.
    pub allow: Vec<String>,
    /// Systems the profile is for.
    pub targets: Vec<adit_profile::schema::Target>,
    /// What UUIDs are made from.
    pub seed: Option<String>,
}

/// The value of a flag.
#[derive(Debug)]
pub enum Given {
    /// Text; of a secret too, if the user insists.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Several texts.
    Texts(Vec<String>),
    /// The name of a file.
    File(PathBuf),
    /// Several of them.
    Files(Vec<PathBuf>),
    /// A secret to be asked for.
    Ask,
    /// Rules.
    Rules(Vec<rule_text::RuleText>),
    /// A table without content.
    Table,
}

/// Forms of a property list.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Syntax {
    /// XML, as people read it.
    Xml,
    /// Binary.
    Binary,
}

const INSIST: &str = "secrets-in-arguments";

const EXAMPLES: &str = "\
Examples:
  adit new --list                        the connection types
  adit new --list ikev2                  every field of one: its flag, its place in TOML, the key it writes
  adit new ikev2 --name Office --server vpn.example.com --username alice --password-file pw.txt \\
      --ca ca.pem --certificate-type RSA -o office.mobileconfig
  adit new custom-ssl --name Office --server vpn.example.com --app-identifier com.example.vpn \\
      --identity alice.p12 --identity-password-ask --safari-domains intranet.example.com
  adit new --from office.toml --format binary -o office.mobileconfig

The result is checked before it is written: an error or warning refuses it, but for secrets in clear text and a
ProviderType that consoles write twice. See docs/new.md.

Exit codes: 0 written, 1 refused (the diagnostics say why), 2 wrong usage or an unreadable file.";

impl Args for NewArgs {
    fn augment_args(command: Command) -> Command {
        let command = command
            .after_help(EXAMPLES)
            .args_conflicts_with_subcommands(true)
            .arg_required_else_help(true)
            .subcommand_value_name("TYPE")
            .subcommand_help_heading("Connection types")
            .disable_help_subcommand(true)
            .arg(
                Arg::new("list")
                    .long("list")
                    .value_name("TYPE")
                    .num_args(0..=1)
                    .value_parser(PossibleValuesParser::new(VpnKind::ALL.map(VpnKind::name)))
                    .hide_possible_values(true)
                    .conflicts_with_all(["from", "output"])
                    .help("Show every connection type, or every field of one"),
            )
            .arg(
                Arg::new("json")
                    .long("json")
                    .action(ArgAction::SetTrue)
                    .requires("list")
                    .help("Print the list as JSON"),
            );
        let command = common(command).mut_arg("from", |from| from.required_unless_present("list"));
        command.subcommands(
            VpnKind::ALL.map(|kind| Command::new(kind.name()).about(kind.title()).defer(type_command)),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The arguments that go with every type, and with none.
fn common(command: Command) -> Command {
    command
        .next_help_heading("Input and output")
        .arg(
            file("from", "FILE")
                .help("Read the description from a TOML file, or JSON if its name ends in .json"),
        )
        .arg(file("output", "FILE").short('o').help("Write the profile to a file, not to standard output"))
        .arg(
            Arg::new("format")
                .long("format")
                .value_parser(value_parser!(Syntax))
                .default_value("xml")
                .help("Form of the property list"),
        )
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Replace the output file if it is there"),
        )
        .arg(
            Arg::new("allow")
                .long("allow")
                .value_name("CODE")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .help("Write the profile in spite of this diagnostic"),
        )
        .arg(
            Arg::new("target")
                .long("target")
                .value_name("SYSTEM")
                .action(ArgAction::Append)
                .value_parser(|text: &str| {
                    text.parse::<adit_profile::schema::Target>().map_err(|error| error.to_string())
                })
                .help("Check it for a system too, such as ios-26.1 or supervised"),
        )
        .arg(Arg::new("seed").long("seed").value_name("TEXT").help(
            "Make the UUIDs from this UUID or text, so that they are the same each time; random without",
        ))
}

fn file(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_hint(ValueHint::FilePath)
        .value_parser(value_parser!(PathBuf))
}

/// The flags of a type, made when it is asked for: there are some hundred.
fn type_command(command: Command) -> Command {
    let Some(kind) = VpnKind::of(command.get_name()) else { return command };
    let mut command =
        common(command).arg(Arg::new(INSIST).long(INSIST).action(ArgAction::SetTrue).help(
            "Take --psk, --password and the like with the secret behind them; other users see arguments",
        ));
    if kind == VpnKind::AlwaysOn {
        command = command.after_help(
            "The flags of the tunnel are for Wi-Fi and cellular. Each exists with wifi- or cellular- in front too, for \
             one interface alone: --wifi-server, --cellular-server.",
        );
    }
    let mut all = fields(kind);
    all.sort_by_key(|field| field.group);
    for field in &all {
        command = command.next_help_heading(field.group.title()).args(arguments(field));
    }
    command
}

/// The arguments of a field: one, or of a secret three.
fn arguments(field: &Field) -> Vec<Arg> {
    let name = &field.flag;
    let help = if field.required { format!("{} (needed)", field.help) } else { field.help.to_owned() };
    let hidden = field.flag.starts_with("wifi-") || field.flag.starts_with("cellular-");
    let arg = Arg::new(name.clone()).long(name.clone()).help(help.clone()).hide(hidden);
    let one = match field.kind {
        Kind::Text => arg.value_name("TEXT"),
        Kind::Integer => {
            arg.value_name("NUMBER").value_parser(value_parser!(i64)).allow_negative_numbers(true)
        }
        Kind::Number => {
            arg.value_name("NUMBER").value_parser(value_parser!(f64)).allow_negative_numbers(true)
        }
        Kind::Boolean => arg
            .value_name("true|false")
            .num_args(0..=1)
            .default_missing_value("true")
            .value_parser(value_parser!(bool))
            .hide_possible_values(true),
        Kind::Word(_) => arg.value_name("WORD").value_parser(words(&field.kind)).ignore_case(true),
        Kind::WordList(_) => arg
            .value_name("WORD")
            .value_parser(words(&field.kind))
            .ignore_case(true)
            .action(ArgAction::Append)
            .value_delimiter(','),
        Kind::TextList => arg.value_name("TEXT").action(ArgAction::Append).value_delimiter(','),
        Kind::File => {
            arg.value_name("FILE").value_hint(ValueHint::FilePath).value_parser(value_parser!(PathBuf))
        }
        Kind::Files => arg
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .value_parser(value_parser!(PathBuf))
            .action(ArgAction::Append),
        Kind::Pairs | Kind::Services => {
            arg.value_name("NAME=VALUE").action(ArgAction::Append).value_parser(pair)
        }
        Kind::Apps => arg.value_name("APP[=udp]").action(ArgAction::Append),
        Kind::MacApps => arg.value_name("APP=REQUIREMENT").action(ArgAction::Append).value_parser(pair),
        Kind::Rules => arg
            .value_name("RULE")
            .action(ArgAction::Append)
            .value_parser(rule_text::parse)
            .long_help(format!("{help}: {}. Such as '{}'", rule_text::FORM, field.example)),
        Kind::Table => arg.action(ArgAction::SetTrue),
        Kind::Secret => return secret(field, &help, hidden),
    };
    vec![one]
}

fn secret(field: &Field, help: &str, hidden: bool) -> Vec<Arg> {
    let name = &field.flag;
    let (file, ask) = (format!("{name}-file"), format!("{name}-ask"));
    vec![
        Arg::new(file.clone())
            .long(file.clone())
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .value_parser(value_parser!(PathBuf))
            .conflicts_with_all([ask.clone(), name.clone()])
            .hide(hidden)
            .help(format!("{help}: from a file, - is standard input")),
        Arg::new(ask.clone())
            .long(ask)
            .action(ArgAction::SetTrue)
            .conflicts_with(name.clone())
            .hide(hidden)
            .help("Asks for it on the terminal, without echo"),
        Arg::new(name.clone())
            .long(name.clone())
            .value_name("SECRET")
            .requires(INSIST)
            .hide(true)
            .help(help.to_owned()),
    ]
}

fn pair(text: &str) -> Result<String, &'static str> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err("write it with = between the two"),
    }
}

fn words(kind: &Kind) -> PossibleValuesParser {
    PossibleValuesParser::new(kind.words().into_iter().map(PossibleValue::new))
}

impl FromArgMatches for NewArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        if let Some((name, matches)) = matches.subcommand() {
            let kind = VpnKind::of(name).ok_or_else(|| clap::Error::new(ErrorKind::InvalidSubcommand))?;
            let given = fields(kind).into_iter().filter_map(|field| Some((given(&field, matches)?, field)));
            let given = given.map(|(given, field)| (field, given)).collect();
            return Ok(Self { action: Action::Make(Box::new(make(Some(kind), given, matches))) });
        }
        if matches.contains_id("list") {
            let kind = matches.get_one::<String>("list").and_then(|name| VpnKind::of(name));
            return Ok(Self { action: Action::List { kind, json: matches.get_flag("json") } });
        }
        Ok(Self { action: Action::Make(Box::new(make(None, Vec::new(), matches))) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn make(kind: Option<VpnKind>, given: Vec<(Field, Given)>, matches: &ArgMatches) -> MakeArgs {
    MakeArgs {
        kind,
        given,
        from: matches.get_one("from").cloned(),
        output: matches.get_one("output").cloned(),
        format: matches.get_one("format").copied().unwrap_or(Syntax::Xml),
        force: matches.get_flag("force"),
        allow: many(matches, "allow"),
        targets: many(matches, "target"),
        seed: matches.get_one("seed").cloned(),
    }
}

fn many<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, name: &str) -> Vec<T> {
    matches.get_many(name).map(|values| values.cloned().collect()).unwrap_or_default()
}

/// What the user said about a field.
fn given(field: &Field, matches: &ArgMatches) -> Option<Given> {
    let name = field.flag.as_str();
    let words = field.kind.words();
    // Case does not matter on the command line; the description wants the word itself.
    let word = |text: &String| {
        words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map_or_else(|| text.clone(), |word| (*word).to_owned())
    };
    match field.kind {
        Kind::Table => matches.get_flag(name).then_some(Given::Table),
        Kind::Secret => {
            if let Some(file) = matches.get_one::<PathBuf>(&format!("{name}-file")) {
                return Some(Given::File(file.clone()));
            }
            if matches.get_flag(&format!("{name}-ask")) {
                return Some(Given::Ask);
            }
            matches.get_one::<String>(name).cloned().map(Given::Text)
        }
        _ if !matches.contains_id(name) => None,
        Kind::Text => matches.get_one::<String>(name).cloned().map(Given::Text),
        Kind::Word(_) => matches.get_one::<String>(name).map(|text| Given::Text(word(text))),
        Kind::Integer => matches.get_one(name).copied().map(Given::Integer),
        Kind::Number => matches.get_one(name).copied().map(Given::Number),
        Kind::Boolean => matches.get_one(name).copied().map(Given::Boolean),
        Kind::WordList(_) => Some(Given::Texts(many::<String>(matches, name).iter().map(word).collect())),
        Kind::TextList | Kind::Pairs | Kind::Services | Kind::Apps | Kind::MacApps => {
            Some(Given::Texts(many(matches, name)))
        }
        Kind::File => matches.get_one(name).cloned().map(Given::File),
        Kind::Files => Some(Given::Files(many(matches, name))),
        Kind::Rules => Some(Given::Rules(many(matches, name))),
    }
}
