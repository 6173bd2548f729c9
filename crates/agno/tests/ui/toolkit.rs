#![allow(unused)]

use agno::toolkit;

struct Shop;

#[toolkit]
impl Shop {
    /// Sells apples.
    #[tool]
    fn sell(&mut self, count: u32) {}

    /// Sells pears.
    #[tool]
    fn pears(count: u32) {}

    #[tool]
    fn undescribed(&self) {}

    /// Sells plums.
    #[tool(efect = pure)]
    fn plums(&self) {}
}

#[toolkit]
impl Shop {
    fn helper(&self) {}
}

#[toolkit]
impl<T> Generic<T> {}

#[toolkit(prefix = "shop")]
impl Shop {}

fn main() {}
