//! What a crate may not reach, however long the way: `core` and `engine` do no IO.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// Crates that stay pure.
const PURE: &[&str] = &["agno-core", "agno-engine", "agno-headroom", "agno-macros"];
/// Runtimes, clients and databases.
const IO: &[&str] = &[
    "async-std",
    "hyper",
    "mio",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "sqlx",
    "tokio",
    "ureq",
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let workspace = &repository.workspace;
    let mut problems = Vec::new();
    for package in workspace
        .members
        .iter()
        .filter(|package| PURE.contains(&package.name.as_str()))
    {
        for (reached, path) in workspace.reach(&package.name) {
            if IO.contains(&reached) {
                let message = format!("a pure crate reaches IO: {}", path.join(" -> "));
                problems.push(Problem::new(&package.manifest, 1, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::{Package, Workspace};

    #[test]
    fn the_way_is_named() {
        let package = |name: &str| Package {
            name: name.to_owned(),
            ..Package::default()
        };
        let edges = [
            ("agno-core", "helper"),
            ("helper", "tokio"),
            ("agno-net", "tokio"),
        ];
        let runtime_graph = edges
            .iter()
            .map(|(from, to)| ((*from).to_owned(), [(*to).to_owned()].into()))
            .collect();
        let members = vec![package("agno-core"), package("agno-net")];
        let workspace = Workspace {
            members,
            runtime_graph,
            resolved: 0,
        };
        let repository = Repository {
            workspace,
            ..Repository::default()
        };
        let found: Vec<String> = check(&repository)
            .into_iter()
            .map(|found| found.message)
            .collect();
        assert_eq!(
            found,
            ["a pure crate reaches IO: agno-core -> helper -> tokio"]
        );
    }
}
