//! The order of a module's functions: those that are alike stand together.
//!
//! Brotli writes what it saw shortly before in fewer bits, and keeps one set of codes for each stretch of a file that is of
//! one kind. wasm-opt sorts functions by name or by use; by likeness the module is the same size and 1.5 % less of Brotli.
//! Owns that order and what it takes: stepping over the operators of WebAssembly 2.0 (core specification, chapter 5) to
//! find those that name a function. What a function does is left as it is, byte for byte, but for those numbers.

use std::cmp::Reverse;

/// How many kinds of three bytes are told apart, as bits of words.
const KINDS: usize = 2048;
const WORDS: usize = KINDS / 64;

/// The numbers of the sections that name functions, and of the one that holds them.
const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const TYPES_OF_FUNCTIONS: u8 = 3;
const GLOBALS: u8 = 6;
const EXPORTS: u8 = 7;
const START: u8 = 8;
const ELEMENTS: u8 = 9;
const CODE: u8 = 10;

/// The same module with its functions in an order of likeness, the same for the same module.
///
/// # Errors
/// It is not of the form that wasm-opt writes without custom sections: an operator or section that is not known here.
pub fn by_likeness(module: &[u8]) -> Result<Vec<u8>, String> {
    reordered(module).ok_or_else(|| "the module has a part that cannot be put in order (order.rs)".to_owned())
}

fn reordered(module: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = module.split_at_checked(8)?;
    let mut rest = Bytes(rest);
    let mut sections: Vec<(u8, Bytes<'_>)> = Vec::new();
    while !rest.0.is_empty() {
        let number = rest.byte()?;
        sections.push((number, Bytes(rest.counted()?)));
    }
    let section = |wanted| sections.iter().find(|(number, _)| *number == wanted).map(|(_, inside)| *inside);
    let imported = section(IMPORTS).map_or(Some(0), imported_functions)?;
    let (mut types, mut code) = (section(TYPES_OF_FUNCTIONS)?, section(CODE)?);
    let count = types.number()?;
    (code.number()? == count).then_some(())?;
    let mut functions = Vec::new();
    for _ in 0..count {
        functions.push(Function::new(types.number()?, code.counted()?));
    }
    let order = order(&functions);
    let mut numbers: Vec<usize> = (0..imported + functions.len()).collect();
    for (new, old) in order.iter().enumerate() {
        *numbers.get_mut(imported + old)? = imported + new;
    }

    let mut made = head.to_vec();
    for (number, inside) in sections {
        let mut text = Vec::new();
        match number {
            CUSTOM => return None,
            TYPES_OF_FUNCTIONS => {
                put(&mut text, functions.len());
                for old in &order {
                    put(&mut text, functions.get(*old)?.of_type);
                }
            }
            CODE => {
                put(&mut text, functions.len());
                for old in &order {
                    let body = functions.get(*old)?.renumbered(&numbers)?;
                    put(&mut text, body.len());
                    text.extend(body);
                }
            }
            EXPORTS => exports(inside, &numbers, &mut text)?,
            ELEMENTS => elements(inside, &numbers, &mut text)?,
            // Neither a start nor a global of a function is made by rustc.
            START => return None,
            GLOBALS if inside.0.contains(&REFERENCE) => return None,
            _ => text.extend_from_slice(inside.0),
        }
        made.push(number);
        put(&mut made, text.len());
        made.extend(text);
    }
    Some(made)
}

struct Function<'m> {
    of_type: usize,
    body: &'m [u8],
    /// Which kinds of three bytes are in it, and how many.
    kinds: [u64; WORDS],
    size: u32,
}

impl<'m> Function<'m> {
    fn new(of_type: usize, body: &'m [u8]) -> Self {
        let mut kinds = [0_u64; WORDS];
        for three in body.windows(3) {
            let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            // Knuth's multiplicative hash.
            let kind = number.wrapping_mul(2_654_435_761) as usize >> 21;
            if let Some(word) = kinds.get_mut(kind / 64) {
                *word |= 1 << (kind % 64);
            }
        }
        let size = kinds.iter().map(|word| word.count_ones()).sum::<u32>().max(1);
        Self { of_type, body, kinds, size }
    }

