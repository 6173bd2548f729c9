//! Which crate may name a foreign crate that brings sockets, a server or a database.
//!
//! Foreign types stop at their crate, so each of these has one home. Tests are free to use them.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

/// Foreign crates with the crates that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["agno-os"]),
    ("hyper", &["agno-net"]),
    ("hyper-util", &["agno-net"]),
    ("reqwest", &["agno-net"]),
    ("rmcp", &["agno-protocols"]),
    ("rusqlite", &["agno-knowledge", "agno-store"]),
    ("rustls", &["agno-net"]),
    ("rustls-native-certs", &["agno-net"]),
    ("sqlx", &["agno-knowledge", "agno-store"]),
    ("tokio-postgres", &["agno-knowledge", "agno-store"]),
    ("tokio-rustls", &["agno-net"]),
    ("ureq", &["agno-net"]),
    ("utoipa", &["agno-os"]),
    ("utoipa-axum", &["agno-os"]),
];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let crates = repository
        .workspace
        .members
        .iter()
        .filter(|package| package.manifest.starts_with("crates/"));
    let mut problems = Vec::new();
    for package in crates {
        for (foreign, homes) in HOMES {
            let names_it = package.dependencies.iter().any(|name| name == foreign);
            if names_it && !homes.contains(&package.name.as_str()) {
                let message = format!(
                    "`{foreign}` belongs to {} alone: use what that offers",
                    homes.join(" and ")
                );
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
    fn a_socket_outside_of_net_is_a_problem() {
        let package = |name: &str, dependency: &str| Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            description: None,
            dependencies: vec![dependency.to_owned()],
        };
        let members = vec![
            package("agno-net", "reqwest"),
            package("agno-tools", "reqwest"),
        ];
        let workspace = Workspace {
            members,
            ..Workspace::default()
        };
        let found = check(&Repository {
            workspace,
            ..Repository::default()
        });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/agno-tools/Cargo.toml");
    }
}
