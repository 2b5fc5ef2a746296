//! Whose behaviour to keep.

use serde::{Deserialize, Serialize};

/// Keeps river's published behaviour where it is a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compat {
    /// river 0.26.
    River,
}

/// Keeps frouros' published behaviour where it is a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrourosCompat {
    /// frouros 0.9.
    Frouros,
}

/// Keeps CapyMOA's published behaviour where it is a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapymoaCompat {
    /// CapyMOA 0.15.
    Capymoa,
}
