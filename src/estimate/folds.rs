//! Parts of a baseline that are left out in turn, drawn row by row.

/// A number drawn for a row: Steele, Lea, Flood, Fast splittable pseudorandom number
/// generators, 2014, figure 15.
pub(super) fn mixed(seed: u64, row: u64) -> u64 {
    let mut z = seed.wrapping_add((row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
