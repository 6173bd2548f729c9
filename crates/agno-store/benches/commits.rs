//! CPU time and wall time of the commits that a run makes: an append of 1.2 KB to its journal and
//! a put of its record, with many tasks at once and one after the other; and of the reads that
//! start a run. An argument selects by part of a line's name. Linux only, because it reads the threads' CPU times from `/proc`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

use std::sync::Arc;
use std::time::Instant;

use agno_core::db::{
    Attribute, AttributeSpec, Collection, Condition, Db, Durability, Expect, Query, Write,
};
use agno_core::{RunId, Timestamp};
use agno_store::{MemoryDb, Sqlite};

static RUNS: Collection = Collection {
    name: "runs",
    attributes: &[
        AttributeSpec {
            name: "session",
            indexed: true,
        },
        AttributeSpec {
            name: "status",
            indexed: false,
        },
        AttributeSpec {
            name: "total_tokens",
            indexed: false,
        },
    ],
};

const ROUNDS: usize = 5;

#[tokio::main(worker_threads = 2)]
async fn main() {
    println!(
        "{:<44} {:>10} {:>10}",
        "per batch (median of 5)", "CPU µs", "wall µs"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let memory: Arc<dyn Db> = MemoryDb::new().into();
    let process: Arc<dyn Db> = Sqlite::open(file("process.db")).unwrap().into();
    let machine: Arc<dyn Db> = Sqlite::options()
        .durability(Durability::Machine)
        .open(file("machine.db"))
        .unwrap()
        .into();
    for group in [64, 1] {
        let floor = floor(&file(&format!("floor{group}.db")));
        let label = format!("floor, rusqlite, {group} in a commit: append");
        measure(&label, 20_000, async || {
            floor_commits(&floor, group, 20_000)
        })
        .await;
    }
    for (name, db, batches) in [
        ("memory", &memory, 40_000),
        ("sqlite, process", &process, 20_000),
        ("sqlite, machine", &machine, 2_000),
    ] {
        for tasks in [64, 1] {
            for kind in [Kind::Append, Kind::Run, Kind::Update] {
                let label = format!("{name}, {tasks} at once: {}", kind.label());
                measure(&label, batches, async || {
                    write_all(db, tasks, batches, kind).await;
                })
                .await;
            }
        }
    }
    for (name, db) in [("memory", &memory), ("sqlite", &process)] {
        read_all(name, db).await;
    }
}

/// The journal's table over rusqlite and nothing else.
fn floor(path: &std::path::Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE journal (id INTEGER PRIMARY KEY, run BLOB, sequence INTEGER, body TEXT);
             CREATE UNIQUE INDEX by_run ON journal (run, sequence);",
        )
        .unwrap();
    connection
}

fn floor_commits(connection: &rusqlite::Connection, group: usize, appends: usize) {
    let body = "x".repeat(1_200);
    let run_sql = |sql| {
        connection
            .prepare_cached(sql)
            .unwrap()
            .raw_execute()
            .unwrap()
    };
    for index in 0..appends {
        if index % group == 0 {
            run_sql("BEGIN IMMEDIATE");
        }
        let run = new_run().as_u128().to_be_bytes();
        connection
            .prepare_cached("INSERT INTO journal (run, sequence, body) VALUES (?1, 0, ?2)")
            .unwrap()
            .execute((&run[..], &body))
            .unwrap();
        if (index + 1) % group == 0 || index + 1 == appends {
            run_sql("COMMIT");
        }
    }
}

/// What a batch holds.
#[derive(Clone, Copy)]
enum Kind {
    /// One append.
    Append,
    /// One append and a put of a new record.
    Run,
    /// One append and a put over the same record.
    Update,
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Run => "append + new record",
            Self::Update => "append + same record",
        }
    }
}

