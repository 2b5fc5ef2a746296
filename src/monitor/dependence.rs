//! How much rows in the order of time depend on those before them.
//!
//! Of a stretch of w rows, the share that lies below a value varies around the share of all
//! rows with variance F (1 - F) / w when rows are independent. How many times as large it is
//! in history says how many rows tell as much as one that is independent: for each column,
//! the most that is found at any of its values, its missing ones included, for stretches as
//! long as the window, and for the longest of which the history has eight, for the baseline.

use crate::error::{Error, Result};
use crate::math::normal_quantile;
use crate::table::bins::{CODES, MISSING};

/// The history holds so many stretches at least.
const STRETCHES: usize = 8;
/// And so many rows.
pub(super) const FEWEST: usize = 400;
/// At so many values.
const VALUES: usize = 31;
/// What is found in few stretches varies: it is taken for as low as one time in twenty.
const SAFETY: f64 = 0.05;

/// Of so many rows of a column, as many are worth one that is independent, 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Dependence {
    /// Of the window.
    pub window: f64,
    /// Of the baseline.
    pub baseline: f64,
}

/// Learns from the codes of a column, in the order of time.
///
/// # Errors
/// `InvalidValue` for a history that is too short.
pub(super) fn learn(codes: &[u8], window: usize, is_ordered: bool) -> Result<Dependence> {
    if codes.len() < FEWEST {
        let got = format!("{} rows", codes.len());
        let allowed = format!("at least {FEWEST} rows in the order of time");
        return Err(Error::invalid_value("history", got, allowed));
    }
    let longest = codes.len() / STRETCHES;
    let window = window.clamp(1, longest);
    let within = inflation(codes, window, is_ordered);
    Ok(Dependence {
        window: within,
        baseline: inflation(codes, longest, is_ordered).max(within),
    })
}

/// How many times as large the variance is as that of independent rows.
fn inflation(codes: &[u8], length: usize, is_ordered: bool) -> f64 {
    let n = codes.len() as f64;
    let mut counts = [0u64; CODES];
    for &code in codes {
        counts[usize::from(code)] += 1;
    }
    let mut largest = 1.0f64;
    for values in sets(&counts, is_ordered) {
        let share = values.iter().zip(&counts).filter(|(is, _)| **is);
        let share = share.map(|(_, count)| *count).sum::<u64>() as f64 / n;
        if share * n < 5.0 || (1.0 - share) * n < 5.0 {
            continue;
        }
        let is = |code: u8| u32::from(values[usize::from(code)]);
        let mut within: u32 = codes.iter().take(length).map(|&code| is(code)).sum();
        let mut squares = 0.0;
        let mut stretches = 0.0;
        for (place, &code) in codes.iter().enumerate().skip(length - 1) {
            if place >= length {
                within = within + is(code) - codes.get(place - length).map_or(0, |&code| is(code));
            }
            let off = f64::from(within) / length as f64 - share;
            squares += off * off;
            stretches += 1.0;
        }
        // The mean is that of the same rows, which takes some of the variance off.
        let variance = squares / stretches / (1.0 - length as f64 / n);
        largest = largest.max(variance * length as f64 / (share * (1.0 - share)));
    }
    if length == 1 {
        return largest;
    }
    (largest / low_share(n / length as f64 - 1.0)).max(1.0)
}

/// The quantile of a variance that is known to so many degrees of freedom, beside the truth:
/// Wilson and Hilferty, The distribution of chi-square, 1931.
fn low_share(degrees: f64) -> f64 {
    let spread = 2.0 / (9.0 * degrees);
    (1.0 - spread + normal_quantile(SAFETY) * spread.sqrt())
        .max(0.1)
        .powi(3)
}

/// Sets of codes: those up to a value, or one of the most frequent; and the missing ones.
fn sets(counts: &[u64; CODES], is_ordered: bool) -> Vec<[bool; CODES]> {
    let mut sets = Vec::new();
    let missing = usize::from(MISSING);
    let mut of_missing = [false; CODES];
    of_missing[missing] = true;
    sets.push(of_missing);
    let there: u64 = counts.iter().take(missing).sum();
    if is_ordered {
        let mut set = [false; CODES];
        let (mut upto, mut next) = (0, 1);
        for code in 0..missing {
            set[code] = true;
            upto += counts[code];
            if upto * (VALUES as u64 + 1) >= next * there && upto < there {
                sets.push(set);
                next = upto * (VALUES as u64 + 1) / there.max(1) + 1;
            }
        }
    } else {
        let mut order: Vec<usize> = (0..missing).filter(|&code| counts[code] > 0).collect();
        order.sort_by_key(|&code| std::cmp::Reverse(counts[code]));
        for code in order.into_iter().take(VALUES) {
            let mut set = [false; CODES];
            set[code] = true;
            sets.push(set);
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<u8> {
        let mut state = 1u64;
        let next = |_| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 57) as u8
        };
        (0..n).map(next).collect()
    }

    #[test]
    fn repeated_rows_are_worth_one() {
        let once = noise(5000);
        let tenfold: Vec<u8> = once.iter().flat_map(|&code| [code; 10]).collect();
        let alone = learn(&once, 200, true).unwrap();
        let together = learn(&tenfold, 2000, true).unwrap();
        let ratio = together.window / alone.window;
        assert!((8.0..12.5).contains(&ratio), "{ratio}");
        assert!(alone.window < 2.5, "{alone:?}");
    }

    #[test]
    fn the_few_stretches_of_a_short_history_are_not_trusted() {
        // The 5 % quantile of chi-square with 7 degrees of freedom is 2.167.
        assert!((low_share(7.0) - 2.167 / 7.0).abs() < 2e-3);
        assert!((low_share(49.0) - 33.93 / 49.0).abs() < 2e-3);
    }
}
