//! What is given to look at: a file's bytes, or its text.
//!
//! A text is turned into the file that it is the text of, in the encoding it was read from (option `encoding`) or that it
//! declares, so that an edited text is judged as the file it will be saved as. JavaScript gives it in UTF-8.

use crate::cms::{Asked, InThisBuild, Signatures, Unavailable};
use crate::json::VariablesForm;
use crate::rules::Options;
use crate::source::encoding::{self, Encoding};
use crate::{Document, Limits, Span, template};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::options::Given;

/// A file that was read.
pub(super) struct Input {
    /// The file.
    pub file: Zeroizing<Vec<u8>>,
    /// What was read from it.
    pub document: Document,
    /// UTF-16 units in the caller's text before the decoded one: 1 for a byte order mark.
    pub utf16_base: usize,
    /// What became of a template's variables, if values were given.
    pub variables: Option<VariablesForm>,
}

impl Input {
    /// Reads bytes, or the text that they are the UTF-8 of, as the options say: `text`, `encoding`, `set`. Whether
    /// signatures hold is left open: for functions whose result does not tell.
    pub(super) fn read(bytes: Vec<u8>, given: &mut Given, options: &mut Options) -> Result<Self, Failure> {
        Self::read_template(bytes, given, options, template::Values::AsPlaceholders)
    }

    /// The same, and what becomes of a template's values that have a token in them.
    pub(super) fn read_template(
        bytes: Vec<u8>,
        given: &mut Given,
        options: &mut Options,
        of_template: template::Values,
    ) -> Result<Self, Failure> {
        Self::read_with(bytes, given, options, of_template, &mut Unavailable)
    }

    /// The same with the platform's answers about signatures ([`Asked`]); what it was not asked yet is the error. Without
    /// answers this build checks them.
    pub(super) fn read_asking(
        bytes: Vec<u8>,
        given: &mut Given,
        options: &mut Options,
        answers: Option<&str>,
    ) -> Result<Self, Failure> {
        let of_template = template::Values::AsPlaceholders;
        let Some(answers) = answers else {
            return Self::read_with(bytes, given, options, of_template, &mut InThisBuild);
        };
        let mut asked = Asked::new(answers);
        let input = Self::read_with(bytes, given, options, of_template, &mut asked)?;
        let open = asked.into_open();
        if open.is_empty() { Ok(input) } else { Err(Failure::questions(open)) }
    }

    fn read_with(
        bytes: Vec<u8>,
        given: &mut Given,
        options: &mut Options,
        of_template: template::Values,
        signatures: &mut dyn Signatures,
    ) -> Result<Self, Failure> {
        let bytes = Zeroizing::new(bytes);
        let values = given.pairs("set")?;
        let (is_text, encoding) = (given.flag("text")?, given.encoding()?);
        let mut utf16_base = 0;
        let mut file = match is_text {
            false => bytes,
            true => {
                let text = utf8(&bytes)?;
                utf16_base = usize::from(text.starts_with('\u{feff}'));
                of_text(text, encoding)
            }
        };
        let mut variables = None;
        if !values.is_empty() {
            options.template = true;
            if let Ok(text) = std::str::from_utf8(&file) {
                let rendered = template::render(text, &values);
                let bytes = Zeroizing::new(rendered.text.as_bytes().to_vec());
                variables = Some(VariablesForm {
                    unset: rendered.unset,
                    unused: rendered.unused,
                    text: Zeroizing::new(rendered.text.trim_start_matches('\u{feff}').to_owned()),
                });
                utf16_base = 0;
                file = bytes;
            }
        }
        let of_template = options.template.then_some(of_template);
        let document = Document::read_with(&file, &Limits::default(), of_template, signatures);
        Ok(Self { file, document, utf16_base, variables })
    }

    /// Reads bytes, or the text that they are the UTF-8 of, without any options.
    pub(super) fn plain(bytes: Vec<u8>, is_text: bool) -> Result<Self, Failure> {
        let bytes = Zeroizing::new(bytes);
        let file = if is_text { of_text(utf8(&bytes)?, None) } else { bytes };
        let document = Document::read_with(&file, &Limits::default(), None, &mut Unavailable);
        Ok(Self { file, document, utf16_base: 0, variables: None })
    }

    /// What spans count in.
    pub(super) fn content(&self) -> &[u8] {
        self.document.content(&self.file)
    }

    /// Where secrets stand in it.
    pub(super) fn secrets(&self) -> Vec<Span> {
        self.document.secret_spans()
    }
}

/// The text in bytes that JavaScript encoded.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| Failure::usage("the text is not UTF-8"))
}

/// The file that a text is the text of.
pub(super) fn of_text(text: &str, encoding: Option<Encoding>) -> Zeroizing<Vec<u8>> {
    let plain = || Zeroizing::new(text.as_bytes().to_vec());
    if text.starts_with('\u{feff}') {
        return plain();
    }
    let encoding = match encoding {
        Some(encoding) => encoding,
        None if declares_utf16(text) => Encoding::Utf16 { big_endian: false, bom: true },
        None => encoding::guess(text.as_bytes()),
    };
    if encoding == (Encoding::Utf8 { bom: false }) {
        return plain();
    }
    let file = Zeroizing::new(encoding::encode_file(text, encoding));
    // The encoding may lack a character, or the text no longer declare it.
    let found = encoding::guess(&file);
    if encoding::decode(&file, found).bytes() == text.as_bytes() {
        return file;
    }
    Zeroizing::new(encoding::encode_file(text, Encoding::Utf8 { bom: true }))
}

/// Whether the declaration says UTF-16, which bytes in UTF-8 never are.
fn declares_utf16(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("<?xml") else { return false };
    let declaration = rest.split_once("?>").map_or("", |(declaration, _)| declaration).to_ascii_lowercase();
    declaration.split_once("encoding").is_some_and(|(_, name)| {
        let name = name.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
        name.starts_with("utf-16") || name.starts_with("utf16")
    })
}
