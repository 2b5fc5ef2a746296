//! What the built-in classifier looks at: ranks of the columns, their squares
//! and products.

use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Result};

/// Up to so many features there are all products of two columns.
const MOST_PRODUCTS: usize = 256;
/// Up to so many features there are the squares.
const MOST_SQUARES: usize = 512;
const MOST_COLUMNS: usize = 2048;
/// Values of all features of all rows: 400 MB.
const MOST_VALUES: usize = 50_000_000;

/// Features of shape (n, p) of rows of shape (n, d): for each column u, the
/// mid-rank among all rows, centred and scaled to about unit variance; u^2
/// while there are at most 512 features with them; the products of two columns
/// while there are at most 256.
pub(super) fn ranked_features(rows: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let (n, d) = rows.dim();
    if d > MOST_COLUMNS {
        let got = format!("rows of {d} columns");
        let allowed = format!("at most {MOST_COLUMNS} columns: project them, or give a classifier");
        return Err(Error::invalid_value("current", got, allowed));
    }
    let with_products = d + d * (d + 1) / 2;
    let (squares, products) = (2 * d <= MOST_SQUARES, with_products <= MOST_PRODUCTS);
    let width = match (squares, products) {
        (_, true) => with_products,
        (true, false) => 2 * d,
        (false, false) => d,
    };
    if n.saturating_mul(width) > MOST_VALUES {
        let got = format!("{n} rows in both samples, with {width} features each");
        let allowed = format!("at most {} rows of that width", MOST_VALUES / width);
        return Err(Error::invalid_value("current", got, allowed));
    }
    let ranks: Vec<Vec<f64>> = rows
        .columns()
        .into_iter()
        .map(|c| ranks(c.to_vec()))
        .collect();
    let mut features = Array2::zeros((n, width));
    for (i, mut row) in features.outer_iter_mut().enumerate() {
        let own = || ranks.iter().map(|column| column[i]);
        // The square of a uniform variable has 0.8 times its variance squared.
        let own_squares = || own().map(|u| u * u / 0.8f64.sqrt());
        let pairs = || {
            own()
                .enumerate()
                .flat_map(|(j, u)| own().skip(j + 1).map(move |v| u * v))
        };
        let all = own()
            .chain(own_squares().filter(|_| squares || products))
            .chain(pairs().filter(|_| products));
        for (feature, value) in row.iter_mut().zip(all) {
            *feature = value;
        }
    }
    Ok(features)
}

/// Mid-ranks of a column, scaled to -sqrt(3) to sqrt(3): mean 0, and variance
/// about 1 without ties.
fn ranks(column: Vec<f64>) -> Vec<f64> {
    let n = column.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| column[a].total_cmp(&column[b]));
    let mut ranks = vec![0.0; n];
    let mut before = 0;
    for ties in order.chunk_by(|&a, &b| column[a] == column[b]) {
        // The mean rank is before + (ties + 1) / 2, counted from 1.
        let rank = (2 * before + ties.len()) as f64 - n as f64;
        for &i in ties {
            ranks[i] = 3f64.sqrt() * rank / n as f64;
        }
        before += ties.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_a_rank() {
        let got = ranks(vec![5.0, -1.0, 5.0, 7.0]);
        let unit = 3f64.sqrt() / 4.0;
        assert_eq!(got, [0.0, -3.0 * unit, 0.0, 3.0 * unit]);
    }
}
