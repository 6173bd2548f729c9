#![allow(unused)]

use agno::tool;

struct City;

/// Weather in a city.
#[tool]
async fn weather(city: City) -> String {
    String::new()
}

fn main() {}
