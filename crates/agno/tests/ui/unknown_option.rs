#![allow(unused)]

use agno::tool;

/// Weather in a city.
#[tool(efect = pure)]
async fn weather(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(effect = idempotant)]
async fn forecast(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(retries = 3)]
async fn climate(city: String) -> String {
    city
}

fn main() {}
