//! What the platform has built in.
//!
//! Owns what the standard library does natively and the engine does in JavaScript (feature `javascript`), which has the
//! same in it: real numbers as text and back (ECMA-262, sections 7.1.4.1 and 6.1.6.1.20), letters in lower case, and which
//! characters are letters and digits (section 22.2.2.9). The standard library's are 75 KiB of code and tables, which a page
//! would load for two keys, a certificate's name, and names beyond ASCII.

pub(crate) use here::{lower_case, number, shortest};

/// Whether a character is a letter: Unicode's property Alphabetic.
pub(crate) fn is_letter(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { here::is_letter(character) }
}

/// Whether a character is a letter or a digit: Alphabetic, or a number (N).
pub(crate) fn is_letter_or_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphanumeric() } else { here::is_letter_or_digit(character) }
}

/// The standard library.
#[cfg(not(all(target_arch = "wasm32", feature = "javascript")))]
mod here {
    /// The number nearest to a text of digits, a sign, a point and an exponent.
    pub(crate) fn number(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    /// The shortest text of a number that is neither zero nor infinite; with an exponent where the engine writes one.
    pub(crate) fn shortest(number: f64) -> String {
        let size = number.abs();
        if (1e-6..1e21).contains(&size) { format!("{number}") } else { format!("{number:e}") }
    }

    /// A text in lower case.
    pub(crate) fn lower_case(text: &str) -> String {
        text.to_lowercase()
    }

    pub(super) fn is_letter(character: char) -> bool {
        character.is_alphabetic()
    }

    pub(super) fn is_letter_or_digit(character: char) -> bool {
        character.is_alphanumeric()
    }
}

/// The engine of JavaScript.
#[cfg(all(target_arch = "wasm32", feature = "javascript"))]
mod here {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = Number)]
        fn to_number(text: &str) -> f64;
        #[wasm_bindgen(js_name = String)]
        fn to_text(number: f64) -> String;
        #[wasm_bindgen(js_namespace = ["String", "prototype", "toLowerCase"], js_name = call)]
        fn to_lower_case(text: &str) -> String;

        type RegExp;
        #[wasm_bindgen(constructor)]
        fn new(pattern: &str, flags: &str) -> RegExp;
        #[wasm_bindgen(method)]
        fn test(this: &RegExp, text: &str) -> bool;
    }

    fn is_of(character: char, property: &str) -> bool {
        RegExp::new(property, "u").test(character.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn is_letter(character: char) -> bool {
        is_of(character, r"\p{Alphabetic}")
    }

    pub(super) fn is_letter_or_digit(character: char) -> bool {
        is_of(character, r"[\p{Alphabetic}\p{N}]")
    }

    pub(crate) fn number(text: &str) -> Option<f64> {
        // What is no number is NaN.
        Some(to_number(text)).filter(|number| !number.is_nan())
    }

    pub(crate) fn shortest(number: f64) -> String {
        to_text(number)
    }

    pub(crate) fn lower_case(text: &str) -> String {
        to_lower_case(text)
    }
}
