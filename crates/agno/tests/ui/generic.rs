#![allow(unused)]

use agno::tool;

/// Weather in a city.
#[tool]
async fn weather<T: ToString>(city: T) -> String {
    city.to_string()
}

fn main() {}
