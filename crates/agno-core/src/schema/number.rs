//! JSON's one kind of number, compared by value: `1` and `1.0` are the same.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// The number as an integer, also when it is written with a fraction of zero.
pub(super) fn integer(number: &Number) -> Option<i128> {
    if let Some(signed) = number.as_i64() {
        return Some(signed.into());
    }
    if let Some(unsigned) = number.as_u64() {
        return Some(unsigned.into());
    }
    let float = number.as_f64()?;
    // Up to here every whole float is exact as an integer.
    (float.fract() == 0.0 && float.abs() < 1e38).then_some(float as i128)
}

/// Whether the number has no fraction. Floats beyond the exact range have none.
pub(super) fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// Compares two numbers by value.
pub(super) fn compare(left: &Number, right: &Number) -> Ordering {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => float(left).total_cmp(&float(right)),
    }
}

/// The nearest float; JSON has no numbers that have none.
pub(super) fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::MAX)
}

/// Whether `number` is a multiple of `divisor`. A divisor that is not positive divides everything:
/// the schema is wrong, not the value.
pub(super) fn is_multiple(number: &Number, divisor: &Number) -> bool {
    if let (Some(number), Some(divisor)) = (integer(number), integer(divisor)) {
        return divisor <= 0 || number % divisor == 0;
    }
    let (number, divisor) = (float(number), float(divisor));
    if divisor <= 0.0 {
        return true;
    }
    let quotient = number / divisor;
    if quotient.is_infinite() {
        return number % divisor == 0.0;
    }
    // Decimal fractions are rarely exact in binary: 0.0075 / 0.0001 is not quite 75.
    let error = (quotient - quotient.round()).abs();
    error <= quotient.abs().max(1.0) * f64::EPSILON * 4.0
}

/// Whether two values are the same JSON, whatever the order of members and the spelling of numbers.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => compare(left, right).is_eq(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| equal(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, a)| right.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => left == right,
    }
}