    /// How well this function stands behind another: how much of it was there, in thousandths, and a tenth more for the same
    /// parameters, which are the first of its local variables.
    fn likeness(&self, before: &Self) -> u32 {
        let mut shared = 0;
        for (one, other) in self.kinds.iter().zip(&before.kinds) {
            shared += (one & other).count_ones();
        }
        shared * 1000 / self.size + if self.of_type == before.of_type { 100 } else { 0 }
    }

    /// Its body, with the functions that it names renumbered.
    fn renumbered(&self, numbers: &[usize]) -> Option<Vec<u8>> {
        let mut rest = Bytes(self.body);
        for _ in 0..rest.number()? {
            rest.number()?;
            rest.byte()?;
        }
        let mut text = self.body.get(..self.body.len() - rest.0.len())?.to_vec();
        while !rest.0.is_empty() {
            let operator = rest.0;
            if let Some(named) = rest.operator()? {
                text.push(*operator.first()?);
                put(&mut text, *numbers.get(named)?);
            } else {
                text.extend_from_slice(operator.get(..operator.len() - rest.0.len())?);
            }
        }
        Some(text)
    }
}

/// Beginning with the first: behind each function the one that is most like it, of equals the first.
fn order(functions: &[Function<'_>]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..functions.len()).rev().collect();
    let mut order: Vec<usize> = left.pop().into_iter().collect();
    while let Some(before) = order.last().and_then(|last| functions.get(*last)) {
        let like = |number: usize| functions.get(number).map(|function| function.likeness(before));
        let best = left.iter().enumerate().max_by_key(|(_, number)| (like(**number), Reverse(**number)));
        let Some((place, number)) = best.map(|(place, number)| (place, *number)) else { break };
        left.swap_remove(place);
        order.push(number);
    }
    order
}

fn imported_functions(mut imports: Bytes<'_>) -> Option<usize> {
    let mut functions = 0;
    for _ in 0..imports.number()? {
        imports.counted()?;
        imports.counted()?;
        match imports.byte()? {
            0 => {
                imports.number()?;
                functions += 1;
            }
            // A table has a type before its limits, as a memory has none; a global has two bytes.
            1 => {
                imports.byte()?;
                imports.limits()?;
            }
            2 => imports.limits()?,
            3 => {
                imports.take(2)?;
            }
            _ => return None,
        }
    }
    Some(functions)
}

fn exports(mut exports: Bytes<'_>, numbers: &[usize], text: &mut Vec<u8>) -> Option<()> {
    let count = exports.number()?;
    put(text, count);
    for _ in 0..count {
        let name = exports.counted()?;
        put(text, name.len());
        text.extend_from_slice(name);
        let (kind, number) = (exports.byte()?, exports.number()?);
        text.push(kind);
        put(text, if kind == 0 { *numbers.get(number)? } else { number });
    }
    exports.0.is_empty().then_some(())
}

/// Functions in the one table, each piece from a constant place on.
fn elements(mut elements: Bytes<'_>, numbers: &[usize], text: &mut Vec<u8>) -> Option<()> {
    let count = elements.number()?;
    put(text, count);
    for _ in 0..count {
        let piece = elements.0;
        (elements.byte()? == 0 && elements.byte()? == CONSTANT).then_some(())?;
        elements.skip_numbers(1)?;
        (elements.byte()? == END).then_some(())?;
        text.extend_from_slice(piece.get(..piece.len() - elements.0.len())?);
        let functions = elements.number()?;
        put(text, functions);
        for _ in 0..functions {
            put(text, *numbers.get(elements.number()?)?);
        }
    }
    elements.0.is_empty().then_some(())
}

const END: u8 = 0x0b;
const CALL: u8 = 0x10;
const CONSTANT: u8 = 0x41;
const REFERENCE: u8 = 0xd2;

/// What is left to be read.
#[derive(Clone, Copy)]
struct Bytes<'m>(&'m [u8]);

