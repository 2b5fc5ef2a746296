//! A hash that is the same on every machine and in every version.

/// Words of the expansion of pi, as good as random.
const KEYS: [u64; 3] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
];

/// The hash of a text: its 64 bits are as good as random.
///
/// Words of eight bytes are folded in by a multiplication to 128 bits, as in
/// Wang Yi's wyhash. Whoever chooses the texts can make them collide.
pub(super) fn hash_text(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (to, &from) in last.iter_mut().zip(rest) {
        *to = from;
    }
    let mut state = KEYS[0] ^ text.len() as u64;
    for &word in words.iter().chain([&last]) {
        state = fold(state ^ u64::from_le_bytes(word), KEYS[1]);
    }
    fold(state, KEYS[2])
}

/// The hash of a value: of its bits.
pub(super) fn hash_value(value: f64) -> u64 {
    fold(fold(value.to_bits() ^ KEYS[0], KEYS[1]), KEYS[2])
}

/// Both halves of the product, each bit of which depends on many.
fn fold(x: u64, key: u64) -> u64 {
    let product = u128::from(x ^ key) * u128::from(key.rotate_left(31) | 1);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the last eight bits take every value equally often.
    fn is_even(hashes: impl Iterator<Item = u64>, what: &str) {
        let (mut high, mut low, mut n) = ([0_u32; 256], [0_u32; 256], 0.0);
        for hash in hashes {
            high[(hash >> 56) as usize] += 1;
            low[(hash & 255) as usize] += 1;
            n += 1.0;
        }
        for counts in [high, low] {
            // Chi-square of 255 degrees: mean 255, deviation sqrt(510).
            let expected = n / 256.0;
            let off = |&count: &u32| (f64::from(count) - expected).powi(2) / expected;
            let statistic: f64 = counts.iter().map(off).sum();
            assert!(
                (statistic - 255.0).abs() < 6.0 * 510_f64.sqrt(),
                "{what}: {statistic}"
            );
        }
    }

    #[test]
    fn hashes_of_alike_things_are_spread_evenly() {
        is_even((0..100_000).map(|k| hash_text(&k.to_string())), "numbers");
        is_even(
            (0..100_000).map(|k| hash_text(&format!("user-{k:08}"))),
            "names",
        );
        is_even(
            (0..100_000).map(|k| hash_value(f64::from(k))),
            "whole values",
        );
        is_even(
            (0..100_000).map(|k| hash_value(f64::from(k) * 0.1)),
            "tenths",
        );
        is_even(
            (0..100_000).map(|k| hash_value(f64::from_bits(k))),
            "subnormals",
        );
    }

    #[test]
    fn texts_that_differ_in_length_alone_differ() {
        let mut hashes: Vec<u64> = (0..64).map(|n| hash_text(&"\0".repeat(n))).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 64);
    }
}
