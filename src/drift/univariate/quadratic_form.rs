//! The quadratic form of a difference in the metric of its covariance.

/// Directions with less than this share of the largest variance have none.
const SINGULAR: f64 = 1e-13;

/// d' A^+ d for a symmetric A, and the rank of A; infinite when d leaves the
/// range of A.
pub(super) fn quadratic_form(matrix: Vec<Vec<f64>>, d: &[f64]) -> (f64, usize) {
    let (values, coordinates) = rotate_to_diagonal(matrix, d.to_vec());
    let largest = values.iter().fold(0.0, |a: f64, &b| a.max(b));
    let length: f64 = d.iter().map(|d| d * d).sum();
    let (mut total, mut rank) = (0.0, 0);
    for (value, coordinate) in values.into_iter().zip(coordinates) {
        let square = coordinate * coordinate;
        if value > SINGULAR * largest && value > f64::MIN_POSITIVE {
            total += square / value;
            rank += 1;
        } else if square > 1e-20 * length && square > 1e-28 {
            return (f64::INFINITY, rank);
        }
    }
    (total, rank)
}

/// The eigenvalues of a symmetric matrix, and `d` in its eigenvectors' axes, by
/// Jacobi's rotations (Golub, Van Loan, Matrix computations, 2013, algorithm
/// 8.5.3, cyclic).
fn rotate_to_diagonal(mut a: Vec<Vec<f64>>, mut d: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let size = d.len();
    for _ in 0..60 {
        let mut largest = 0.0;
        for p in 0..size {
            for q in p + 1..size {
                let (app, aqq, apq) = (a[p][p], a[q][q], a[p][q]);
                if apq == 0.0 || apq.abs() <= 1e-18 * (app * aqq).abs().sqrt() {
                    continue;
                }
                largest = f64::max(largest, apq.abs());
                let tau = (aqq - app) / (2.0 * apq);
                let t = 1f64.copysign(tau) / (tau.abs() + tau.hypot(1.0));
                let c = t.hypot(1.0).recip();
                let s = t * c;
                for row in &mut a {
                    let (akp, akq) = (row[p], row[q]);
                    row[p] = c * akp - s * akq;
                    row[q] = s * akp + c * akq;
                }
                let (upper, lower) = a.split_at_mut(q);
                for (apk, aqk) in upper[p].iter_mut().zip(&mut lower[0]) {
                    (*apk, *aqk) = (c * *apk - s * *aqk, s * *apk + c * *aqk);
                }
                let (dp, dq) = (d[p], d[q]);
                d[p] = c * dp - s * dq;
                d[q] = s * dp + c * dq;
            }
        }
        if largest < 1e-300 {
            break;
        }
    }
    ((0..size).map(|k| a[k][k]).collect(), d)
}
