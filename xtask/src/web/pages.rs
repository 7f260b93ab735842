//! The pages of the rules, read back from `docs/rules`: those files are written from the rules themselves and a test of
//! adit-profile holds them to it, so the page's copy needs no second compilation of the whole crate. The web tests compare
//! the result with `adit rules --format json`.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// Every page by the code of its rule: `title`, `what`, `why`, `mend`, `source`.
///
/// # Errors
/// The folder cannot be read, or a page is not of the form that adit-profile writes.
pub fn read(folder: &Path) -> Result<Map<String, Value>, String> {
    let mut pages = Map::new();
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        if path.file_name().is_some_and(|name| name == "README.md") {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for section in text.split("\n## ").skip(1) {
            let (code, page) = parse(section)
                .ok_or_else(|| format!("{}: not a page of a rule: {section:.60}", path.display()))?;
            pages.insert(code, page);
        }
    }
    if pages.is_empty() { Err(format!("{} holds no page", folder.display())) } else { Ok(pages) }
}

/// One page, heading without its signs.
fn parse(section: &str) -> Option<(String, Value)> {
    let (code, rest) = section.split_once("\n\n**")?;
    let (title, rest) = rest.split_once(".** Severity: ")?;
    let (_, rest) = rest.split_once("\n\n")?;
    let (what, rest) = rest.split_once("\n\nWhy: ")?;
    let (why, rest) = rest.split_once("\n\nWhat to do: ")?;
    let (mend, rest) = rest.split_once("\n\nSource: ")?;
    let source = rest.split_once('\n').map_or(rest, |(source, _)| source);
    let page = json!({ "title": title, "what": what, "why": why, "mend": mend, "source": source });
    Some((code.to_owned(), page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_back() {
        let section = "a.b\n\n**It is so.** Severity: error.\n\nWhat. Is.\n\nWhy: Because.\n\nWhat to do: That.\n\n\
                       Source: RFC 1\n\nFound while the file is read.\n";
        let (code, page) = parse(section).unwrap();
        assert_eq!(code, "a.b");
        let wanted = json!({"title": "It is so", "what": "What. Is.", "why": "Because.", "mend": "That.", "source": "RFC 1"});
        assert_eq!(page, wanted);
        assert!(parse("a.b\n\nno page").is_none());
    }

    #[test]
    fn every_page_of_this_project_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
        assert!(read(&folder).unwrap().len() > 200);
    }
}
