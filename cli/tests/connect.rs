//! `adit connect` as a user who may not set up a tunnel: says so, and who must act, before anything is asked or sent.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder that everybody can read, with the program and a profile in it. Gone when dropped.
struct Public(PathBuf);

impl Public {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("adit-connect-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let public = Self(folder);
        fs::set_permissions(&public.0, fs::Permissions::from_mode(0o755)).unwrap();
        // Where cargo keeps the program another user may have no way to.
        fs::copy(env!("CARGO_BIN_EXE_adit"), public.0.join("adit")).unwrap();
        fs::set_permissions(public.0.join("adit"), fs::Permissions::from_mode(0o755)).unwrap();
        public
    }

    fn profile(&self, server: &str) -> PathBuf {
        let made = Command::new(env!("CARGO_BIN_EXE_adit"))
            .args([
                "new",
                "ikev2",
                "--name",
                "Office",
                "--server",
                server,
                "--remote-identifier",
                "vpn.office.test",
            ])
            .args(["--auth", "eap", "--username", "alice"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let path = self.0.join("office.mobileconfig");
        fs::write(&path, made.stdout).unwrap();
        path
    }

    /// Runs the program without any right: as it is, or if this test is root, as nobody.
    fn run(&self, args: &[&Path]) -> Output {
        let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        let mut command = if root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(self.0.join("adit"));
            command
        } else {
            Command::new(self.0.join("adit"))
        };
        command.arg("connect").args(args).stdin(Stdio::null()).output().unwrap()
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn without_the_right_it_says_who_must_act_and_asks_nobody() {
    let public = Public::new("right");
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let profile = public.profile("127.0.0.1");
    let port = server.local_addr().unwrap().port().to_string();
    for json in [false, true] {
        let mut args = vec![profile.as_path(), Path::new("--port"), Path::new(&port)];
        if json {
            args.push(Path::new("--json"));
        }
        let output = public.run(&args);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("CAP_NET_ADMIN") && error.contains("as root: sudo adit connect"), "{error}");
        // No password, no event, no datagram.
        assert!(!error.contains("Password") && output.stdout.is_empty(), "{error}");
        assert!(server.recv_from(&mut [0; 2048]).is_err());
    }
}

#[test]
fn a_profile_that_cannot_be_used_is_refused_with_two_whoever_asks() {
    let public = Public::new("broken");
    let broken = public.0.join("broken.mobileconfig");
    fs::write(&broken, "<plist><dict><key>PayloadType</key>").unwrap();
    let output = public.run(&[&broken]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("broken.mobileconfig"), "{error}");
}

#[test]
fn a_template_is_refused_until_it_is_filled_in() {
    let public = Public::new("template");
    let profile = public.profile("{{SERVER}}");
    let run = |more: &[&str]| {
        let mut args = vec![profile.as_path()];
        args.extend(more.iter().map(Path::new));
        let output = public.run(&args);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for more in [&[][..], &["--template"], &["--set", "OTHER=x"]] {
        let (code, error) = run(more);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("RemoteAddress still holds the placeholder"), "{error}");
    }
    let (code, error) = run(&["--set", "SERVER=127.0.0.1"]);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("CAP_NET_ADMIN") && !error.contains("placeholder"), "{error}");
}

#[test]
fn of_several_one_must_be_chosen() {
    let public = Public::new("several");
    let text = fs::read_to_string(public.profile("127.0.0.1")).unwrap();
    let (start, end) = (text.find("<array>").unwrap() + 7, text.rfind("</array>").unwrap());
    let uuid = text[start..end].split("PayloadUUID</key>").nth(1).unwrap();
    let uuid = uuid.split(['<', '>']).nth(2).unwrap();
    let other = text[start..end].replace(uuid, "9A3C1E50-0000-4000-8000-000000000001");
    let profile = public.0.join("two.mobileconfig");
    fs::write(&profile, format!("{}{other}{}", &text[..end], &text[end..])).unwrap();
    let output = public.run(&[&profile]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("--payload N or --payload UUID") && !error.contains("adit validate"), "{error}");
    let output = public.run(&[&profile, Path::new("--payload"), Path::new("1")]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("CAP_NET_ADMIN"), "{error}");
}
