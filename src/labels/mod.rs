//! Labels that arrive later: predictions wait for the truth, by id.
//!
//! [`LabelStore`] keeps predictions until their label comes, and labels that came first
//! until their prediction does, in bounded memory, and counts what becomes of each.
//!
//! # What becomes of a label
//! Each is counted once. It is *matched* when its prediction is there or comes within the
//! time to live; *late* when the prediction was there and has gone (too old, or the oldest
//! of too many); a *duplicate* when the id has a label already, of which the first counts;
//! else it is *waiting*, and *unmatched* when it has gone without a prediction. `labels` =
//! `matched` + `late` + `duplicates` + `waiting` + `unmatched`, at any time.
//!
//! # What becomes of a prediction
//! It is *pending*, then *matched*, *expired*, *evicted*, or *replaced* by another one of
//! its id. `predictions` = the sum of these, at any time.
//!
//! # Time
//! That of the events, never backwards: what comes with an earlier time counts as of the
//! latest one. What is `ttl_s` old is there still; what is older has gone.
//!
//! # Bounds
//! At most `max_pending` predictions, as many labels and the 64-bit hashes of as many ids
//! that have gone: about 100 bytes each beside ids, predictions and labels. An id that
//! went longer ago is not known any more: its label waits, and is unmatched in the end. Two
//! ids of one hash, one in 10^14 at a million ids, may turn an unmatched label into a late one.
//!
//! # Cost
//! O(1) amortised for each prediction and each label.

mod gone;
mod queue;
mod state;
mod store;

pub use state::LabelState;
pub use store::{LabelCounts, LabelStore, Labelled};
