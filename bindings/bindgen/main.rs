//! The generator of the Swift and Kotlin sources; `cargo xtask regenerate bindings` runs it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
