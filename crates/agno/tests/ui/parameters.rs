#![allow(unused)]

use agno::tool;

struct User;

/// Weather in a city.
#[tool]
async fn pattern((city, days): (String, u32)) -> String {
    city
}

/// Weather in a city.
#[tool]
async fn mutable(city: &mut String, days: impl Into<u32>) {}

/// Weather in a city.
///
/// # Arguments
/// * `citty` - its name
#[tool]
async fn documented(city: String) -> String {
    city
}

/// Weather in a city.
#[tool]
async fn injected(#[inject] user: User) {}

fn main() {}
