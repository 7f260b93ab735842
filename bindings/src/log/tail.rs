//! The last lines of the log.

use std::collections::VecDeque;

/// Bytes that are kept.
const BYTES: usize = 64 << 10;

/// The lines, oldest first.
pub(super) struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
}

impl Tail {
    pub(super) const fn new() -> Self {
        Self { lines: VecDeque::new(), bytes: 0 }
    }

    /// Adds a line; the oldest go.
    pub(super) fn push(&mut self, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back(line);
        while self.bytes > BYTES
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= oldest.len() + 1;
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes);
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_bounded_and_keeps_the_last() {
        let mut tail = Tail::new();
        for n in 0..5_000 {
            tail.push(format!("line {n} {}", "x".repeat(40)));
        }
        let text = tail.text();
        assert!(text.len() <= BYTES && text.len() > BYTES - 100);
        assert!(text.ends_with(&format!("line 4999 {}\n", "x".repeat(40))));
        assert!(text.starts_with("line "));
        tail.push("y".repeat(BYTES + 1));
        assert_eq!(tail.text(), "", "longer than all of it");
    }
}
