//! `crates/README.md` has one line for each crate.

use crate::tidy::Problem;
use crate::tidy::repository::Repository;

const PATH: &str = "crates/README.md";

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let names = repository.workspace.members.iter().filter_map(|package| {
        package
            .folder()
            .strip_prefix("crates/")
            .map(|_| package.name.as_str())
    });
    let Some(file) = repository.file(PATH) else {
        return vec![Problem::new(
            PATH,
            1,
            "the file is missing: list each crate in one line",
        )];
    };
    names
        .filter_map(|name| {
            let shown = format!("[`{name}`]({name})");
            let lines = file
                .lines()
                .filter(|(_, line)| line.contains(&shown))
                .count();
            (lines != 1).then(|| {
                let message =
                    format!("`{name}` is listed in {lines} lines instead of one: write `{shown}`");
                Problem::new(PATH, 1, message)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::workspace::{Package, Workspace};

    #[test]
    fn each_crate_has_its_line() {
        let package = |name: &str| Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            ..Package::default()
        };
        let members = vec![package("one"), package("one-more")];
        let mut repository = Repository::of(&[(PATH, "| [`one`](one) | the first |\n")]);
        repository.workspace = Workspace {
            members,
            ..Workspace::default()
        };
        let found: Vec<String> = check(&repository)
            .into_iter()
            .map(|found| found.message)
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("`one-more` is listed in 0 lines"));
    }
}
