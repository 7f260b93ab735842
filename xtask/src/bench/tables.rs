//! The tables, in Markdown that reads well on a terminal too.

use super::estimates::Estimate;

/// What the benches call the bare AEAD beside a suite.
const BARE: &str = " bare ring";

/// What the interleaved pairs printed, as a section.
pub fn pairs(printed: &str) -> String {
    format!("### What ESP costs beyond its cipher\n\n```text\n{printed}```\n\nAt most 1.10 is allowed.\n")
}

/// Every group: those by size of packet as a matrix, the others as a list.
pub fn all(estimates: &[Estimate]) -> String {
    let mut groups: Vec<&str> = estimates.iter().map(|estimate| estimate.group.as_str()).collect();
    groups.dedup();
    let sections = groups.into_iter().map(|group| {
        let of_it: Vec<&Estimate> = estimates.iter().filter(|estimate| estimate.group == group).collect();
        let by_size = of_it.iter().all(|estimate| estimate.parameter.is_some() && estimate.bytes.is_some())
            && group != "profile";
        format!("### {group}\n\n{}\n", if by_size { matrix(&of_it) } else { list(&of_it) })
    });
    sections.collect::<Vec<_>>().join("\n")
}

/// A row for each function, a column for each size; below a suite what it costs beyond the bare AEAD.
fn matrix(estimates: &[&Estimate]) -> String {
    let mut sizes: Vec<u64> = estimates.iter().filter_map(|estimate| estimate.bytes).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut functions: Vec<&str> = estimates.iter().map(|estimate| estimate.function.as_str()).collect();
    functions.dedup();
    let time = |function: &str, size: u64| {
        let same = |estimate: &&&Estimate| estimate.function == function && estimate.bytes == Some(size);
        estimates.iter().find(same).map(|estimate| estimate.nanoseconds)
    };
    let mut rows =
        vec![std::iter::once("bytes".to_owned()).chain(sizes.iter().map(u64::to_string)).collect()];
    for function in functions {
        let cells = |cell: &dyn Fn(u64) -> Option<String>| -> Vec<String> {
            sizes.iter().map(|size| cell(*size).unwrap_or_default()).collect()
        };
        let times = cells(&|size| {
            let time = time(function, size)?;
            Some(format!("{} ({:.1} Gbit/s)", duration(time), gbit(size, time)))
        });
        rows.push([vec![function.to_owned()], times].concat());
        if let Some(suite) = function.strip_suffix(BARE) {
            let ratios = cells(&|size| Some(format!("{:.2}", time(suite, size)? / time(function, size)?)));
            rows.push([vec![format!("{suite} over bare")], ratios].concat());
        }
    }
    markdown(&rows)
}

fn list(estimates: &[&Estimate]) -> String {
    let mut rows = vec![vec!["what".to_owned(), "time".to_owned()]];
    for estimate in estimates {
        let name = match &estimate.parameter {
            Some(parameter) => format!("{}, {parameter}", estimate.function),
            None => estimate.function.clone(),
        };
        rows.push(vec![name, duration(estimate.nanoseconds)]);
    }
    markdown(&rows)
}

/// A table of which the first row is the head; columns as wide as their widest cell.
fn markdown(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &[String]| {
        let cells = widths.iter().enumerate().map(|(column, width)| {
            let cell = row.get(column).map_or("", String::as_str);
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, width)| {
        let dashes = "-".repeat(width.saturating_sub(usize::from(column > 0)).max(1));
        if column == 0 { dashes } else { format!("{dashes}:") }
    });
    let rule = format!("| {} |\n", rule.collect::<Vec<_>>().join(" | "));
    let mut table = String::new();
    for (at, row) in rows.iter().enumerate() {
        table.push_str(&line(row));
        if at == 0 {
            table.push_str(&rule);
        }
    }
    table
}

/// With three or four digits and the unit that takes.
fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 10.0 => format!("{ns:.2} ns"),
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

fn gbit(bytes: u64, nanoseconds: f64) -> f64 {
    bytes as f64 * 8.0 / nanoseconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(group: &str, function: &str, bytes: Option<u64>, nanoseconds: f64) -> Estimate {
        let parameter = bytes.map(|bytes| bytes.to_string());
        Estimate { group: group.into(), function: function.into(), parameter, bytes, nanoseconds }
    }

    #[test]
    fn a_suite_stands_beside_the_bare_call_with_their_ratio() {
        let table = all(&[
            estimate("seal", "X", Some(64), 110.0),
            estimate("seal", "X", Some(1400), 1050.0),
            estimate("seal", "X bare ring", Some(64), 100.0),
            estimate("seal", "X bare ring", Some(1400), 1000.0),
        ]);
        assert!(table.contains("X over bare") && table.contains("1.10") && table.contains("1.05"), "{table}");
        assert!(table.contains("1.05 µs (10.7 Gbit/s)"), "{table}");
        let lengths: Vec<usize> =
            table.lines().filter(|line| line.starts_with('|')).map(|line| line.chars().count()).collect();
        assert!(lengths.len() == 5 && lengths.iter().all(|length| *length == lengths[0]), "{table}");
    }

    #[test]
    fn what_has_no_size_is_listed_with_its_time() {
        let table = all(&[estimate("handshake", "PSK", None, 2_345_678.0)]);
        assert!(table.starts_with("### handshake\n") && table.contains("| PSK  | 2.35 ms |"), "{table}");
    }
}
