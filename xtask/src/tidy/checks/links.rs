//! Every relative link in a Markdown file leads to a file, and its `#part` to a heading.

use crate::tidy::Problem;
use crate::tidy::repository::{File, Repository};

pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in repository
        .files
        .iter()
        .filter(|file| file.path.ends_with(".md"))
    {
        for (line, target) in links_of(file) {
            if let Some(message) = why_broken(repository, file, &target) {
                problems.push(Problem::new(&file.path, line, message));
            }
        }
    }
    problems
}

/// The links of a Markdown file with their lines: `[text](target)` outside of code.
pub(crate) fn links_of(file: &File) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (line, text) in prose(file) {
        let mut rest = without_code(text);
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, behind)) = after.split_once(')') else {
                break;
            };
            let target = target.split_whitespace().next().unwrap_or_default();
            links.push((line, target.trim_matches(['<', '>']).to_owned()));
            rest = behind.to_owned();
        }
    }
    links
}

/// The path that a relative link of the file at `from` leads to, without its `#part`.
///
/// `None` for links to other hosts and to parts of the same file.
pub(crate) fn resolve(from: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                folders.pop();
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

fn why_broken(repository: &Repository, file: &File, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let path = resolve(&file.path, target).unwrap_or_else(|| file.path.clone());
    let folder = format!("{path}/");
    let exists = path.is_empty()
        || repository
            .paths
            .iter()
            .any(|known| *known == path || known.starts_with(&folder));
    if !exists {
        return Some(format!("`{target}` leads nowhere: there is no `{path}`"));
    }
    let (_, part) = target.split_once('#')?;
    let linked = repository
        .file(&path)
        .filter(|linked| linked.path.ends_with(".md"))?;
    let found =
        prose(linked).any(|(_, line)| heading(line).is_some_and(|heading| slug(heading) == part));
    (!found).then(|| format!("`{target}` leads nowhere: `{path}` has no such heading"))
}

/// The lines of a Markdown file outside of fenced code.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    file.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        in_code ^= fence;
        !fence && !in_code
    })
}

/// The line without its `code`.
fn without_code(line: &str) -> String {
    line.split('`')
        .enumerate()
        .filter(|(index, _)| index % 2 == 0)
        .map(|(_, text)| text)
        .collect()
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    (text.len() < line.len() && text.starts_with(' ')).then(|| text.trim())
}

/// The name by which a heading is linked: lower case, dashes for spaces, no other signs.
fn slug(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            character if character.is_alphanumeric() => Some(character.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_folders_and_headings() {
        let guide = "# Guide\n[a](../README.md) [b](other.md#first-steps) [c](#guide) [d](../crates)\n\
                     [e](missing.md) [f](other.md#nothing) [g](https://example.com/x.md)\n\
                     ```\n[h](gone.md)\n```\n`[i](gone.md)` and ![j](gone.png \"title\")\n";
        let repository = Repository::of(&[
            ("docs/guide.md", guide),
            ("docs/other.md", "# Other\n## First steps\n"),
            ("README.md", "[guide](docs/guide.md)\n"),
            ("crates/a/src/lib.rs", ""),
        ]);
        let found: Vec<String> = check(&repository)
            .into_iter()
            .map(|found| found.to_string())
            .collect();
        assert_eq!(
            found,
            [
                "docs/guide.md:3: `missing.md` leads nowhere: there is no `docs/missing.md`",
                "docs/guide.md:3: `other.md#nothing` leads nowhere: `docs/other.md` has no such heading",
                "docs/guide.md:7: `gone.png` leads nowhere: there is no `docs/gone.png`",
            ]
        );
    }
}
