//! The reference material beside the repository.

use std::path::{Path, PathBuf};

/// A file of the reference material; nothing, with a word about it, where it is absent.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("AGNO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = folder.join(path);
    if file.exists() {
        return Some(file);
    }
    println!(
        "skipped: there is no {} (set AGNO_SHARED to its folder)",
        file.display()
    );
    None
}
