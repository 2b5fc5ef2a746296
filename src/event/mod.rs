//! The event room.
