#![allow(unused)]

use agno::tool;

struct Report;

/// Weather in a city.
#[tool]
async fn weather(city: String) -> Report {
    Report
}

fn main() {}
