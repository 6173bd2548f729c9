//! Other processes: ones that are killed while they write, and ones that write to the same file.
//!
//! The other process is this test program, started again for one test that does nothing unless an
//! environment variable names its file.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use agno_core::db::{Collection, Db, DbError, Durability, Expect, Write};
use agno_core::{RunId, Timestamp};
use agno_store::Sqlite;

static RUNS: Collection = Collection {
    name: "runs",
    attributes: &[],
};

const FILE: &str = "AGNO_STORE_TEST_FILE";
const DURABILITY: &str = "AGNO_STORE_TEST_DURABILITY";
const TASKS: u128 = 8;

fn start(test: &str, path: &Path, durability: Durability) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("crash::{test}"), "--nocapture"])
        .env(FILE, path)
        .env(DURABILITY, format!("{durability:?}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The database that this process was started for, if it was.
fn database_of_child() -> Option<Arc<dyn Db>> {
    let path = std::env::var_os(FILE)?;
    let durability = match std::env::var(DURABILITY).as_deref() {
        Ok("Machine") => Durability::Machine,
        _ => Durability::Process,
    };
    Some(
        Sqlite::options()
            .durability(durability)
            .open(path)
            .unwrap()
            .into(),
    )
}

fn put(key: &str, body: &str, expect: Expect) -> Write {
    Write::Put {
        collection: &RUNS,
        key: key.into(),
        attributes: Vec::new(),
        body: body.into(),
        time: Timestamp(1),
        expect,
    }
}

/// Appends to journals and says each batch that is done, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes() {
    let Some(db) = database_of_child() else {
        return;
    };
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let db = Arc::clone(&db);
            tokio::spawn(async move {
                let run = RunId::from_u128(number);
                for sequence in 0_u32.. {
                    let append = Write::Append {
                        run,
                        sequence,
                        entries: 1,
                        body: "x".repeat(1_200).into(),
                    };
                    let length = (sequence + 1).to_string();
                    let record = put(&run.to_string(), &length, Expect::Anything);
                    db.write(vec![append, record]).done().await.unwrap();
                    // One call, so that a line is written as a whole or not at all.
                    let line = format!("\ndone {number} {length}\n");
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Kills a writer after some batches and looks at what it left.
async fn kill_and_look(durability: Durability, batches: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let mut child = start("child_that_writes", &path, durability);
    let mut done: HashMap<u128, u32> = HashMap::new();
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let words: Vec<_> = line.split(' ').collect();
        if let ["done", number, length] = words[..] {
            done.insert(number.parse().unwrap(), length.parse().unwrap());
            seen += 1;
        }
        if seen == batches {
            // SIGKILL; what it said before is still read.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(seen >= batches, "it ended after {seen} batches");
    let db: Arc<dyn Db> = Sqlite::open(&path).unwrap().into();
    for number in 0..TASKS {
        let run = RunId::from_u128(number);
        let rows: usize = db
            .journals(vec![run], 0)
            .await
            .unwrap()
            .iter()
            .map(Vec::len)
            .sum();
        let record = db.get(&RUNS, &run.to_string()).await.unwrap();
        let length: usize = record.map_or(0, |record| record.body.parse().unwrap());
        assert_eq!(rows, length, "half a batch of run {number}");
        let reported = done.get(&number).copied().unwrap_or(0) as usize;
        assert!(
            rows >= reported,
            "run {number}: {reported} done, {rows} there"
        );
        assert!(
            rows <= reported + 1,
            "run {number} has more than was written"
        );
    }
    let append = Write::Append {
        run: RunId::from_u128(0),
        sequence: 0,
        entries: 1,
        body: "x".into(),
    };
    let conflict = db.write(vec![append]).done().await;
    assert!(matches!(conflict, Err(DbError::Conflict { .. })) || !done.contains_key(&0));
}

#[tokio::test]
async fn what_was_done_survives_a_kill() {
    for batches in [1, 40, 333, 1_500] {
        kill_and_look(Durability::Process, batches).await;
    }
    kill_and_look(Durability::Machine, 100).await;
}

/// Takes a lease, says so and waits to be killed.
#[tokio::test]
async fn child_that_holds() {
    let Some(db) = database_of_child() else {
        return;
    };
    let lease = db.lease("scheduler").await.unwrap();
    println!("\nheld {}", lease.is_some());
    let mut end = String::new();
    std::io::stdin().read_line(&mut end).unwrap();
    loop {
        std::thread::park();
    }
}

#[tokio::test]
async fn a_lease_ends_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let mut child = start("child_that_holds", &path, Durability::Process);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "held true"));
    let db = Sqlite::open(&path).unwrap();
    assert!(db.lease("scheduler").await.unwrap().is_none());
    assert!(db.lease("other").await.unwrap().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(db.lease("scheduler").await.unwrap().is_some());
}

/// Adds to the counter as often as it says, with others at it.
async fn count_up(db: Arc<dyn Db>, times: u32) {
    for _ in 0..times {
        loop {
            let record = db.get(&RUNS, "counter").await.unwrap().unwrap();
            let next = record.body.parse::<u64>().unwrap() + 1;
            let put = put(
                "counter",
                &next.to_string(),
                Expect::Version(record.version),
            );
            match db.write(vec![put]).done().await {
                Ok(()) => break,
                Err(DbError::Conflict { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_counts() {
    if let Some(db) = database_of_child() {
        count_up(db, 200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agno.db");
    let db: Arc<dyn Db> = Sqlite::open(&path).unwrap().into();
    let zero = put("counter", "0", Expect::Absent);
    db.write(vec![zero]).done().await.unwrap();
    let children = [0, 1].map(|_| start("child_that_counts", &path, Durability::Process));
    count_up(Arc::clone(&db), 200).await;
    for mut child in children {
        // Its output is small, but a full pipe would stop it.
        let output = child.stdout.take().unwrap();
        assert!(BufReader::new(output).lines().all(|line| line.is_ok()));
        assert!(child.wait().unwrap().success());
    }
    let record = db.get(&RUNS, "counter").await.unwrap().unwrap();
    assert_eq!((&*record.body, record.version), ("600", 601));
}
