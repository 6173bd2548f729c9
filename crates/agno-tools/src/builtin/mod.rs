//! Toolkits that need no set-up, by the name that a file gives them.
//!
//! Descriptions are short and each word of them belongs to one tool only: models choose by them,
//! and so does the offline model, which knows nothing but words.

mod calculator;
mod clock;
mod pure;

use std::fmt;
use std::sync::Arc;

use agno_core::Tool;

/// Tools that belong together.
pub struct Toolkit {
    /// What files call it.
    pub name: &'static str,
    /// What it is for, for people.
    pub description: &'static str,
    make: fn() -> Vec<Arc<dyn Tool>>,
}

impl Toolkit {
    /// Its tools.
    pub fn tools(&self) -> Vec<Arc<dyn Tool>> {
        (self.make)()
    }

    /// The names of its tools.
    pub fn tool_names(&self) -> Vec<String> {
        let tools = self.tools();
        tools
            .iter()
            .map(|tool| tool.spec().name.to_string())
            .collect()
    }
}

impl fmt::Debug for Toolkit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Toolkit")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All toolkits, in the order of their names.
pub fn all() -> &'static [Toolkit] {
    &[
        Toolkit {
            name: "calculator",
            description: "Arithmetic: add, subtract, multiply, divide, exponentiate, factorial, \
                          is_prime, square_root.",
            make: calculator::tools,
        },
        Toolkit {
            name: "clock",
            description: "The current date and time, in any time zone.",
            make: clock::tools,
        },
    ]
}

/// The toolkit of the given name.
pub fn find(name: &str) -> Option<&'static Toolkit> {
    all().iter().find(|toolkit| toolkit.name == name)
}
