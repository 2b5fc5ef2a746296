//! Detectors of errors: values of 0 and 1, or between them.
//!
//! | where | what |
//! |---|---|
//! | one file each | the methods |
//! | `bits.rs` | the last values of a binary stream |
//! | `compat.rs` | whose published defects can be kept |

pub(in crate::stream) mod bits;
pub(in crate::stream) mod compat;
pub(in crate::stream) mod ddm;
pub(in crate::stream) mod ecdd;
pub(in crate::stream) mod eddm;
pub(in crate::stream) mod fhddm;
pub(in crate::stream) mod hddm_a;
pub(in crate::stream) mod hddm_w;
pub(in crate::stream) mod list;
pub(in crate::stream) mod mddm;
pub(in crate::stream) mod rddm;
pub(in crate::stream) mod stepd;

pub use compat::{CapymoaCompat, Compat, FrourosCompat};
pub use ddm::{DDM, DDMParameters};
pub use ecdd::{ECDD, ECDDParameters};
pub use eddm::{EDDM, EDDMParameters};
pub use fhddm::{FHDDM, FHDDMParameters};
pub use hddm_a::{HDDMA, HDDMAParameters};
pub use hddm_w::{HDDMW, HDDMWParameters};
pub use mddm::{MDDM, MDDMParameters, MDDMWeighting};
pub use rddm::{RDDM, RDDMParameters};
pub use stepd::{STEPD, STEPDParameters};
