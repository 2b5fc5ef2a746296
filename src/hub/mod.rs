//! The hub room.
