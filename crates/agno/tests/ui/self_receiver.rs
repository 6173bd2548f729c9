#![allow(unused)]

use agno::tool;

struct Weather;

impl Weather {
    /// Weather in a city.
    #[tool]
    async fn weather(&self, city: String) -> String {
        city
    }
}

fn main() {}
