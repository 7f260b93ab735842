//! Replays seeds, and every crash the fuzzer has found, on stable Rust.
//!
//! Seeds: `fuzz/seeds/<target>/`, and from the shared folder captures, messages, certificates, identities and
//! profiles. Crashes: `fuzz/crashes/<target>/`, one file each, named for what it broke.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use adit_fuzz_targets::{TARGETS, Target};

/// `fuzz/`.
fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The folder of vectors and corpus; `None`, and a line that names what is left out, when it is not there.
fn shared(suite: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ADIT_SHARED").map_or_else(|| fuzz().join("../../shared"), PathBuf::from);
    if folder.join("vectors").is_dir() {
        return Some(folder);
    }
    println!("left out: {suite} (no shared folder at {}; set ADIT_SHARED)", folder.display());
    None
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn replay(name: &str, target: Target, input: &[u8], origin: &str) {
    if catch_unwind(|| target(input)).is_err() {
        panic!("{name} broke on {origin} ({} bytes)", input.len());
    }
}

fn replay_files(name: &str, target: Target, folder: &Path) -> usize {
    let files = files(folder);
    for file in &files {
        replay(name, target, &fs::read(file).unwrap(), &file.display().to_string());
    }
    files.len()
}

fn target(name: &str) -> Target {
    TARGETS.iter().find(|(known, _)| *known == name).unwrap().1
}

#[test]
fn own_seeds_replay() {
    for (name, target) in TARGETS {
        let count = replay_files(name, *target, &fuzz().join("seeds").join(name));
        assert!(count > 0, "{name} has no seeds");
        println!("{name}: {count} seeds");
    }
}

#[test]
fn pkcs12_files_of_the_profile_tests_replay() {
    let folder = fuzz().join("../core/profile/tests/pkcs12");
    assert!(replay_files("pkcs12", target("pkcs12"), &folder) > 20);
}

#[test]
fn signed_files_of_the_profile_tests_replay_whole_and_cut() {
    let folder = fuzz().join("../core/profile/tests/cms");
    assert!(replay_files("profile_cms", target("profile_cms"), &folder) > 40);
    for name in ["ber.cms", "p256-sha256.cms", "cms.pem"] {
        let bytes = fs::read(folder.join(name)).unwrap();
        for cut in (0..bytes.len()).step_by(3) {
            replay("profile_cms", target("profile_cms"), &bytes[..cut], &format!("{name} up to {cut}"));
        }
    }
}

#[test]
fn every_crash_found_so_far_stays_fixed() {
    for (name, target) in TARGETS {
        let count = replay_files(name, *target, &fuzz().join("crashes").join(name));
        println!("{name}: {count} crashes");
    }
}

#[test]
fn degenerate_inputs_replay() {
    for (name, target) in TARGETS {
        for octet in [0, 1, 0x30, 0x7f, 0xff] {
            for length in [0, 1, 2, 3, 4, 27, 28, 29, 64, 1500, 70_000] {
                replay(name, *target, &vec![octet; length], &format!("{length} times {octet:#x}"));
            }
        }
    }
}

#[test]
fn captures_replay_as_messages_and_packets() {
    let Some(shared) = shared("fuzz replay of captures") else { return };
    let mut frames = 0;
    for file in files(&shared.join("vectors/pcap")) {
        for frame in records(&fs::read(&file).unwrap()) {
            frames += 1;
            // Behind Ethernet, Linux cooked or no link header, IPv4 or IPv6, UDP, and the non-ESP marker or none.
            for start in [28, 32, 42, 44, 46, 48, 52, 62, 66] {
                let Some(payload) = frame.get(start..) else { continue };
                let origin = format!("a frame of {}", file.display());
                replay("ike_message", target("ike_message"), payload, &origin);
                let length = u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes();
                replay("esp_open", target("esp_open"), &[&[0], &length[..], payload].concat(), &origin);
            }
        }
    }
    println!("{frames} frames");
    assert!(frames > 150, "only {frames} frames were found");
}

#[test]
fn shared_messages_certificates_and_identities_replay() {
    let Some(shared) = shared("fuzz replay of shared seeds") else { return };
    let vectors = shared.join("vectors");
    for (name, folder) in [
        ("ike_message", "msg"),
        ("certificate", "fuzz-seeds/certs"),
        ("certificate", "fuzz-seeds/certs-crash"),
        ("certificate", "fuzz-seeds/ids"),
        ("certificate", "fuzz-seeds/crls"),
        ("certificate", "fuzz-seeds/ocsp_rsp"),
    ] {
        let count = replay_files(name, target(name), &vectors.join(folder));
        assert!(count > 0, "{folder} is empty");
        println!("{name}: {count} from {folder}");
    }
}

#[test]
fn corpus_profiles_replay_whole_and_cut() {
    let Some(shared) = shared("fuzz replay of corpus profiles") else { return };
    let files = files(&shared.join("corpus/profiles"));
    assert!(files.len() > 50);
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let origin = file.display().to_string();
        for name in ["profile_xml", "profile_binary", "profile_cms", "profile_template"] {
            replay(name, target(name), &bytes, &origin);
            let cuts = (1..8).map(|eighth| bytes.len() * eighth / 8);
            for cut in cuts {
                replay(name, target(name), &bytes[..cut], &format!("{origin} up to {cut}"));
            }
        }
    }
}

#[test]
fn every_target_has_its_program() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    let mut programs: Vec<String> = files(&fuzz().join("fuzz_targets"))
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    programs.sort();
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(programs, names);
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in fuzz/Cargo.toml");
        let source = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("adit_fuzz_targets::{name}(data)")), "{name}");
    }
}

/// The frames of a classic capture file; those of other formats are not read here.
fn records(file: &[u8]) -> Vec<&[u8]> {
    let big = match file.get(..4) {
        Some([0xa1, 0xb2, ..]) => true,
        Some([_, _, 0xb2, 0xa1]) => false,
        _ => return Vec::new(),
    };
    let length = |at: usize| {
        let octets = file.get(at..at + 4)?.try_into().ok()?;
        Some(if big { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) } as usize)
    };
    let (mut frames, mut at) = (Vec::new(), 24);
    while let Some(frame) = length(at + 8).and_then(|captured| file.get(at + 16..at + 16 + captured)) {
        frames.push(frame);
        at += 16 + frame.len();
    }
    frames
}
