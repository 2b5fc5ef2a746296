//! Plain words of YAML's core schema, and numbers of any size.

use super::node::Value;

/// The value of a plain scalar: YAML 1.2.2, section 10.3.2 (core schema).
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => float(f64::INFINITY, text),
        "-.inf" | "-.Inf" | "-.INF" => float(f64::NEG_INFINITY, text),
        ".nan" | ".NaN" | ".NAN" => float(f64::NAN, text),
        _ => based(text, "0x", 16)
            .or_else(|| based(text, "0o", 8))
            .or_else(|| decimal(text))
            .unwrap_or_else(|| Value::Text(text.into())),
    }
}

/// A whole number, or a float where it is too large for one.
pub(super) fn integer(digits: &str, radix: u32, written: &str) -> Option<Value> {
    match i128::from_str_radix(digits, radix) {
        Ok(number) if number.to_string() == written => Some(Value::Integer(number, None)),
        Ok(number) => Some(Value::Integer(number, Some(written.into()))),
        Err(_) if radix == 10 => Some(float(digits.parse().ok()?, written)),
        Err(_) => Some(float(f64::INFINITY, written)),
    }
}

/// A float, with how it is written.
pub(super) fn float(number: f64, written: &str) -> Value {
    Value::Float(number, Some(written.into()))
}

fn based(text: &str, prefix: &str, radix: u32) -> Option<Value> {
    let digits = text.strip_prefix(prefix)?;
    let are_digits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    are_digits.then(|| integer(digits, radix, text)).flatten()
}

/// `[-+]?[0-9]+`, or `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
pub(super) fn decimal(text: &str) -> Option<Value> {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && are_digits(unsigned) {
        return integer(text, 10, text);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && are_digits(digits)
    });
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_mantissa =
        are_digits(whole) && are_digits(part) && !(whole.is_empty() && part.is_empty());
    (is_exponent && is_mantissa)
        .then(|| Some(float(text.parse().ok()?, text)))
        .flatten()
}
