//! The two-sided one-sample Kolmogorov-Smirnov distribution and its limit.

use std::f64::consts::PI;

use super::smirnov::{smirnov_log_sf, smirnov_sf};

/// P(sqrt(n) D >= z) as n grows without limit: Kolmogorov's distribution.
///
/// Relative error below 1e-14. 1 for `z <= 0`.
///
/// # Cost
/// O(1).
/// # Source
/// Kolmogorov, 1933; Feller, 1948 (the second form, for small `z`).
/// # Example
/// ```
/// let p = driftline::math::kolmogorov_sf(1.0);
/// assert!((p - 0.269_999_671_677_354_4).abs() < 1e-15);
/// ```
pub fn kolmogorov_sf(z: f64) -> f64 {
    if z.is_nan() {
        return f64::NAN;
    }
    if z <= 0.0 {
        return 1.0;
    }
    if z < 0.82 {
        let cdf: f64 = [1.0f64, 3.0, 5.0, 7.0]
            .iter()
            .map(|k| (-k * k * PI * PI / (8.0 * z * z)).exp())
            .sum();
        return 1.0 - (2.0 * PI).sqrt() / z * cdf;
    }
    let term = |k: f64| (-2.0 * k * k * z * z).exp();
    2.0 * (term(1.0) - (term(2.0) - (term(3.0) - (term(4.0) - term(5.0)))))
}

/// ln of [`kolmogorov_sf`], finite however small that is.
///
/// # Cost
/// O(1).
/// # Example
/// ```
/// let ln = driftline::math::kolmogorov_log_sf(100.0);
/// assert!((ln + 20_000.0 - 2f64.ln()).abs() < 1e-9);
/// ```
pub fn kolmogorov_log_sf(z: f64) -> f64 {
    if z < 3.0 {
        return kolmogorov_sf(z).min(1.0).ln();
    }
    std::f64::consts::LN_2 - 2.0 * z * z + (-(-6.0 * z * z).exp()).ln_1p()
}

/// P(D_n >= x) for a sample of `n`: SciPy's `kstwo.sf`, branch for branch.
///
/// Exact (1e-11 relative) in the far tail, for `n <= 140` and where the
/// probability is close to 1. In between the approximation of Pelz and Good is
/// used, as in SciPy: measured against the exact law it is off by up to 3e-6 at
/// n = 141 and 6e-8 at n = 1,000. As the law of a two-sample statistic that is
/// far below the error of the one-sample law itself (up to 0.013 for two samples
/// of 1,000), so that a costlier formula would sharpen nothing; ask for
/// `method="exact"` instead.
///
/// # Cost
/// O(1) in the middle, O(min(n, 192)) in the tail, at most O((nx)^3 log n) with
/// nx below 60 for probabilities close to 1.
/// # Source
/// Simard, L'Ecuyer, Computing the two-sided Kolmogorov-Smirnov distribution,
/// Journal of Statistical Software 39(11), 2011, figure 2.
/// # Example
/// ```
/// let p = driftline::math::kstwo_sf(10, 0.4);
/// assert!((p - 0.058_989_245_2).abs() < 1e-12);
/// ```
pub fn kstwo_sf(n: u64, x: f64) -> f64 {
    if x.is_nan() || n == 0 {
        return f64::NAN;
    }
    let size = n as f64;
    let t = size * x;
    if x >= 1.0 {
        return 0.0;
    }
    if t <= 0.5 {
        return 1.0;
    }
    if t <= 1.0 {
        // Ruben, Gambino, 1982: n! / n^n (2t - 1)^n
        let log: f64 = (1..=n.min(2000))
            .map(|i| (i as f64 / size * (2.0 * t - 1.0)).ln())
            .sum();
        return 1.0 - log.exp();
    }
    if t >= size - 1.0 {
        return 2.0 * (1.0 - x).powf(size);
    }
    let square = t * x;
    if x >= 0.5 || square >= if n <= 140 { 4.0 } else { 2.2 } {
        // Exact from x = 1/2 on; Miller, 1956, otherwise.
        return (2.0 * smirnov_sf(n, x)).min(1.0);
    }
    if n > 140 {
        let cdf = pelz_good(size, x);
        // Below 1e-8 even an error of 1 % leaves the tail exact to 1e-10.
        if t * x.sqrt() > 1.4 || cdf < 1e-8 {
            return (1.0 - cdf).clamp(0.0, 1.0);
        }
    }
    (1.0 - durbin(n, x)).clamp(0.0, 1.0)
}

/// ln of [`kstwo_sf`], finite below 1e-308 too; minus infinity from `x = 1` on.
///
/// # Cost
/// That of the probability, twice that below 1e-290.
/// # Example
/// ```
/// use driftline::math::{kstwo_log_sf, kstwo_sf};
/// assert_eq!(kstwo_log_sf(100, 0.3), kstwo_sf(100, 0.3).ln());
/// assert!(kstwo_log_sf(2000, 0.9).is_finite());
/// ```
pub fn kstwo_log_sf(n: u64, x: f64) -> f64 {
    let p = kstwo_sf(n, x);
    if p > 1e-290 || p.is_nan() {
        return p.ln();
    }
    std::f64::consts::LN_2 + smirnov_log_sf(n, x)
}

