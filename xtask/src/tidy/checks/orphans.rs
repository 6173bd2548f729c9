//! Every page of the guide and every example is linked from somewhere.

use std::collections::BTreeSet;

use super::links::{links_of, resolve};
use crate::tidy::Problem;
use crate::tidy::repository::Repository;

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut linked: BTreeSet<String> = BTreeSet::new();
    for file in repository
        .files
        .iter()
        .filter(|file| file.path.ends_with(".md"))
    {
        let targets = links_of(file)
            .into_iter()
            .filter_map(|(_, target)| resolve(&file.path, &target));
        linked.extend(targets.filter(|target| *target != file.path));
    }
    let examples: BTreeSet<String> = repository
        .paths
        .iter()
        .filter_map(|path| example_of(path))
        .collect();
    let is_linked = |path: &str| {
        let folder = format!("{path}/");
        linked
            .iter()
            .any(|target| target == path || target.starts_with(&folder))
    };
    let pages = repository
        .paths
        .iter()
        .filter(|path| {
            path.starts_with("docs/") && path.ends_with(".md") && *path != "docs/README.md"
        })
        .map(|path| (path, "no page links to this one: add it to docs/README.md"));
    let examples = examples.iter().map(|path| {
        (
            path,
            "no page links to this example: add it to README.md or docs/README.md",
        )
    });
    pages
        .chain(examples)
        .filter(|(path, _)| !is_linked(path))
        .map(|(path, message)| Problem::new(path, 1, message))
        .collect()
}

/// The example that the file at `path` belongs to: a folder or a file right below `examples`.
fn example_of(path: &str) -> Option<String> {
    let inside = path.strip_prefix("examples/")?;
    let name = inside
        .split('/')
        .next()
        .filter(|name| *name != "README.md" && *name != "Cargo.toml")?;
    Some(format!("examples/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_examples_need_a_link() {
        let repository = Repository::of(&[
            (
                "README.md",
                "[guide](docs/README.md) [hello](examples/hello/README.md)\n",
            ),
            ("docs/README.md", "[agents](agents.md)\n"),
            ("docs/agents.md", "[self](lonely.md#x)\n"),
            ("docs/lonely.md", "[self](lonely.md)\n"),
            ("docs/alone.md", "[self](alone.md)\n"),
            ("examples/hello/src/main.rs", ""),
            ("examples/hello/README.md", ""),
            ("examples/other.yaml", ""),
        ]);
        let paths: Vec<String> = check(&repository)
            .into_iter()
            .map(|problem| problem.path)
            .collect();
        assert_eq!(paths, ["docs/alone.md", "examples/other.yaml"]);
    }
}
