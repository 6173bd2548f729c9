//! Which crate may depend on which: the diagram of the architecture as a table.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;
use crate::tidy::workspace::Package;

/// Each crate with the crates of this workspace that its code may name.
///
/// `agno` is the composition root and may name all. The crates that reach the outside world
/// (`models`, `knowledge`, `tools`, `store`, `protocols`) never name each other, and `runtime` and
/// `os` name none of them, so that neither knows a vendor.
const ALLOWED: &[(&str, &[&str])] = &[
    ("agno-core", &[]),
    ("agno-engine", &["agno-core"]),
    ("agno-headroom", &["agno-core"]),
    ("agno-knowledge", &["agno-core", "agno-net"]),
    ("agno-macros", &[]),
    ("agno-models", &["agno-core", "agno-net"]),
    ("agno-net", &["agno-core"]),
    ("agno-os", &["agno-core", "agno-engine", "agno-runtime"]),
    ("agno-protocols", &["agno-core"]),
    (
        "agno-runtime",
        &["agno-core", "agno-engine", "agno-headroom"],
    ),
    ("agno-store", &["agno-core"]),
    ("agno-tools", &["agno-core", "agno-net"]),
    ("xtask", &[]),
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let members = &repository.workspace.members;
    let is_member = |name: &str| members.iter().any(|member| member.name == name);
    let mut problems = Vec::new();
    for package in members.iter().filter(|package| package.name != "agno") {
        let Some(allowed) = allowed(package) else {
            let message = "this crate is not in the table of allowed edges: \
                           add it to xtask/src/tidy/checks/crate_edges.rs and to ARCHITECTURE.md";
            problems.push(Problem::new(&package.manifest, 1, message));
            continue;
        };
        for name in package.dependencies.iter().filter(|name| is_member(name)) {
            if !allowed.contains(&name.as_str()) {
                let message = format!(
                    "`{}` may not depend on `{name}`: {}",
                    package.name,
                    hint(allowed)
                );
                problems.push(Problem::new(&package.manifest, 1, message));
            }
        }
    }
    problems
}

/// What `package` may name. Examples and benchmarks are users: they see what users see.
fn allowed(package: &Package) -> Option<&'static [&'static str]> {
    let is_user = ["examples/", "benches/"]
        .iter()
        .any(|folder| package.manifest.starts_with(folder));
    if is_user {
        return Some(&["agno"]);
    }
    ALLOWED
        .iter()
        .find(|(name, _)| *name == package.name)
        .map(|(_, allowed)| *allowed)
}

fn hint(allowed: &[&str]) -> String {
    match allowed {
        [] => "it depends on no crate of this workspace".to_owned(),
        allowed => format!(
            "only on {}; put a trait into agno-core instead",
            allowed.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::Workspace;

    fn package(name: &str, folder: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            manifest: format!("{folder}/{name}/Cargo.toml"),
            description: None,
            dependencies: dependencies.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn problems(members: Vec<Package>) -> Vec<String> {
        let workspace = Workspace {
            members,
            ..Workspace::default()
        };
        let repository = Repository {
            workspace,
            ..Repository::default()
        };
        check(&repository)
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn siblings_and_vendors_stay_apart() {
        let found = problems(vec![
            package(
                "agno",
                "crates",
                &["agno-models", "agno-net", "agno-runtime"],
            ),
            package("agno-core", "crates", &["serde"]),
            package("agno-models", "crates", &["agno-core", "agno-net", "serde"]),
            package("agno-net", "crates", &["agno-core"]),
            package("agno-runtime", "crates", &["agno-core", "agno-models"]),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("`agno-runtime` may not depend on `agno-models`"),
            "{found:?}"
        );
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_is_a_problem() {
        assert_eq!(
            problems(vec![package("agno-extra", "crates", &[])]).len(),
            1
        );
    }

    #[test]
    fn examples_use_the_facade() {
        let found = problems(vec![
            package("agno", "crates", &[]),
            package("agno-core", "crates", &[]),
            package("hello", "examples", &["agno", "agno-core"]),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
