//! Building the tree: open elements, values put into them, close tags, and the paths of keys.

use crate::by_name::ByName;
use crate::report::{Diagnostic, Span, codes};
use crate::syntax::{Dict, Entry, Key, Node, Value, shorten};

use super::{Reader, cursor};

/// The open elements and, once it is closed, the root.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub root: Option<Node>,
    frames: Vec<Frame>,
    /// Open dictionaries and arrays.
    containers: usize,
    /// Values read so far.
    values: usize,
}

/// An open element.
#[derive(Debug)]
pub(super) struct Frame {
    /// Offsets of its open tag in the decoded text.
    open: (usize, usize),
    kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Plist {
        value: Option<Node>,
    },
    Array(Vec<Node>),
    Dict {
        dict: Dict,
        /// A key that waits for its value.
        pending: Option<Key>,
        /// The last value was a `<key>` element, standing here: either it is meant as a string, or the key before it
        /// lacks a value. What comes next tells.
        suspect: Option<Span>,
    },
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Plist { .. } => "plist",
            Self::Array(_) => "array",
            Self::Dict { .. } => "dict",
        }
    }

    /// The kind of a container element, by its name.
    pub fn of(name: &[u8]) -> Option<Self> {
        match name {
            b"plist" => Some(Self::Plist { value: None }),
            b"array" => Some(Self::Array(Vec::new())),
            b"dict" => Some(Self::Dict { dict: Dict::default(), pending: None, suspect: None }),
            _ => None,
        }
    }
}

/// Where a value awaited next would go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Awaited {
    /// A key of a dictionary.
    Key,
    /// The value of a key of a dictionary.
    ValueOfKey,
    /// Anything: an array's element, the value of `<plist>`, the root.
    Value,
}

impl Tree {
    /// The name of the innermost open element.
    pub fn innermost(&self) -> Option<&'static str> {
        self.frames.last().map(|frame| frame.kind.name())
    }

    /// Whether no element is open.
    pub fn is_outside(&self) -> bool {
        self.frames.is_empty()
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind) {
        self.containers += usize::from(!matches!(kind, Kind::Plist { .. }));
        self.frames.push(Frame { open: (start, end), kind });
    }

    pub fn awaited(&self) -> Awaited {
        match self.frames.last().map(|frame| &frame.kind) {
            Some(Kind::Dict { pending: None, .. }) => Awaited::Key,
            Some(Kind::Dict { .. }) => Awaited::ValueOfKey,
            _ => Awaited::Value,
        }
    }

    /// The path of the place where reading is, such as `PayloadContent[1].IKEv2`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.frames {
            match &frame.kind {
                Kind::Plist { .. } => {}
                Kind::Array(items) => path.push_str(&format!("[{}]", items.len())),
                Kind::Dict { pending: Some(key), .. } => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shorten(&key.text));
                }
                Kind::Dict { pending: None, .. } => {}
            }
        }
        path
    }
}

