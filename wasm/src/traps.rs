//! Functions that end in a trap, for the test that the glue recovers. Only with the feature `trap-tests`; never in the
//! package.

use wasm_bindgen::prelude::wasm_bindgen;

/// Panics.
#[wasm_bindgen(js_name = trapPanic)]
#[allow(clippy::panic, reason = "that is what it is for")]
pub fn panic() {
    panic!("asked for");
}

/// Calls itself until the stack is used up; `depth` keeps the compiler from making a loop of it.
#[wasm_bindgen(js_name = trapOverflow)]
#[must_use]
#[allow(unconditional_recursion, reason = "that is what it is for")]
pub fn overflow(depth: u32) -> u32 {
    let page = std::hint::black_box([depth; 256]);
    let below = overflow(std::hint::black_box(depth.wrapping_add(1)));
    page.iter().fold(below, |sum, one| sum.wrapping_add(*one))
}

/// Allocates until there is no memory left.
#[wasm_bindgen(js_name = trapMemory)]
pub fn exhaust() {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1; 16 << 20]));
    }
}
