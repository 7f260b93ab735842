//! Secrets from a person or a file.
//!
//! Owns reading a password without echo ([`read_password`]) and from a file ([`read_password_file`]).
//! Passwords are wiped when dropped. Leaves out where the password goes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use zeroize::{Zeroize, Zeroizing};

use crate::sys::terminal;

/// Bytes of a password at most.
const MAX_PASSWORD: usize = 4096;

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// There is no terminal to ask on.
    #[error("no terminal to ask for the password on: give it in a file ({cause})")]
    NoTerminal {
        /// The system's explanation.
        cause: io::Error,
    },
    /// Ctrl-C, Ctrl-D or the end of input.
    #[error("no password was entered")]
    Cancelled,
    /// The file cannot be read.
    #[error("cannot read the password file {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's explanation.
        cause: io::Error,
    },
    /// Nothing in it, not UTF-8, or too long.
    #[error("the password is {0}")]
    Unusable(&'static str),
}

/// Asks for a password on the controlling terminal, also when standard input is something else. Shows
/// `prompt` and no echo. Backspace and Ctrl-U edit. Blocks the thread.
///
/// # Errors
/// [`PasswordError`]; `Cancelled` on Ctrl-C, which does not end the process here.
pub fn read_password(prompt: &str) -> Result<Zeroizing<String>, PasswordError> {
    let tty = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|cause| PasswordError::NoTerminal { cause })?;
    ask(&tty, prompt)
}

/// Reads a password from a file: UTF-8, without one line break at its end. At most 4,096 bytes.
///
/// # Errors
/// [`PasswordError`].
pub fn read_password_file(path: &Path) -> Result<Zeroizing<String>, PasswordError> {
    let unreadable = |cause| PasswordError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    // Room for all of it from the start: growing would leave copies that are not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD + 3));
    file.take(MAX_PASSWORD as u64 + 3).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    text(&bytes)
}

fn text(bytes: &[u8]) -> Result<Zeroizing<String>, PasswordError> {
    if bytes.is_empty() {
        return Err(PasswordError::Unusable("empty"));
    }
    if bytes.len() > MAX_PASSWORD {
        return Err(PasswordError::Unusable("longer than 4096 bytes"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(PasswordError::Unusable("not UTF-8 text")),
    }
}

/// A terminal without echo; gets its attributes back when dropped.
struct Silent<'a> {
    tty: &'a File,
    before: terminal::Attributes,
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        let _ = terminal::restore(self.tty.as_fd(), &self.before);
        let _ = (&mut &*self.tty).write_all(b"\n");
    }
}

fn ask(tty: &File, prompt: &str) -> Result<Zeroizing<String>, PasswordError> {
    let no_terminal = |cause| PasswordError::NoTerminal { cause };
    let before = terminal::silence(tty.as_fd()).map_err(no_terminal)?;
    let silent = Silent { tty, before };
    let mut keys = silent.tty;
    keys.write_all(prompt.as_bytes()).map_err(no_terminal)?;
    let mut line = Line { bytes: Zeroizing::new(Vec::with_capacity(MAX_PASSWORD + 1)) };
    loop {
        let mut key = [0; 1];
        let got = keys.read(&mut key);
        let [byte] = key;
        key.zeroize();
        match got {
            Ok(0) => return Err(PasswordError::Cancelled),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(no_terminal(cause)),
        }
        match line.press(byte) {
            Pressed::More => {}
            Pressed::Done => return text(&line.bytes),
            Pressed::Cancelled => return Err(PasswordError::Cancelled),
        }
    }
}

/// The line being typed.
struct Line {
    bytes: Zeroizing<Vec<u8>>,
}

#[derive(Debug, Eq, PartialEq)]
enum Pressed {
    More,
    Done,
    Cancelled,
}