impl Reader<'_> {
    /// Opens a container, unless a limit is passed. It is one of the counted values.
    pub(super) fn open(&mut self, start: usize, end: usize, kind: Kind) {
        let limit = self.limits.depth;
        // Nested <plist> tags hold no value of their own, yet must not pile up either.
        if self.tree.containers >= limit && !matches!(kind, Kind::Plist { .. })
            || self.tree.frames.len() > 2 * limit
        {
            let message = format!("more than {limit} dictionaries and arrays inside one another");
            let help = "an iPhone refuses the file, and no profile needs this";
            self.stop(codes::TOO_DEEP, start, end, message, help);
            return;
        }
        if self.count(start, end) {
            self.tree.push(start, end, kind);
        }
    }

    /// Counts a value; `false` when there are too many.
    fn count(&mut self, start: usize, end: usize) -> bool {
        self.tree.values += 1;
        let allowed = self.tree.values <= self.limits.values;
        if !allowed && !self.fatal {
            let message = format!("more than {} values", self.limits.values);
            self.stop(codes::TOO_LARGE, start, end, message, "no profile needs this many");
        }
        allowed
    }

    /// Makes `key` the one that waits for its value; the innermost element is a dictionary that awaits a key.
    pub(super) fn await_value(&mut self, key: Key) {
        let Some(Frame { kind: Kind::Dict { pending, suspect, .. }, .. }) = self.tree.frames.last_mut()
        else {
            return;
        };
        *pending = Some(key);
        let suspect = suspect.take();
        self.confirm_suspect(suspect);
    }

    /// Says that a `<key>` was taken for a string.
    fn confirm_suspect(&mut self, suspect: Option<Span>) {
        let Some(span) = suspect else { return };
        let message = "<key> where a value belongs, read as a string";
        let diagnostic = Diagnostic::warning(codes::PLIST_STRUCTURE, span, message);
        self.report(diagnostic.help("write <string>, or give the key before it its value"));
    }

    /// Hands a `<key>` that stands where a value belongs to the element it stands in, as the string CoreFoundation
    /// takes it for.
    pub(super) fn deliver_key_as_value(&mut self, start: usize, end: usize, value: Value) {
        let span = self.span(start, end);
        if self.tree.awaited() == Awaited::ValueOfKey {
            self.deliver(start, end, value);
            if let Some(Frame { kind: Kind::Dict { suspect, .. }, .. }) = self.tree.frames.last_mut() {
                *suspect = Some(span);
            }
        } else {
            self.confirm_suspect(Some(span));
            self.deliver(start, end, value);
        }
    }

    /// Counts a value that was just read and puts it where it belongs.
    pub(super) fn deliver(&mut self, start: usize, end: usize, value: Value) {
        if self.count(start, end) {
            self.place(Node { span: self.span(start, end), value });
        }
    }

    /// Puts a value into the innermost open element, or makes it the root.
    fn place(&mut self, node: Node) {
        let Some(frame) = self.tree.frames.last_mut() else {
            self.tree.root = Some(node);
            return;
        };
        match &mut frame.kind {
            Kind::Plist { value: value @ None } => *value = Some(node),
            Kind::Plist { .. } => {
                let diagnostic =
                    Diagnostic::error(codes::PLIST_STRUCTURE, node.span, "a second value inside <plist>");
                let help = "a property list is one value: put both into one <dict> or <array>";
                self.report(diagnostic.help(help));
            }
            Kind::Array(items) => items.push(node),
            Kind::Dict { dict, pending, suspect } => {
                if let Some(key) = pending.take() {
                    dict.entries.push(Entry { key, value: node });
                } else if let Some((span, last)) = suspect.take().zip(dict.entries.last_mut()) {
                    // `<key>a</key><key>b</key><string>c</string>`: b is the key, and a has no value.
                    let lonely = last.key.clone();
                    let text = last.value.as_str().unwrap_or_default().to_owned();
                    last.value = Node { span: lonely.span, value: Value::Invalid };
                    dict.entries.push(Entry { key: Key { text, span }, value: node });
                    self.key_without_value(&lonely);
                } else {
                    let message = "a value without a key inside <dict>";
                    let diagnostic = Diagnostic::error(codes::PLIST_STRUCTURE, node.span, message);
                    self.report(diagnostic.help("put a <key> before it"));
                }
            }
        }
    }

    fn key_without_value(&mut self, key: &Key) {
        let message = format!("key `{}` has no value", shorten(&key.text));
        let diagnostic = Diagnostic::error(codes::PLIST_STRUCTURE, key.span, message);
        self.report(diagnostic.help("put its value right after it, or remove the key"));
    }

    /// `</name>` while containers are open; the cursor stands on it.
    pub(super) fn close_tag(&mut self) {
        if let Some(name) = self.tree.innermost()
            && self.cursor.take_close_tag(name.as_bytes())
        {
            self.close_frame(self.cursor.at());
            return;
        }
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'>').map_or(self.cursor.end(), |at| at + 1);
        let inside = self.cursor.slice(start + 2, end.saturating_sub(1));
        let length = inside.iter().position(|byte| cursor::is_white_space(*byte)).unwrap_or(inside.len());
        let name = inside.get(..length).unwrap_or_default();
        self.mismatched_close_tag(start, end, name);
        let opened = self.tree.frames.iter().rposition(|frame| frame.kind.name().as_bytes() == name);
        if let Some(index) = opened {
            // Everything opened since lost its own close tag, and ends here too.
            while self.tree.frames.len() > index + 1 {
                self.close_frame(start);
            }
            self.cursor.go(end);
            self.close_frame(end);
        }
        self.cursor.go(end);
    }

    fn mismatched_close_tag(&mut self, start: usize, end: usize, name: &[u8]) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let expected = self.tree.innermost();
        let found =
            self.shown_name(name).map_or_else(|| "a close tag".to_owned(), |name| format!("</{name}>"));
        let message = match expected {
            Some(expected) => format!("{found} where </{expected}> is expected"),
            None => format!("{found} without an open tag"),
        };
        let mut diagnostic = Diagnostic::error(
            codes::XML_MALFORMED,
            self.span(start, end.min(start.saturating_add(64))),
            message,
        )
        .help("every element ends with its own name, the inner ones first");
        if let Some(frame) = self.tree.frames.last() {
            let span = self.span(frame.open.0, frame.open.1);
            diagnostic = diagnostic.related(span, format!("<{}> opened here", frame.kind.name()));
        }
        self.report(diagnostic);
    }

    /// Ends the innermost open element at `end` and delivers its value.
    fn close_frame(&mut self, end: usize) {
        let Some(Frame { open: (start, open_end), kind }) = self.tree.frames.pop() else { return };
        self.tree.containers -= usize::from(!matches!(kind, Kind::Plist { .. }));
        match kind {
            Kind::Plist { value: Some(node) } => self.place(node),
            Kind::Plist { value: None } => {
                let help = "a profile is one <dict> inside <plist>";
                self.error(codes::PLIST_STRUCTURE, start, open_end, "an empty <plist>", help);
            }
            Kind::Array(items) => {
                self.place(Node { span: self.span(start, end), value: Value::Array(items) })
            }
            Kind::Dict { mut dict, pending, suspect } => {
                self.confirm_suspect(suspect);
                if let Some(key) = pending {
                    self.key_without_value(&key);
                    if self.count(start, open_end) {
                        let value = Node { span: key.span, value: Value::Invalid };
                        dict.entries.push(Entry { key, value });
                    }
                }
                self.duplicate_keys(&dict);
                self.place(Node { span: self.span(start, end), value: Value::Dict(dict) });
            }
        }
    }

    fn duplicate_keys(&mut self, dict: &Dict) {
        let mut first = ByName::new();
        for (place, entry) in dict.entries.iter().enumerate() {
            let key = &entry.key;
            let earlier = first.insert(key.text.as_str().into(), place);
            let Some(earlier) = earlier.and_then(|place| dict.entries.get(place)) else { continue };
            let message = format!("key `{}` stands twice in this dictionary", shorten(&key.text));
            let diagnostic = Diagnostic::error(codes::DUPLICATE_KEY, key.span, message)
                .help("remove one: Apple's parser takes the last, others the first")
                .related(earlier.key.span, "the first one");
            self.report(diagnostic);
        }
    }

    /// The text is over, or a limit stopped reading: closes what is open.
    pub(super) fn end_of_file(&mut self) {
        if let Some(frame) = self.tree.frames.last()
            && !self.fatal
        {
            let end = self.cursor.end();
            let name = frame.kind.name();
            let diagnostic = Diagnostic::error(
                codes::XML_MALFORMED,
                self.span(end, end),
                format!("the file ends before </{name}>"),
            );
            let opened = self.span(frame.open.0, frame.open.1);
            let diagnostic =
                diagnostic.help(format!("add </{name}>")).related(opened, format!("<{name}> opened here"));
            self.report(diagnostic);
        } else if self.tree.root.is_none() && !self.problems.has_errors() {
            let end = self.cursor.end();
            let help = "a profile is an XML property list: <plist><dict>…</dict></plist>";
            self.error(codes::XML_MALFORMED, 0, end.min(1), "no property list in this file", help);
        }
        // What is still open is closed silently: its end was never seen, so nothing more can be said of it.
        let said = std::mem::take(&mut self.problems);
        while !self.tree.frames.is_empty() {
            self.close_frame(self.cursor.end());
        }
        self.problems = said;
    }
}
