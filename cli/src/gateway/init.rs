//! `adit gateway init`: the files for a first start.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use adit_gateway::init::{InitSettings, KeyType, init};

use crate::args::{InitArgs, KeyKind};
use crate::outcome::Failed;
use crate::term;

/// Runs the command.
pub fn run(args: &InitArgs) -> Result<(), Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failed::task)?;
    let host = args.host.clone().unwrap_or_else(own_address);
    let mut settings = InitSettings::new(&host, &args.user, now);
    settings.key = match args.key {
        KeyKind::Ecdsa => KeyType::EcdsaP256,
        KeyKind::Rsa => KeyType::Rsa2048,
    };
    let output = init(settings, &adit_crypto::default_provider()).map_err(Failed::usage)?;
    let files = output.files();
    let in_the_way: Vec<String> = files
        .iter()
        .map(|file| args.dir.join(&file.name))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if !in_the_way.is_empty() {
        return Err(Failed::usage(format!(
            "nothing is overwritten, and these exist already: {}; choose another directory or remove them",
            in_the_way.join(", ")
        )));
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&args.dir).map_err(|error| cannot(&args.dir, &error))?;
    for file in &files {
        let path = args.dir.join(&file.name);
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(file.mode)
            .open(&path)
            .and_then(|mut out| out.write_all(file.bytes.expose()))
            .map_err(|error| cannot(&path, &error))?;
        term::line(&format!("wrote {}", path.display()));
    }
    if args.host.is_none() {
        term::line(&format!(
            "\nClients reach the gateway at {host}; --host NAME makes the files for another one."
        ));
    }
    term::line(&format!(
        "\nThe profile holds user name and password: keep it safe. Start the gateway with\n  adit gateway --config {}",
        args.dir.join("gateway.toml").display()
    ));
    Ok(())
}

/// The address this machine has on its default route, else loopback. Connecting a UDP socket sends nothing.
fn own_address() -> String {
    use std::net::{IpAddr, Ipv4Addr, UdpSocket};
    let found = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip()).to_string()
}

fn cannot(path: &Path, error: &std::io::Error) -> Failed {
    Failed::task(format!("cannot write {}: {error}", path.display()))
}