impl<'m> Bytes<'m> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'m [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Bytes behind their count.
    fn counted(&mut self) -> Option<&'m [u8]> {
        let count = self.number()?;
        self.take(count)
    }

    /// A number without sign of up to 32 bits, in LEB128.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for place in 0..5 {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Numbers of any kind in LEB128.
    fn skip_numbers(&mut self, count: usize) -> Option<()> {
        for _ in 0..count {
            while self.byte()? >= 0x80 {}
        }
        Some(())
    }

    fn limits(&mut self) -> Option<()> {
        let both = self.byte()? & 1;
        self.skip_numbers(1 + usize::from(both))
    }

    /// Steps over an operator with all that belongs to it; answers the function that it names.
    fn operator(&mut self) -> Option<Option<usize>> {
        match self.byte()? {
            CALL | REFERENCE => return self.number().map(Some),
            // Control, comparisons, arithmetic.
            0x00 | 0x01 | 0x05 | END | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 | 0xd1 => {}
            // The start of a block, a branch, a variable, a constant.
            0x02..=0x04 | 0x0c | 0x0d | 0x20..=0x26 | 0x3f..=0x42 | 0xd0 => self.skip_numbers(1)?,
            // A branch by number.
            0x0e => {
                let count = self.number()?;
                self.skip_numbers(count + 1)?;
            }
            // A choice of a type.
            0x1c => {
                self.counted()?;
            }
            // A call through the table, memory.
            0x11 | 0x28..=0x3e => self.skip_numbers(2)?,
            0x43 => {
                self.take(4)?;
            }
            0x44 => {
                self.take(8)?;
            }
            // Conversions that do not trap, memory and tables in pieces.
            0xfc => match self.number()? {
                0..=7 => {}
                9 | 11 | 13 | 15..=17 => self.skip_numbers(1)?,
                8 | 10 | 12 | 14 => self.skip_numbers(2)?,
                _ => return None,
            },
            _ => return None,
        }
        Some(None)
    }
}

fn put(text: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        text.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    text.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of one imported function and four of its own: the first and the last are alike, and the two between. The
    /// third calls the fourth and the import; the second is exported, and the third stands in the table.
    fn module() -> Vec<u8> {
        let alike = |last: u8| vec![0, 0x20, 0, 0x41, 7, 0x6a, 0x41, 9, 0x6c, 0x41, last, 0x6b, END];
        let bodies = [
            alike(1),
            vec![0, 0x20, 0, 0x04, 0x7f, 0x20, 0, 0x05, 0x41, 3, END, END],
            vec![0, 0x20, 0, 0x04, 0x7f, 0x20, 0, CALL, 4, 0x05, 0x41, 3, CALL, 0, END, END],
            alike(2),
        ];
        let mut code = vec![4];
        for body in &bodies {
            put(&mut code, body.len());
            code.extend_from_slice(body);
        }
        let sections: [(u8, &[u8]); 6] = [
            (1, &[1, 0x60, 1, 0x7f, 1, 0x7f]),
            (IMPORTS, &[1, 1, b'm', 1, b'f', 0, 0]),
            (TYPES_OF_FUNCTIONS, &[4, 0, 0, 0, 0]),
            (EXPORTS, &[1, 1, b'e', 0, 2]),
            (ELEMENTS, &[1, 0, CONSTANT, 1, END, 1, 3]),
            (CODE, &code),
        ];
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (number, inside) in sections {
            module.push(number);
            put(&mut module, inside.len());
            module.extend_from_slice(inside);
        }
        module
    }

    #[test]
    fn alike_functions_stand_together_and_keep_their_callers() {
        let module = module();
        let made = by_likeness(&module).unwrap();
        assert_eq!(made.len(), module.len());
        // The order is now first, fourth, second or third: the old numbers 1, 4, then 2 and 3.
        let find = |part: &[u8]| made.windows(part.len()).position(|found| found == part);
        let (first, fourth) = (find(&[0x41, 1, 0x6b]).unwrap(), find(&[0x41, 2, 0x6b]).unwrap());
        let caller = find(&[CALL, 2, 0x05, 0x41, 3, CALL, 0]).unwrap();
        assert!(first < fourth && fourth < caller);
        let exported = *made.get(find(&[1, b'e', 0]).unwrap() + 3).unwrap();
        let in_table = *made.get(find(&[CONSTANT, 1, END, 1]).unwrap() + 4).unwrap();
        assert_eq!((exported.min(in_table), exported.max(in_table)), (3, 4));
        assert_eq!(by_likeness(&module).unwrap(), made);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let module = module();
        for end in 0..module.len() {
            assert!(by_likeness(module.get(..end).unwrap()).is_err(), "{end}");
        }
        let last_operator = module.len() - 2;
        let mut unknown = module.clone();
        *unknown.get_mut(last_operator).unwrap() = 0xfe;
        assert!(by_likeness(&unknown).is_err());
        let custom = [module.as_slice(), &[CUSTOM, 1, 0]].concat();
        assert!(by_likeness(&custom).is_err());
    }
}
