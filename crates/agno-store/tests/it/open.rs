//! Opening: addresses, names, and files that are no database of ours.

use std::sync::Arc;

use agno_core::db::{Attribute, Collection, Db, DbError, Durability, Expect, Write};
use agno_core::{Timestamp, open_database};
use agno_store::{MemoryDb, Sqlite};

static NOTES: Collection = Collection {
    name: "notes",
    attributes: &[],
};

fn note(key: &str) -> Write {
    Write::Put {
        collection: &NOTES,
        key: key.into(),
        attributes: Vec::<Attribute>::new(),
        body: "{}".into(),
        time: Timestamp(1),
        expect: Expect::Absent,
    }
}

#[test]
fn addresses_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("support.sqlite3");
    let shown = path.to_str().unwrap();
    let cases = [
        (shown.to_owned(), "support-db", Durability::Process),
        (
            format!("sqlite:{shown}?id=main"),
            "main",
            Durability::Process,
        ),
        (
            format!("sqlite://{shown}?durability=machine"),
            "support-db",
            Durability::Machine,
        ),
        (":memory:".into(), "memory-db", Durability::Memory),
        (
            "sqlite::memory:?id=scratch".into(),
            "scratch",
            Durability::Memory,
        ),
    ];
    for (address, id, durability) in cases {
        let db = Sqlite::open(&address).unwrap();
        assert_eq!((db.id(), db.durability()), (id, durability), "{address}");
    }
    assert!(path.is_file());
    let db: Arc<dyn Db> = MemoryDb::new().into();
    assert_eq!((db.id(), db.durability()), ("memory", Durability::Memory));
}

#[test]
fn schemes_are_registered() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("agno.db").display());
    assert_eq!(open_database(&address).unwrap().id(), "agno-db");
    assert_eq!(open_database("memory:").unwrap().id(), "memory");
    for (address, part) in [
        ("sqlite:", "names no file"),
        ("sqlite:a.db?color=red", "unknown option `color=red`"),
        ("memory:x", "takes no options"),
    ] {
        let error = open_database(address).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

fn open_error(path: &std::path::Path) -> String {
    match Sqlite::open(path).unwrap_err() {
        DbError::Open(message) => message.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_database_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open_error(folder.path()).contains("is a folder"));
    let missing = folder.path().join("none/agno.db");
    assert!(open_error(&missing).contains("does not exist: create it"));
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "no database, but long enough to look at\n".repeat(50),
    )
    .unwrap();
    assert!(open_error(&text).contains("is not an SQLite database"));
    let memory = Sqlite::options().durability(Durability::Machine);
    assert!(matches!(memory.open(":memory:"), Err(DbError::Open(_))));
    let file = Sqlite::options().durability(Durability::Memory);
    assert!(matches!(
        file.open(folder.path().join("a.db")),
        Err(DbError::Open(_))
    ));
}

#[cfg(unix)]
#[test]
fn missing_permission_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    drop(Sqlite::open(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        println!("skipped: this user may write everything");
        return;
    }
    assert!(open_error(&path).contains("no permission"));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    drop(Sqlite::open(&path).unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE agno_schema_versions SET version = 2", [])
        .unwrap();
    match Sqlite::open(&path).unwrap_err() {
        DbError::NewerSchema(message) => assert!(message.contains("upgrade"), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn works_without_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let db = Sqlite::open(folder.path().join("agno.db")).unwrap();
    drop(db.write(vec![note("dropped")]));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut write = std::pin::pin!(db.write(vec![note("polled once")]).done());
    assert!(write.as_mut().poll(&mut context).is_ready());
    let mut count = db.count(&NOTES, Vec::new());
    match count.as_mut().poll(&mut context) {
        std::task::Poll::Ready(count) => assert_eq!(count, Ok(2)),
        std::task::Poll::Pending => panic!("it waits for a runtime"),
    }
}

#[test]
fn a_runtime_that_ends_takes_no_write_with_it() {
    let folder = tempfile::tempdir().unwrap();
    for durability in [Durability::Process, Durability::Machine] {
        let path = folder.path().join(format!("{durability:?}.db"));
        let db = Sqlite::options()
            .durability(durability)
            .open(&path)
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async { drop(db.write(vec![note("a")])) });
        drop(runtime);
        drop(db);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let db = Sqlite::open(&path).unwrap();
        let record = runtime.block_on(db.get(&NOTES, "a")).unwrap();
        assert!(record.is_some(), "{durability:?}");
    }
}

#[test]
fn debug_output_shows_no_content() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(folder.path().join("agno.db")).unwrap();
    let memory = MemoryDb::new();
    let waiting = [
        sqlite.write(vec![note("secret")]),
        memory.write(vec![note("secret")]),
    ];
    let shown = format!("{sqlite:?} {memory:?} {waiting:?}");
    assert!(
        shown.contains("agno-db") && !shown.contains("secret"),
        "{shown}"
    );
}
