//! The packages of the workspace and what they depend on, from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::repository::{LoadError, run};

/// The members of the workspace and the graph of everything that they resolve to.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The members, in the order of their names.
    pub(crate) members: Vec<Package>,
    /// Names of resolved packages and of those that they need at run time.
    pub(crate) runtime_graph: BTreeMap<String, BTreeSet<String>>,
    /// How many packages the default features resolve to on this platform, tests included.
    pub(crate) resolved: usize,
}

/// One member of the workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// The path of its manifest from the root of the repository.
    pub(crate) manifest: String,
    /// What it says about itself.
    pub(crate) description: Option<String>,
    /// Names of the packages that its own code needs, optional ones included, without those that
    /// only its tests or build script use.
    pub(crate) dependencies: Vec<String>,
}

impl Package {
    /// The folder of the package, from the root of the repository.
    pub(crate) fn folder(&self) -> &str {
        self.manifest
            .strip_suffix("/Cargo.toml")
            .unwrap_or_default()
    }
}

impl Workspace {
    /// Asks `cargo` about the workspace at `root`.
    pub(crate) fn load(root: &Path) -> Result<Self, LoadError> {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let versions = run(root, "rustc", &["-vV"])?;
        let host = versions
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap_or_default();
        let arguments = [
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ];
        let text = run(root, &cargo, &arguments)?;
        let metadata: Value = serde_json::from_str(&text).map_err(|error| LoadError::Output {
            command: "cargo metadata".to_owned(),
            detail: error.to_string(),
        })?;
        Ok(Self::from_metadata(&metadata))
    }

    /// Reads the answer of `cargo metadata --format-version 1`.
    fn from_metadata(metadata: &Value) -> Self {
        let root = text(metadata, "workspace_root");
        let members: BTreeSet<&str> = items(metadata, "workspace_members")
            .filter_map(Value::as_str)
            .collect();
        let mut packages: Vec<Package> = items(metadata, "packages")
            .filter(|package| members.contains(text(package, "id")))
            .map(|package| read_package(package, root))
            .collect();
        packages.sort_by(|left, right| left.name.cmp(&right.name));
        let nodes = metadata.get("resolve").unwrap_or(&Value::Null);
        Self {
            members: packages,
            runtime_graph: read_graph(metadata, nodes),
            resolved: items(nodes, "nodes").count(),
        }
    }

    /// Everything that `package` needs at run time, with the path that leads there.
    pub(crate) fn reach<'a>(&'a self, package: &'a str) -> BTreeMap<&'a str, Vec<&'a str>> {
        let mut reached: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut waiting = vec![vec![package]];
        while let Some(path) = waiting.pop() {
            let Some(last) = path.last().copied() else {
                continue;
            };
            for next in self.runtime_graph.get(last).into_iter().flatten() {
                if !reached.contains_key(next.as_str()) {
                    let mut longer = path.clone();
                    longer.push(next);
                    reached.insert(next, longer.clone());
                    waiting.push(longer);
                }
            }
        }
        reached
    }
}

fn read_package(package: &Value, root: &str) -> Package {
    let manifest = text(package, "manifest_path");
    let manifest = manifest
        .strip_prefix(root)
        .unwrap_or(manifest)
        .trim_start_matches('/');
    Package {
        name: text(package, "name").to_owned(),
        manifest: manifest.to_owned(),
        description: package
            .get("description")
            .and_then(Value::as_str)
            .map(str::to_owned),
        dependencies: items(package, "dependencies")
            .filter(|dependency| dependency.get("kind").is_none_or(Value::is_null))
            .map(|dependency| text(dependency, "name").to_owned())
            .collect(),
    }
}

fn read_graph(metadata: &Value, resolve: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeMap<&str, &str> = items(metadata, "packages")
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let name = |id: &str| names.get(id).copied().unwrap_or_default().to_owned();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in items(resolve, "nodes") {
        let needs = items(node, "deps")
            .filter(|edge| {
                items(edge, "dep_kinds").any(|kind| kind.get("kind").is_none_or(Value::is_null))
            })
            .map(|edge| name(text(edge, "pkg")));
        graph
            .entry(name(text(node, "id")))
            .or_default()
            .extend(needs);
    }
    graph
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_becomes_packages_and_a_graph() {
        let metadata = json!({
            "workspace_root": "/repository",
            "workspace_members": ["one"],
            "packages": [
                {"id": "one", "name": "first", "manifest_path": "/repository/crates/first/Cargo.toml",
                 "description": "The first.", "dependencies": [
                    {"name": "second", "kind": null}, {"name": "tests-only", "kind": "dev"}]},
                {"id": "two", "name": "second", "manifest_path": "/elsewhere/Cargo.toml", "dependencies": []},
                {"id": "three", "name": "third", "manifest_path": "/elsewhere/Cargo.toml", "dependencies": []}
            ],
            "resolve": {"nodes": [
                {"id": "one", "deps": [{"pkg": "two", "dep_kinds": [{"kind": null}]}]},
                {"id": "two", "deps": [{"pkg": "three", "dep_kinds": [{"kind": null}]},
                                       {"pkg": "one", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "three", "deps": []}
            ]}
        });
        let workspace = Workspace::from_metadata(&metadata);
        assert_eq!(workspace.resolved, 3);
        assert_eq!(workspace.members.len(), 1);
        assert_eq!(workspace.members[0].folder(), "crates/first");
        assert_eq!(workspace.members[0].dependencies, ["second"]);
        let reached = workspace.reach("first");
        assert_eq!(reached["third"], ["first", "second", "third"]);
    }
}