impl Line {
    fn press(&mut self, key: u8) -> Pressed {
        match key {
            b'\r' | b'\n' => return Pressed::Done,
            // Ctrl-C
            0x03 => return Pressed::Cancelled,
            // Ctrl-D: the end of input if nothing was typed, as a terminal has it.
            0x04 => return if self.bytes.is_empty() { Pressed::Cancelled } else { Pressed::Done },
            // Backspace and Delete take a whole character: its continuation bytes, then its first.
            0x08 | 0x7f => while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // Ctrl-U
            0x15 => {
                self.bytes.zeroize();
                self.bytes.clear();
            }
            _ if self.bytes.len() <= MAX_PASSWORD => self.bytes.push(key),
            // One more than allowed is kept, so that `text` sees it was too long.
            _ => {}
        }
        Pressed::More
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{Line, MAX_PASSWORD, PasswordError, Pressed, read_password_file};

    fn typed(keys: &[u8]) -> (Vec<u8>, Pressed) {
        let mut line = Line { bytes: Zeroizing::new(Vec::new()) };
        let mut last = Pressed::More;
        for key in keys {
            last = line.press(*key);
        }
        (line.bytes.to_vec(), last)
    }

    #[test]
    fn keys_edit_the_line() {
        assert_eq!(typed(b"secret\r"), (b"secret".to_vec(), Pressed::Done));
        assert_eq!(typed(b"wrong\x15right\n"), (b"right".to_vec(), Pressed::Done));
        assert_eq!(typed("a\u{e9}\u{20ac}\x7f\x7fb\n".as_bytes()), (b"ab".to_vec(), Pressed::Done));
        assert_eq!(typed(b"\x7f\x7fx"), (b"x".to_vec(), Pressed::More));
        assert_eq!(typed(b"half\x03").1, Pressed::Cancelled);
        assert_eq!(typed(b"\x04").1, Pressed::Cancelled);
        assert_eq!(typed(b"x\x04").1, Pressed::Done);
        assert_eq!(typed(&vec![b'x'; 10_000]).0.len(), MAX_PASSWORD + 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn terminal_shows_the_prompt_but_not_the_password_and_gets_its_echo_back() {
        use std::io::{Read, Write};
        use std::os::fd::AsFd;

        use crate::sys::terminal::{echoes, open_pair};
        for (typed, expected) in
            [(b"s3cret\r".as_slice(), Some("s3cret")), (b"ab\x7fc\r", Some("ac")), (b"half\x03", None)]
        {
            let (mut person, program) = open_pair().unwrap();
            assert!(echoes(program.as_fd()));
            let shown = std::thread::spawn({
                let mut person = person.try_clone().unwrap();
                move || {
                    let mut shown = Vec::new();
                    let mut byte = [0; 1];
                    while person.read(&mut byte).is_ok_and(|n| n > 0) {
                        shown.push(byte[0]);
                        if shown.ends_with(b": ") {
                            // The prompt comes after the echo is off.
                            return (shown, person);
                        }
                    }
                    (shown, person)
                }
            });
            let asked = std::thread::spawn({
                let program = program.try_clone().unwrap();
                move || super::ask(&program, "Password for alice: ")
            });
            let (prompt, mut rest) = shown.join().unwrap();
            assert_eq!(prompt, b"Password for alice: ");
            person.write_all(typed).unwrap();
            match (asked.join().unwrap(), expected) {
                (Ok(password), Some(expected)) => assert_eq!(password.as_str(), expected),
                (Err(PasswordError::Cancelled), None) => {}
                (other, _) => panic!("{:?}", other.err()),
            }
            assert!(echoes(program.as_fd()));
            let mut after = [0; 64];
            let len = rest.read(&mut after).unwrap();
            assert_eq!(&after[..len], b"\r\n", "a line break and nothing of what was typed");
        }
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(matches!(super::ask(&file, "?"), Err(PasswordError::NoTerminal { .. })));
    }

    #[test]
    fn file_loses_one_line_break_and_nothing_else() {
        let path = std::env::temp_dir().join(format!("adit-password-{}", std::process::id()));
        for (content, expected) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret\n\n", "secret\n"),
            (" p\u{e4}ss \n", " p\u{e4}ss "),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(read_password_file(&path).unwrap().as_str(), expected);
        }
        for content in [b"".as_slice(), b"\n", b"\xff\xfe", &[b'x'; MAX_PASSWORD + 1]] {
            std::fs::write(&path, content).unwrap();
            assert!(matches!(read_password_file(&path), Err(PasswordError::Unusable(_))));
        }
        std::fs::write(&path, [b'x'; MAX_PASSWORD]).unwrap();
        assert!(read_password_file(&path).is_ok());
        std::fs::remove_file(&path).unwrap();
        let error = read_password_file(&path).unwrap_err();
        assert!(matches!(&error, PasswordError::Unreadable { .. }));
    }
}
