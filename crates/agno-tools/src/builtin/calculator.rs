//! Arithmetic, which models are bad at.

use std::sync::Arc;

use agno_core::Tool;
use schemars::JsonSchema;
use serde::Deserialize;

use super::pure::pure;

/// The largest `n` whose factorial is computed: it has 2,568 digits, which is enough to read.
const LARGEST_FACTORIAL: u32 = 1_000;

/// Two operands.
#[derive(Deserialize, JsonSchema)]
struct Operands {
    /// The first operand.
    a: f64,
    /// The second operand.
    b: f64,
}

/// One operand.
#[derive(Deserialize, JsonSchema)]
struct Operand {
    /// The operand.
    n: f64,
}

/// One operand that is a whole number.
#[derive(Deserialize, JsonSchema)]
struct Whole {
    /// A whole number, 0 or more.
    n: u64,
}

pub(super) fn tools() -> Vec<Arc<dyn Tool>> {
    vec![
        pure("add", "The sum: a plus b.", |x: Operands| finite(x.a + x.b)),
        pure(
            "subtract",
            "The difference: a minus b, or b subtracted from a.",
            |x: Operands| finite(x.a - x.b),
        ),
        pure(
            "multiply",
            "The product: a times b, or a multiplied by b.",
            |x: Operands| finite(x.a * x.b),
        ),
        pure("divide", "The quotient: a divided by b.", divide),
        pure("exponentiate", "a to the power of b.", |x: Operands| {
            finite(x.a.powf(x.b))
        }),
        pure("factorial", "The factorial of n: 1 · 2 · … · n.", factorial),
        pure("is_prime", "Whether n is a prime.", |x: Whole| {
            Ok(is_prime(x.n).to_string())
        }),
        pure("square_root", "The square root of n.", square_root),
    ]
}

fn finite(result: f64) -> Result<String, String> {
    if result.is_finite() {
        // Adding 0 turns -0 into 0.
        Ok((result + 0.0).to_string())
    } else {
        Err("the result is too large, or not a real number".to_owned())
    }
}

fn divide(operands: Operands) -> Result<String, String> {
    if operands.b == 0.0 {
        return Err("division by zero: ask for another divisor".to_owned());
    }
    finite(operands.a / operands.b)
}

fn square_root(operand: Operand) -> Result<String, String> {
    if operand.n < 0.0 {
        return Err("a negative number has no real square root".to_owned());
    }
    finite(operand.n.sqrt())
}

/// Exact, by long multiplication in groups of nine digits.
fn factorial(operand: Whole) -> Result<String, String> {
    const BASE: u64 = 1_000_000_000;
    let n = u32::try_from(operand.n)
        .ok()
        .filter(|n| *n <= LARGEST_FACTORIAL)
        .ok_or_else(|| format!("n must be at most {LARGEST_FACTORIAL}"))?;
    let mut groups: Vec<u64> = vec![1];
    for factor in 2..=u64::from(n) {
        let mut carry = 0;
        for group in &mut groups {
            let product = *group * factor + carry;
            *group = product % BASE;
            carry = product / BASE;
        }
        if carry > 0 {
            groups.push(carry);
        }
    }
    let mut digits = String::new();
    for group in groups.iter().rev() {
        if digits.is_empty() {
            digits.push_str(&group.to_string());
        } else {
            digits.push_str(&format!("{group:09}"));
        }
    }
    Ok(digits)
}

/// The Miller-Rabin test. With these bases it is exact for all 64-bit numbers.
fn is_prime(n: u64) -> bool {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 {
        return false;
    }
    if let Some(base) = BASES.iter().find(|base| n.is_multiple_of(**base)) {
        return n == *base;
    }
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    BASES.iter().all(|base| {
        let mut power = power_modulo(*base, odd, n);
        if power == 1 || power == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            power = multiply_modulo(power, power, n);
            power == n - 1
        })
    })
}

fn multiply_modulo(a: u64, b: u64, modulus: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(modulus);
    u64::try_from(product).unwrap_or_default()
}

fn power_modulo(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    base %= modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply_modulo(result, base, modulus);
        }
        base = multiply_modulo(base, base, modulus);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Whole, factorial, is_prime};

    #[test]
    fn primes_are_told_from_the_rest() {
        let primes: Vec<u64> = (0..30).filter(|n| is_prime(*n)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert!(is_prime(18_446_744_073_709_551_557));
        assert!(!is_prime(3_215_031_751), "passes the bases 2, 3, 5 and 7");
        assert!(!is_prime(u64::MAX));
    }

    #[test]
    fn factorials_are_exact() {
        assert_eq!(factorial(Whole { n: 0 }).unwrap(), "1");
        assert_eq!(
            factorial(Whole { n: 30 }).unwrap(),
            "265252859812191058636308480000000"
        );
        assert_eq!(factorial(Whole { n: 1000 }).unwrap().len(), 2568);
        assert!(factorial(Whole { n: 1001 }).is_err());
    }
}
