#![allow(unused)]

use agno::tool;

/// Weather in a city.
#[tool]
struct Weather;

fn main() {}
