//! Binary property lists (`bplist0?`), read with byte spans.
//!
//! The format is Apple's and documented by its open-source reader (`CFBinaryPList.c`): a header of eight bytes,
//! objects, a table with the offset of each object, and a trailer of 32 bytes. What that reader refuses is an error
//! here. A span is the object's own bytes: marker, length and content, for containers the list of references.
//!
//! Owns the walk from the top object (`layout` reads trailer and table, `object` the single objects). An object may be
//! referred to from many places, so a small file can unfold to a huge tree, or refer to itself: the walk keeps the
//! path of open containers to find cycles, and counts every value and every copied byte against the [`Limits`]. The
//! walk uses its own stack, so nesting costs no recursion.

mod layout;
mod object;

use crate::by_name::ByName;
use crate::report::{Code, Diagnostic, Problems, Span, codes};
use crate::syntax::{Dict, Entry, Key, Limits, Node, Parsed, Value, shorten};

use layout::Layout;
use object::{Content, Object};

/// Reads a binary property list. Takes time linear in the file plus the values it unfolds to, both bounded.
#[must_use]
pub fn read(bytes: &[u8], limits: &Limits) -> Parsed {
    let mut problems = Problems::default();
    let layout = match Layout::read(bytes) {
        Ok(layout) => layout,
        Err(problem) => {
            problems.push(*problem);
            return Parsed { root: None, problems };
        }
    };
    let mut walk = Walk {
        layout,
        limits,
        problems,
        frames: Vec::new(),
        values: 0,
        // Shared strings are copied for each reference, so the copies need a bound of their own.
        bytes_left: limits.file_size.saturating_mul(2),
        root: None,
        fatal: false,
    };
    // CoreFoundation reads any version, others this one alone.
    let another = bytes.get(..layout::HEADER).filter(|header| *header != b"bplist00");
    walk.odd(another.map(|_| "a version other than 00"), Span::new(0, layout::HEADER));
    walk.visit(walk.layout.top());
    walk.run();
    Parsed { root: walk.root, problems: walk.problems }
}

struct Walk<'a> {
    layout: Layout<'a>,
    limits: &'a Limits,
    problems: Problems,
    /// Open containers, outermost first.
    frames: Vec<Frame<'a>>,
    values: usize,
    bytes_left: usize,
    root: Option<Node>,
    fatal: bool,
}

/// An open container and how far it is read.
struct Frame<'a> {
    span: Span,
    /// References still to follow; in a dictionary those of the values.
    references: object::References<'a>,
    /// References of the keys still to follow.
    keys: Option<object::References<'a>>,
    pending: Option<Key>,
    built: Built,
}

