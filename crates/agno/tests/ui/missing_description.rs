#![allow(unused)]

use agno::tool;

#[tool]
async fn weather(city: String) -> String {
    city
}

/// # Errors
/// Never.
#[tool]
async fn forecast(city: String) -> String {
    city
}

fn main() {}