/// Pelz, Good, Approximating the lower tail-areas of the Kolmogorov-Smirnov
/// one-sample statistic, 1976, as transformed by Simard and L'Ecuyer.
fn pelz_good(n: f64, x: f64) -> f64 {
    const PI_2: f64 = PI * PI;
    const PI_4: f64 = PI_2 * PI_2;
    const PI_6: f64 = PI_4 * PI_2;
    let z = n.sqrt() * x;
    let (z2, z4, z6, z8) = (z * z, z.powi(4), z.powi(6), z.powi(8));
    let terms = (16.0 * z / PI).ceil() as u32;
    let mut k0 = 0.0;
    let mut k1 = 0.0;
    let (mut k2, mut k2_extra) = (0.0, 0.0);
    let (mut k3, mut k3_extra) = (0.0, 0.0);
    for k in (1..=terms).rev().map(f64::from) {
        let m2 = (2.0 * k - 1.0).powi(2);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = (-m2 * PI_2 / (8.0 * z2)).exp();
        k0 += weight;
        k1 += weight * (PI_2 / 4.0 * m2 - z2);
        k2 += weight
            * (6.0 * z6
                + 2.0 * z4
                + (2.0 * z4 - 5.0 * z2) * PI_2 / 4.0 * m2
                + PI_4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        k3 += weight
            * (-30.0 * z6 - 90.0 * z8
                + PI_2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + PI_4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * m4
                + PI_6 * (5.0 - 30.0 * z2) / 64.0 * m6);
        let even = k * k * (-PI_2 * k * k / (2.0 * z2)).exp();
        k2_extra += even;
        k3_extra += (3.0 * z2 - PI_2 * k * k) * even;
    }
    let root = (2.0 * PI).sqrt();
    let k0 = k0 * root / z;
    let k1 = k1 * root / (6.0 * z4);
    let k2 = k2 * root / (72.0 * z.powi(7)) - k2_extra * PI_2 * root / (36.0 * z * z2);
    let k3 = k3 * root / (6480.0 * z.powi(10)) + k3_extra * PI_2 * root / (216.0 * z6);
    k0 + k1 / n.sqrt() + k2 / n + k3 / (n * n.sqrt())
}

/// P(D_n < x), exactly: Durbin, 1968, by the matrix power of Marsaglia, Tsang,
/// Wang, Evaluating Kolmogorov's distribution, 2003.
fn durbin(n: u64, x: f64) -> f64 {
    const BIG: f64 = 1e140;
    let t = n as f64 * x;
    let k = t.ceil() as usize;
    let h = k as f64 - t;
    let m = 2 * k - 1;
    let mut inverse_factorial = vec![1.0; m + 2];
    for i in 1..m + 2 {
        inverse_factorial[i] = inverse_factorial[i - 1] / i as f64;
    }
    let mut matrix = vec![0.0; m * m];
    for i in 0..m {
        for j in 0..m.min(i + 2) {
            let mut cell = 1.0;
            if j == 0 {
                cell -= h.powi(i as i32 + 1);
            }
            if i == m - 1 {
                cell -= h.powi((m - j) as i32);
            }
            if i == m - 1 && j == 0 && h > 0.5 {
                cell += (2.0 * h - 1.0).powi(m as i32);
            }
            matrix[i * m + j] = cell * inverse_factorial[i + 1 - j];
        }
    }
    // Only row k of the power is needed: a vector walks through the squarings.
    let mut row = vec![0.0; m];
    row[k - 1] = 1.0;
    let (mut row_scale, mut matrix_scale) = (0.0, 0.0);
    let mut left = n;
    loop {
        if left % 2 == 1 {
            row = multiply(&row, &matrix, m);
            row_scale += matrix_scale + shrink(&mut row, BIG);
        }
        left /= 2;
        if left == 0 {
            break;
        }
        matrix = multiply(&matrix, &matrix, m);
        matrix_scale = 2.0 * matrix_scale + shrink(&mut matrix, BIG);
    }
    // n! / n^n, with the scales (in powers of BIG) taken out on the way.
    let mut p = row[k - 1];
    for i in 1..=n {
        p *= i as f64 / n as f64;
        if p < 1.0 / BIG && row_scale > 0.0 {
            p *= BIG;
            row_scale -= 1.0;
        }
    }
    if row_scale > 0.0 {
        p * BIG.powf(row_scale)
    } else {
        p
    }
}

/// Rows of length `m` times a square matrix.
fn multiply(rows: &[f64], matrix: &[f64], m: usize) -> Vec<f64> {
    let mut product = vec![0.0; rows.len()];
    for (row, out) in rows.chunks_exact(m).zip(product.chunks_exact_mut(m)) {
        for (&factor, line) in row.iter().zip(matrix.chunks_exact(m)) {
            for (out, &cell) in out.iter_mut().zip(line) {
                *out += factor * cell;
            }
        }
    }
    product
}

/// Divides by `big` when the largest value exceeds it; how often (0 or 1).
fn shrink(values: &mut [f64], big: f64) -> f64 {
    if values.iter().all(|&x| x <= big) {
        return 0.0;
    }
    values.iter_mut().for_each(|x| *x /= big);
    1.0
}