enum Built {
    Array(Vec<Node>),
    Dict(Dict),
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        while let Some(frame) = self.frames.last_mut() {
            if self.fatal {
                self.close();
                continue;
            }
            if let Some(keys) = &mut frame.keys {
                match keys.next() {
                    None => self.close(),
                    Some(reference) => {
                        let value = frame.references.next();
                        let span = frame.span;
                        let key = self.key(reference, span);
                        if let (Some(frame), Some(value)) = (self.frames.last_mut(), value) {
                            frame.pending = Some(key);
                            self.visit_reference(value, span);
                        }
                    }
                }
            } else {
                let span = frame.span;
                match frame.references.next() {
                    None => self.close(),
                    Some(reference) => self.visit_reference(reference, span),
                }
            }
        }
    }

    /// Ends the innermost container.
    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let value = match frame.built {
            Built::Array(items) => Value::Array(items),
            Built::Dict(dict) => {
                self.duplicate_keys(&dict);
                Value::Dict(dict)
            }
        };
        self.place(Node { span: frame.span, value });
    }

    fn place(&mut self, node: Node) {
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame { built: Built::Array(items), .. }) => items.push(node),
            Some(Frame { built: Built::Dict(dict), pending, .. }) => {
                if let Some(key) = pending.take() {
                    dict.entries.push(Entry { key, value: node });
                }
            }
        }
    }

    /// Follows a reference out of the container at `from`.
    fn visit_reference(&mut self, reference: u64, from: Span) {
        match self.layout.offset_of(reference) {
            Some(offset) => self.visit(offset),
            None => {
                if self.count(from) {
                    self.error(codes::BINARY_MALFORMED, from, "a reference to an object that is not there");
                    self.place(Node { span: from, value: Value::Invalid });
                }
            }
        }
    }

    /// Reads the object at `offset`, and opens it when it is a container.
    fn visit(&mut self, offset: usize) {
        if !self.count(Span::new(offset, offset + 1)) {
            return;
        }
        let object = match Object::read(&self.layout, offset) {
            Ok(object) => object,
            Err((span, reason)) => {
                self.error(codes::BINARY_MALFORMED, span, reason);
                self.place(Node { span, value: Value::Invalid });
                return;
            }
        };
        let span = object.span;
        self.odd(object.oddity, span);
        match object.content {
            Content::Array(references) => {
                self.open(Frame {
                    span,
                    references,
                    keys: None,
                    pending: None,
                    built: Built::Array(Vec::new()),
                });
            }
            Content::Dict { keys, values } => {
                let built = Built::Dict(Dict::default());
                self.open(Frame { span, references: values, keys: Some(keys), pending: None, built });
            }
            Content::Null => self.place(Node { span, value: Value::Invalid }),
            Content::Leaf(leaf) => {
                if self.spend(leaf.cost(), span) {
                    self.odd(leaf.oddity(), span);
                    match leaf.value() {
                        Ok(value) => self.place(Node { span, value }),
                        Err(reason) => {
                            self.error(codes::BINARY_MALFORMED, span, reason);
                            self.place(Node { span, value: Value::Invalid });
                        }
                    }
                }
            }
        }
    }

    /// Counts a value; `false` when there are too many.
    fn count(&mut self, span: Span) -> bool {
        self.values += 1;
        let allowed = self.values <= self.limits.values;
        if !allowed {
            let message = format!("more than {} values", self.limits.values);
            self.stop(codes::TOO_LARGE, span, message);
        }
        allowed
    }

    fn open(&mut self, frame: Frame<'a>) {
        if self.frames.iter().any(|open| open.span == frame.span) {
            let span = frame.span;
            self.error(codes::BINARY_MALFORMED, span, "a container that holds itself");
            self.place(Node { span, value: Value::Invalid });
        } else if self.frames.len() >= self.limits.depth {
            let message =
                format!("more than {} dictionaries and arrays inside one another", self.limits.depth);
            self.stop(codes::TOO_DEEP, frame.span, message);
        } else {
            self.frames.push(frame);
        }
    }

    /// The text of a key.
    fn key(&mut self, reference: u64, from: Span) -> Key {
        let object = self.layout.offset_of(reference).map(|offset| Object::read(&self.layout, offset));
        let (span, reason) = match object {
            None => (from, "a reference to a key that is not there"),
            Some(Err((span, reason))) => (span, reason),
            Some(Ok(Object { span, content: Content::Leaf(leaf), oddity })) => {
                self.odd(oddity, span);
                if !self.spend(leaf.cost(), span) {
                    return Key { text: String::new(), span };
                }
                self.odd(leaf.oddity(), span);
                match leaf.value() {
                    Ok(Value::String(text)) => return Key { text: text.to_string(), span },
                    Ok(_) => {
                        self.odd(Some("a key that is not a string"), span);
                        return Key { text: String::new(), span };
                    }
                    Err(reason) => (span, reason),
                }
            }
            Some(Ok(Object { span, content: Content::Null, .. })) => {
                self.odd(Some("a key that is not a string"), span);
                return Key { text: String::new(), span };
            }
            Some(Ok(Object { span, .. })) => (span, "a key that is a container"),
        };
        self.error(codes::BINARY_MALFORMED, span, reason);
        Key { text: String::new(), span }
    }

    /// Takes `cost` bytes from the budget; `false` when it is used up.
    fn spend(&mut self, cost: usize, span: Span) -> bool {
        match self.bytes_left.checked_sub(cost) {
            Some(left) => {
                self.bytes_left = left;
                true
            }
            None => {
                self.stop(
                    codes::TOO_LARGE,
                    span,
                    "shared objects unfold to more than the size limit".to_owned(),
                );
                false
            }
        }
    }

    fn duplicate_keys(&mut self, dict: &Dict) {
        if self.fatal {
            return;
        }
        let mut seen = ByName::new();
        for (place, entry) in dict.entries.iter().enumerate() {
            let key = entry.key.text.as_str();
            if !key.is_empty() && seen.insert(key.into(), place).is_some() {
                let diagnostic = Diagnostic::error(
                    codes::DUPLICATE_KEY,
                    entry.key.span,
                    "a key stands twice in this dictionary",
                );
                let path = self.path();
                self.problems.push(diagnostic.help("remove one").at(path));
            }
        }
    }

    /// Reports an error and reads nothing more.
    fn stop(&mut self, code: Code, span: Span, message: String) {
        if !self.fatal {
            let path = self.path();
            let diagnostic = Diagnostic::error(code, span, message).help("no profile needs this");
            self.problems.push_last(diagnostic.at(path));
        }
        self.fatal = true;
    }

    /// Warns about what Apple's reader takes and no writer makes.
    fn odd(&mut self, oddity: Option<&str>, span: Span) {
        let Some(oddity) = oddity.filter(|_| !self.problems.is_full()) else { return };
        let message = format!("{oddity} (at byte {})", span.start);
        let diagnostic = Diagnostic::warning(codes::BINARY_MALFORMED, span, message).at(self.path());
        self.problems.push(diagnostic.help("Apple's reader takes it: export the file again to be sure"));
    }

    fn error(&mut self, code: Code, span: Span, message: &str) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let path = self.path();
        let message = format!("{message} (at byte {})", span.start);
        let help = "the file is damaged: export it again, or convert it to XML with plutil";
        self.problems.push(Diagnostic::error(code, span, message).help(help).at(path));
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.frames {
            match (&frame.built, &frame.pending) {
                (Built::Array(items), _) => path.push_str(&format!("[{}]", items.len())),
                (Built::Dict(_), Some(key)) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shorten(&key.text));
                }
                (Built::Dict(_), None) => {}
            }
        }
        path
    }
}
