//! Where in a file a mistake is, as people say it: "in agent `support`".

/// A path of keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Item,
}

impl<'a> Place<'a> {
    pub(super) const fn root() -> Place<'static> {
        Place {
            parent: None,
            step: Step::Root,
        }
    }

    pub(super) const fn key(&'a self, key: &'a str) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    pub(super) const fn item(&'a self) -> Place<'a> {
        Place {
            parent: Some(self),
            step: Step::Item,
        }
    }

    fn keys(&self) -> Vec<&'a str> {
        let mut keys = match self.parent {
            Some(parent) => parent.keys(),
            None => Vec::new(),
        };
        if let Step::Key(key) = self.step {
            keys.push(key);
        }
        keys
    }

    /// The value itself: "`temperature` of agent `support`", "each item of `tools` of …".
    pub(super) fn subject(&self) -> String {
        let item = matches!(self.step, Step::Item);
        let name = name(&self.keys());
        if item {
            format!("each item of {name}")
        } else {
            name
        }
    }

    /// The value as the owner of keys: "agent `support`".
    pub(super) fn owner(&self) -> String {
        name(&self.keys())
    }

    /// What the value is in: "in agent `support`", "at the top".
    pub(super) fn within(&self) -> String {
        let mut keys = self.keys();
        if matches!(self.step, Step::Key(_)) {
            keys.pop();
        }
        if keys.is_empty() {
            "at the top of the file".to_owned()
        } else {
            format!("in {}", name(&keys))
        }
    }
}

/// The value at the end of a path of keys, innermost first.
fn name(keys: &[&str]) -> String {
    let section = |section: &str| match section {
        "agents" => Some("agent"),
        "tools" => Some("tool"),
        "models" => Some("model"),
        _ => None,
    };
    match keys {
        [] => "the file".to_owned(),
        [first, id] if section(first).is_some() => {
            format!("{} `{id}`", section(first).unwrap_or_default())
        }
        [last] => format!("`{last}`"),
        [rest @ .., last] => format!("`{last}` of {}", name(rest)),
    }
}
