//! Every manifest takes version, edition, licence and lints from the workspace and says what the
//! package is for.

use crate::tidy::Problem;
use crate::tidy::repository::{File, Repository};

/// Keys of `[package]` that come from the workspace.
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license"];

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &repository.workspace.members {
        if package
            .description
            .as_deref()
            .is_none_or(|text| text.trim().is_empty())
        {
            let message = "`description` is missing: say in one sentence what the package is for";
            problems.push(Problem::new(&package.manifest, 1, message));
        }
        let Some(file) = repository.file(&package.manifest) else {
            continue;
        };
        for key in INHERITED
            .iter()
            .filter(|key| !inherits(file, "package", key))
        {
            let message = format!("`{key}.workspace = true` is missing under [package]");
            problems.push(Problem::new(&file.path, 1, message));
        }
        if !section(file, "lints").any(|line| line == "workspace=true") {
            let message =
                "the lints of the workspace are missing: add `[lints]` with `workspace = true`";
            problems.push(Problem::new(&file.path, 1, message));
        }
    }
    problems
}

fn inherits(file: &File, name: &str, key: &str) -> bool {
    section(file, name).any(|line| {
        line == format!("{key}.workspace=true") || line == format!("{key}={{workspace=true}}")
    })
}

/// The lines under `[name]`, without spaces.
fn section<'a>(file: &'a File, name: &str) -> impl Iterator<Item = String> + 'a {
    let header = format!("[{name}]");
    file.text
        .lines()
        .map(|line| {
            line.chars()
                .filter(|character| !character.is_whitespace())
                .collect::<String>()
        })
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::{Package, Workspace};

    const PATH: &str = "crates/a/Cargo.toml";

    fn messages(text: &str, description: Option<&str>) -> Vec<String> {
        let package = Package {
            name: "a".to_owned(),
            manifest: PATH.to_owned(),
            description: description.map(str::to_owned),
            dependencies: Vec::new(),
        };
        let mut repository = Repository::of(&[(PATH, text)]);
        repository.workspace = Workspace {
            members: vec![package],
            ..Workspace::default()
        };
        check(&repository)
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn a_complete_manifest_passes() {
        let text = "[package]\nname = \"a\"\nversion.workspace = true\nedition = { workspace = true }\n\
                    rust-version.workspace = true\nlicense.workspace = true\n\n[lints]\nworkspace = true\n";
        assert_eq!(messages(text, Some("The first.")), Vec::<String>::new());
    }

    #[test]
    fn each_missing_part_is_named() {
        let text = "[package]\nversion = \"1.0.0\"\nedition.workspace = true\nlicense.workspace = true\n\
                    [dependencies]\nrust-version.workspace = true\n";
        let found = messages(text, None);
        assert_eq!(found.len(), 4, "{found:?}");
    }
}
