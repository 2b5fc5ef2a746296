//! What is left of gamma functions beside their saddle point: probabilities
//! written with these keep their relative accuracy at any size, where the
//! difference of two logarithms of gamma functions cancels.

/// v ln(v / (v + d)) + d: Loader's bd0, from the difference d itself.
pub(super) fn deviance(v: f64, d: f64) -> f64 {
    let r = d / v;
    if r.abs() > 0.1 {
        return d - v * r.ln_1p();
    }
    // r - ln(1 + r), by the series of artanh around s = r / (2 + r):
    // r = 2s / (1 - s), so r - 2 artanh(s) = r s - 2 (s^3/3 + s^5/5 + ...).
    let s = r / (2.0 + r);
    let square = s * s;
    let mut power = s * square;
    let mut series = 0.0;
    let mut odd = 3.0;
    while power.abs() > 1e-18 * square {
        series += power / odd;
        power *= square;
        odd += 2.0;
    }
    v * (r * s - 2.0 * series)
}

/// v ln(v / mean) + mean - v, for `mean` near 0 too, where the difference
/// would lose it.
pub(super) fn deviance_from(v: f64, mean: f64) -> f64 {
    if mean < 0.5 * v {
        (mean - v) + v * (v.ln() - mean.ln())
    } else {
        deviance(v, mean - v)
    }
}

/// ln Gamma(v + 1) - (v + 1/2) ln v + v - ln(2 pi) / 2 (NIST DLMF 5.11.1).
pub(super) fn stirling_error(v: f64) -> f64 {
    let mut v = v;
    let mut shift = 0.0;
    while v < 16.0 {
        // e(v) = e(v + 1) + (v + 1/2) ln(1 + 1/v) - 1
        shift += (v + 0.5) * v.recip().ln_1p() - 1.0;
        v += 1.0;
    }
    let w = 1.0 / (v * v);
    shift
        + (1.0 / 12.0
            - w * (1.0 / 360.0
                - w * (1.0 / 1260.0
                    - w * (1.0 / 1680.0 - w * (1.0 / 1188.0 - w * 691.0 / 360_360.0)))))
            / v
}

/// e^u - 1 - u, without cancellation.
pub(super) fn exp_excess(u: f64) -> f64 {
    if u.abs() > 0.5 {
        return u.exp_m1() - u;
    }
    // The Taylor series; the seventeenth term is below 1e-17 of the first.
    let mut series = 1.0;
    for k in (3..=17).rev() {
        series = 1.0 + u / f64::from(k) * series;
    }
    0.5 * u * u * series
}
