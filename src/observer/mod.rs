//! The observer room.
