//! Numbers as a person reads them.

/// As in p99 or p99.9.
pub(super) fn percentile(quantile: f64) -> String {
    let text = format!("{:.6}", 100.0 * quantile);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("p{text}")
}

/// Four significant digits, in exponent form where that is shorter.
pub(super) fn short(value: f64) -> String {
    if value == 0.0 || !(1e-3..1e7).contains(&value) {
        return format!("{value:.3e}")
            .replace(".000e", "e")
            .replace("0e0", "0");
    }
    let decimals = (3 - value.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
