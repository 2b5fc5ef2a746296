//! What a registration returns.

use std::fmt;

/// Names one registration on one hub. The slot is used again after removal, the
/// generation tells its users apart: an old handle never reaches a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle {
    pub(crate) hub: u64,
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl Handle {
    /// The slot's index.
    pub fn slot(self) -> u32 {
        self.slot
    }

    /// How often the slot was given away before.
    pub fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {} (generation {})", self.slot, self.generation)
    }
}
