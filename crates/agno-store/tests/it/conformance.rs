//! The exported suite over every backend.

use std::sync::Arc;

use agno_core::db::{Db, Durability};
use agno_store::conformance::CHECKS;
use agno_store::{MemoryDb, Sqlite};
use tokio::runtime::{Builder, Runtime};

/// Runs every check on one thread and on several, and names all that fail.
fn check(make: impl Fn() -> Arc<dyn Db>) {
    let single = Builder::new_current_thread().enable_all().build().unwrap();
    let several = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    let mut failures = Vec::new();
    for runtime in [single, several] {
        for check in CHECKS {
            failures.extend(spawned(&runtime, check, make()).err());
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Runs a check in a task, as servers do, and not on the thread that started the runtime.
fn spawned(
    runtime: &Runtime,
    check: &'static agno_store::conformance::Check,
    db: Arc<dyn Db>,
) -> Result<(), agno_store::conformance::Failure> {
    runtime.block_on(async { tokio::spawn(check.run(db)).await.unwrap() })
}

#[test]
fn memory() {
    check(|| MemoryDb::new().into());
}

#[test]
fn sqlite_in_memory() {
    check(|| Sqlite::open(":memory:").unwrap().into());
}

#[test]
fn sqlite_safe_against_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    check(|| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.db", number.get()));
        Sqlite::open(path).unwrap().into()
    });
}

#[test]
fn sqlite_safe_against_a_lost_machine() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    check(|| {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.db", number.get()));
        let options = Sqlite::options().durability(Durability::Machine);
        options.open(path).unwrap().into()
    });
}
