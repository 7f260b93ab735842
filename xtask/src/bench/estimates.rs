//! Reading what criterion wrote: for each bench its names and the median time of one call.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

/// One bench.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The group it is in.
    pub group: String,
    /// What is measured.
    pub function: String,
    /// The parameter it is measured with, if it has one.
    pub parameter: Option<String>,
    /// Bytes handled in one call, if that means something.
    pub bytes: Option<u64>,
    /// Median time of one call.
    pub nanoseconds: f64,
}

/// Every bench below criterion's folder, ordered by group, function and parameter (numbers by their value).
///
/// # Errors
/// The folder cannot be read, or holds something else than criterion 0.8 writes.
pub fn read(folder: &Path) -> io::Result<Vec<Estimate>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        if folder.file_name().is_some_and(|name| name == "new") {
            let json = |name: &str| -> io::Result<Value> {
                Ok(serde_json::from_slice(&fs::read(folder.join(name))?)?)
            };
            found.extend(estimate(&json("benchmark.json")?, &json("estimates.json")?));
        }
    }
    found.sort_by_key(|found| {
        let number = found.parameter.as_ref().and_then(|text| text.parse::<u64>().ok());
        (found.group.clone(), found.function.clone(), number, found.parameter.clone())
    });
    match found.is_empty() {
        true => Err(io::Error::other(format!("criterion left nothing in {}", folder.display()))),
        false => Ok(found),
    }
}

fn estimate(benchmark: &Value, estimates: &Value) -> Option<Estimate> {
    let text = |key: &str| benchmark.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Estimate {
        group: text("group_id")?,
        function: text("function_id")?,
        parameter: text("value_str"),
        bytes: benchmark.pointer("/throughput/Bytes").and_then(Value::as_u64),
        nanoseconds: estimates.pointer("/median/point_estimate").and_then(Value::as_f64)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criterions_two_files_give_names_and_median() {
        let benchmark = r#"{"group_id":"seal","function_id":"AES-GCM-16-128","value_str":"1400",
            "throughput":{"Bytes":1400},"full_id":"seal/AES-GCM-16-128/1400"}"#;
        let estimates = r#"{"mean":{"point_estimate":9.0},"median":{"point_estimate":257.5}}"#;
        let read = |text| serde_json::from_str(text).unwrap();
        let estimate = estimate(&read(benchmark), &read(estimates)).unwrap();
        assert_eq!(
            estimate,
            Estimate {
                group: "seal".into(),
                function: "AES-GCM-16-128".into(),
                parameter: Some("1400".into()),
                bytes: Some(1400),
                nanoseconds: 257.5,
            }
        );
    }

    #[test]
    fn an_empty_folder_is_an_error() {
        let folder = std::env::temp_dir().join(format!("adit-xtask-{}-criterion", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(read(&folder).is_err());
    }
}