async fn write_all(db: &Arc<dyn Db>, tasks: usize, batches: usize, kind: Kind) {
    let handles: Vec<_> = (0..tasks)
        .map(|_| {
            let db = Arc::clone(db);
            tokio::spawn(async move {
                let body: Arc<str> = "x".repeat(1_200).into();
                let session: Arc<str> = new_run().to_string().into();
                let mut run = new_run();
                let mut sequence = 0;
                for index in 0..batches / tasks {
                    if !matches!(kind, Kind::Update) && sequence == 3 {
                        (run, sequence) = (new_run(), 0);
                    }
                    let mut batch = Vec::with_capacity(2);
                    batch.push(Write::Append {
                        run,
                        sequence,
                        entries: 1,
                        body: Arc::clone(&body),
                    });
                    if !matches!(kind, Kind::Append) {
                        let key = match kind {
                            Kind::Run => new_run().to_string(),
                            _ => run.to_string(),
                        };
                        batch.push(record(key, &session, index));
                    }
                    db.write(batch).done().await.unwrap();
                    sequence += 1;
                }
            })
        })
        .collect();
    for handle in handles {
        handle.await.unwrap();
    }
}

fn record(key: String, session: &Arc<str>, index: usize) -> Write {
    Write::Put {
        collection: &RUNS,
        key: key.into(),
        attributes: vec![
            Attribute::Text(Arc::clone(session)),
            "COMPLETED".into(),
            Attribute::Integer(index as i64),
        ],
        body: "y".repeat(300).into(),
        time: Timestamp(1_700_000_000_000_000 + index as u64),
        expect: Expect::Anything,
    }
}

async fn read_all(name: &str, db: &Arc<dyn Db>) {
    let run = new_run();
    let session: Arc<str> = "reads".into();
    for index in 0..20 {
        let append = Write::Append {
            run: if index < 3 { run } else { new_run() },
            sequence: if index < 3 { index as u32 } else { 0 },
            entries: 1,
            body: "x".repeat(1_200).into(),
        };
        let put = record(format!("read {index}"), &session, index);
        db.write(vec![append, put]).done().await.unwrap();
    }
    let reads = 5_000;
    measure(&format!("{name}: get"), reads, async || {
        for _ in 0..reads {
            db.get(&RUNS, "read 7").await.unwrap().unwrap();
        }
    })
    .await;
    measure(&format!("{name}: journal of 3 rows"), reads, async || {
        for _ in 0..reads {
            db.journals(vec![run], 0).await.unwrap();
        }
    })
    .await;
    measure(
        &format!("{name}: last 5 runs of a session"),
        reads,
        async || {
            for _ in 0..reads {
                let query = Query::new(&RUNS)
                    .filter(Condition::equals("session", Arc::clone(&session)))
                    .newest_first()
                    .limit(5);
                db.query(query).await.unwrap();
            }
        },
    )
    .await;
    measure(&format!("{name}: count of a session"), reads, async || {
        for _ in 0..reads {
            let condition = Condition::equals("session", Arc::clone(&session));
            db.count(&RUNS, vec![condition]).await.unwrap();
        }
    })
    .await;
}

/// Prints the median CPU and wall time of an operation that is done `operations` times a round.
async fn measure(label: &str, operations: usize, mut work: impl AsyncFnMut()) {
    let filter = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    if filter.is_some_and(|filter| !label.contains(&filter)) {
        return;
    }
    let mut figures = Vec::new();
    for _ in 0..ROUNDS {
        let (cpu, wall) = (cpu_nanos(), Instant::now());
        work().await;
        let wall = wall.elapsed().as_nanos() as u64;
        figures.push((cpu_nanos() - cpu, wall));
    }
    let median = |pick: fn(&(u64, u64)) -> u64| {
        let mut all: Vec<_> = figures.iter().map(pick).collect();
        all.sort_unstable();
        all.get(ROUNDS / 2).copied().unwrap_or_default() as f64 / 1e3 / operations as f64
    };
    println!(
        "{label:<44} {:>10.2} {:>10.2}",
        median(|figure| figure.0),
        median(|figure| figure.1)
    );
}

/// CPU time of all threads that are alive.
fn cpu_nanos() -> u64 {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

/// An id in the order of time, as drivers make them.
fn new_run() -> RunId {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    RunId::new(Timestamp(
        u64::try_from(elapsed.as_micros()).unwrap_or_default(),
    ))
}
