//! Bounds on what a file may cost.

/// What a file may ask of its reader. Beyond any of them reading stops with an error that names the limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes in the file.
    pub file_size: usize,
    /// Dictionaries and arrays inside one another. Apple's parser takes 128 on a phone and 512 on a Mac.
    pub depth: usize,
    /// Values in the tree, counted each time they are referred to.
    pub values: usize,
}

impl Default for Limits {
    /// 16 MiB, 128 levels, 262,144 values: far above any profile in use, and at most some 60 MiB of memory.
    fn default() -> Self {
        Self { file_size: 16 * 1024 * 1024, depth: 128, values: 1 << 18 }
    }
}
