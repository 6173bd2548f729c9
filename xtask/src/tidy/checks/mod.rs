//! The registry: one line and one file for each check.

mod bare_allow;
mod changelog;
mod crate_edges;
mod crate_list;
mod crate_reach;
mod direct_dependencies;
mod file_size;
mod links;
mod lockfile;
mod machine_paths;
mod manifests;
mod orphans;
mod purity;
mod test_binaries;
mod test_doctrine;
mod unfinished;

use super::Problem;
use super::repository::Repository;

/// A check looks at the repository and returns what breaks its rule.
pub(crate) type Check = fn(&Repository) -> Vec<Problem>;

/// Every check with the name that its problems carry.
pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("bare-allow", bare_allow::check),
    ("changelog", changelog::check),
    ("crate-edges", crate_edges::check),
    ("crate-list", crate_list::check),
    ("crate-reach", crate_reach::check),
    ("direct-dependencies", direct_dependencies::check),
    ("file-size", file_size::check),
    ("links", links::check),
    ("lockfile", lockfile::check),
    ("machine-paths", machine_paths::check),
    ("manifests", manifests::check),
    ("orphans", orphans::check),
    ("purity", purity::check),
    ("test-binaries", test_binaries::check),
    ("test-doctrine", test_doctrine::check),
    ("unfinished", unfinished::check),
];
