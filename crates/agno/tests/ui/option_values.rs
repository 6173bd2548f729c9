#![allow(unused)]

use agno::tool;

/// Weather in a city.
#[tool(confirm, external)]
async fn exclusive(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(timeout = "30 minutes")]
async fn timeout(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(user_input(citty))]
async fn user_input(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(name = "the weather")]
async fn name(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(call_limit = 0)]
async fn call_limit(city: String) -> String {
    city
}

/// Weather in a city.
#[tool(strict, strict)]
async fn twice(city: String) -> String {
    city
}

fn main() {}
