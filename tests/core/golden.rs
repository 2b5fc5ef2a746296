//! Reads the golden cases that the Rust and the Python tests share.

use serde_json::Value;

/// The cases of one section of `tests/data/<file>`.
pub(crate) fn cases(file: &str, section: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    all[section].as_array().unwrap().clone()
}

/// |got - expected| relative to `expected`; 0 when both are the same.
pub(crate) fn relative_error(got: f64, expected: f64) -> f64 {
    if got == expected {
        0.0
    } else {
        ((got - expected) / expected).abs()
    }
}
