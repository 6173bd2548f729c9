//! What only SQLite has: files that outlive the process, tables that gain attributes, checkpoints.

use std::path::Path;
use std::sync::Arc;

use agno_core::db::{
    Attribute, AttributeSpec, Collection, Condition, Db, DbError, Expect, Query, Write,
};
use agno_core::{RunId, Timestamp};
use agno_store::Sqlite;

static BEFORE: Collection = Collection {
    name: "orders",
    attributes: &[AttributeSpec {
        name: "owner",
        indexed: true,
    }],
};

static AFTER: Collection = Collection {
    name: "orders",
    attributes: &[
        AttributeSpec {
            name: "state",
            indexed: true,
        },
        AttributeSpec {
            name: "owner",
            indexed: true,
        },
    ],
};

fn put(collection: &'static Collection, key: &str, attributes: &[&str]) -> Write {
    Write::Put {
        collection,
        key: key.into(),
        attributes: attributes
            .iter()
            .map(|text| Attribute::from(*text))
            .collect(),
        body: format!("{{\"key\":\"{key}\"}}").into(),
        time: Timestamp(5),
        expect: Expect::Absent,
    }
}

fn open(path: &Path) -> Arc<dyn Db> {
    Sqlite::open(path).unwrap().into()
}

#[tokio::test]
async fn a_file_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let run = RunId::new(Timestamp(1));
    let db = open(&path);
    let append = Write::Append {
        run,
        sequence: 0,
        entries: 2,
        body: "[1,2]".into(),
    };
    let delete = Write::Delete {
        collection: &BEFORE,
        conditions: vec![Condition::key("b")],
    };
    let batch = vec![
        put(&BEFORE, "a", &["ann"]),
        put(&BEFORE, "b", &["bob"]),
        append,
        delete,
    ];
    db.write(batch).done().await.unwrap();
    let records = db.query(Query::new(&BEFORE)).await.unwrap();
    let journals = db.journals(vec![run], 0).await.unwrap();
    drop(db);
    let db = open(&path);
    assert_eq!(db.query(Query::new(&BEFORE)).await.unwrap(), records);
    assert_eq!(db.journals(vec![run], 0).await.unwrap(), journals);
    let put = put(&BEFORE, "c", &["cem"]);
    db.write(vec![put]).done().await.unwrap();
    let record = db.get(&BEFORE, "c").await.unwrap().unwrap();
    assert_eq!(record.sequence, 3, "the sequence of `b` is not reused");
}

#[tokio::test]
async fn a_collection_can_gain_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let db = open(&path);
    let old = put(&BEFORE, "old", &["ann"]);
    db.write(vec![old]).done().await.unwrap();
    let error = db.get(&AFTER, "old").await.unwrap_err();
    assert!(matches!(error, DbError::InvalidQuery(_)), "{error:?}");
    let newer = open(&path);
    let new = put(&AFTER, "new", &["open", "bob"]);
    newer.write(vec![new]).done().await.unwrap();
    let records = newer.query(Query::new(&AFTER)).await.unwrap();
    let attributes: Vec<_> = records
        .into_iter()
        .map(|record| record.attributes)
        .collect();
    assert_eq!(
        attributes,
        [
            vec![Attribute::Null, "ann".into()],
            vec!["open".into(), "bob".into()]
        ]
    );
    // The older program still runs.
    let record = db.get(&BEFORE, "new").await.unwrap().unwrap();
    assert_eq!(record.attributes, ["bob".into()]);
    let plan: String = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE state = ?1 \
             ORDER BY _sequence DESC LIMIT 5",
            ["open"],
            |row| row.get(3),
        )
        .unwrap();
    assert_eq!(
        plan,
        "SEARCH orders USING INDEX agno_orders.state (state=?)"
    );
}

#[tokio::test]
async fn damage_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let db = open(&path);
    let batch = vec![put(&BEFORE, "a", &["ann"]), put(&BEFORE, "b", &["bob"])];
    db.write(batch).done().await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute("UPDATE orders SET _version = 'one' WHERE _key = 'a'", [])
        .unwrap();
    other
        .execute("UPDATE orders SET owner = x'00ff' WHERE _key = 'b'", [])
        .unwrap();
    for key in ["a", "b"] {
        let error = db.get(&BEFORE, key).await.unwrap_err().to_string();
        assert!(error.contains("a row of orders is damaged"), "{error}");
    }
}

#[tokio::test]
async fn a_batch_that_fails_does_not_take_its_group_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let db = open(&path);
    let first = put(&BEFORE, "first", &["ann"]);
    db.write(vec![first]).done().await.unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER fails BEFORE INSERT ON orders WHEN NEW._key = 'bad'
             BEGIN SELECT raise(ROLLBACK, 'the disk is on fire'); END;",
        )
        .unwrap();
    let commits: Vec<_> = ["a", "bad", "b", "a"]
        .into_iter()
        .map(|key| db.write(vec![put(&BEFORE, key, &["x"])]))
        .collect();
    let mut results = Vec::new();
    for commit in commits {
        results.push(commit.done().await);
    }
    assert_eq!(results[0], Ok(()));
    assert!(
        matches!(&results[1], Err(DbError::Backend(message)) if message.contains("on fire")),
        "{results:?}"
    );
    assert_eq!(results[2], Ok(()));
    assert!(matches!(results[3], Err(DbError::Conflict { .. })));
    assert_eq!(db.count(&BEFORE, Vec::new()).await.unwrap(), 3);
}

#[tokio::test]
async fn names_that_fit_no_table_are_refused() {
    static QUOTED: Collection = Collection {
        name: "a\"; DROP TABLE orders; --",
        attributes: &[],
    };
    static RESERVED: Collection = Collection {
        name: "agno_journal",
        attributes: &[],
    };
    let db: Arc<dyn Db> = Sqlite::open(":memory:").unwrap().into();
    for collection in [&QUOTED, &RESERVED] {
        let error = db.get(collection, "a").await.unwrap_err();
        assert!(matches!(error, DbError::InvalidQuery(_)), "{error:?}");
    }
}

/// Writes go on while checkpoints run, and the log does not grow with what was ever written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let db = open(&path);
    let body: Arc<str> = "x".repeat(16 * 1024).into();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (db, body) = (Arc::clone(&db), Arc::clone(&body));
            tokio::spawn(async move {
                let run = RunId::new(Timestamp(1));
                for sequence in 0..700 {
                    let append = Write::Append {
                        run,
                        sequence,
                        entries: 1,
                        body: Arc::clone(&body),
                    };
                    db.write(vec![append]).done().await.unwrap();
                }
                run
            })
        })
        .collect();
    for task in tasks {
        let run = task.await.unwrap();
        let rows: usize = db
            .journals(vec![run], 0)
            .await
            .unwrap()
            .iter()
            .map(Vec::len)
            .sum();
        assert_eq!(rows, 700);
    }
    let log = std::fs::metadata(folder.path().join("agno.db-wal"))
        .unwrap()
        .len();
    assert!(
        log < 100 * 1024 * 1024,
        "184 MiB were written, the log has {log} bytes"
    );
}
