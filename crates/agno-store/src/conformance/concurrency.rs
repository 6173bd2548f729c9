//! Many tasks at once: nothing is lost, nothing is seen half done.

use std::sync::Arc;

use agno_core::RunId;
use agno_core::db::{Commit, Db, DbError, Expect, Query, Write};
use tokio::task::JoinSet;

use super::support::{Checked, ITEMS, Problem, bare, existing, holds, same, write};

/// Waits for all tasks and gives what they gave.
async fn all<T: 'static>(mut tasks: JoinSet<Result<T, Problem>>) -> Result<Vec<T>, Problem> {
    let mut results = Vec::new();
    while let Some(result) = tasks.join_next().await {
        results.push(result??);
    }
    Ok(results)
}

/// Adds one to the counter, however often others come first.
async fn increment(db: &Arc<dyn Db>) -> Checked {
    loop {
        let record = existing(db, "counter").await?;
        let number: u64 = record
            .body
            .parse()
            .map_err(|_| Problem::from(format!("the body is {:?}", record.body)))?;
        let next = (number + 1).to_string();
        let put = bare("counter", &next, Expect::Version(record.version));
        match write(db, vec![put]).await {
            Ok(()) => return Ok(()),
            // Lets the one that came first go on.
            Err(DbError::Conflict { .. }) => tokio::task::yield_now().await,
            Err(error) => return Err(error.into()),
        }
    }
}

pub(super) async fn no_update_is_lost(db: Arc<dyn Db>) -> Checked {
    write(&db, vec![bare("counter", "0", Expect::Absent)]).await?;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let db = Arc::clone(&db);
        tasks.spawn(async move {
            for _ in 0..10 {
                increment(&db).await?;
            }
            Ok(())
        });
    }
    all(tasks).await?;
    let record = existing(&db, "counter").await?;
    same(
        "body and version",
        &(&*record.body, record.version),
        &("160", 161),
    )
}

pub(super) async fn many_batches_at_once(db: Arc<dyn Db>) -> Checked {
    let mut tasks = JoinSet::new();
    for number in 0..200_u32 {
        let db = Arc::clone(&db);
        tasks.spawn(async move {
            let run = RunId::from_u128(u128::from(number));
            let batch = vec![
                Write::Append {
                    run,
                    sequence: 0,
                    entries: 1,
                    body: number.to_string().into(),
                },
                bare(&run.to_string(), &number.to_string(), Expect::Absent),
            ];
            write(&db, batch).await?;
            let record = existing(&db, &run.to_string()).await?;
            same("one's own record", &record.body.parse(), &Ok(number))?;
            Ok(())
        });
    }
    all(tasks).await?;
    let records = db.query(Query::new(&ITEMS)).await?;
    let mut numbers: Vec<u32> = records
        .iter()
        .filter_map(|record| record.body.parse().ok())
        .collect();
    numbers.sort_unstable();
    same("all records", &numbers, &(0..200).collect())?;
    let runs = (0..200).map(RunId::from_u128).collect();
    let journals = db.journals(runs, 0).await?;
    let written: Vec<u32> = journals
        .iter()
        .flatten()
        .filter_map(|row| row.body.parse().ok())
        .collect();
    same("all journals", &written, &(0..200).collect())
}

pub(super) async fn batches_are_seen_whole(db: Arc<dyn Db>) -> Checked {
    let pair = |number: u32| {
        let body = number.to_string();
        vec![
            bare("left", &body, Expect::Anything),
            bare("right", &body, Expect::Anything),
        ]
    };
    write(&db, pair(0)).await?;
    let mut tasks = JoinSet::new();
    let writer = Arc::clone(&db);
    tasks.spawn(async move {
        for number in 1..200 {
            write(&writer, pair(number)).await?;
        }
        Ok(())
    });
    for _ in 0..4 {
        let db = Arc::clone(&db);
        tasks.spawn(async move {
            for _ in 0..50 {
                let records = db.query(Query::new(&ITEMS)).await?;
                let bodies: Vec<_> = records.iter().map(|record| &record.body).collect();
                holds(
                    "both halves of a batch are there",
                    matches!(bodies.as_slice(), [left, right] if left == right),
                )?;
                tokio::task::yield_now().await;
            }
            Ok(())
        });
    }
    all(tasks).await?;
    Ok(())
}

pub(super) async fn one_writer_of_a_journal_wins(db: Arc<dyn Db>) -> Checked {
    let run = RunId::from_u128(1);
    let mut tasks = JoinSet::new();
    for number in 0..32_u32 {
        let db = Arc::clone(&db);
        tasks.spawn(async move {
            let append = Write::Append {
                run,
                sequence: 0,
                entries: 1,
                body: number.to_string().into(),
            };
            let key = number.to_string();
            match write(&db, vec![append, bare(&key, "{}", Expect::Anything)]).await {
                Ok(()) => Ok(Some(key)),
                Err(DbError::Conflict { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        });
    }
    let winners: Vec<_> = all(tasks).await?.into_iter().flatten().collect();
    let journals = db.journals(vec![run], 0).await?;
    let rows: Vec<_> = journals
        .iter()
        .flatten()
        .map(|row| row.body.to_string())
        .collect();
    same("the winner's row", &rows, &winners)?;
    let records = super::support::keys(&db, Query::new(&ITEMS)).await?;
    same("the winner's record", &records, &winners)
}

pub(super) async fn a_dropped_write_takes_effect(db: Arc<dyn Db>) -> Checked {
    drop(db.write(vec![bare("never polled", "{}", Expect::Absent)]));
    let mut polled = db.write(vec![bare("polled once", "{}", Expect::Absent)]);
    if let Commit::Wait(future) = &mut polled {
        let once =
            std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_ready()));
        once.await;
    }
    drop(polled);
    // Nothing says when they are done. Both are sure to come before what is written later.
    write(&db, vec![bare("later", "{}", Expect::Absent)]).await?;
    let found = super::support::keys(&db, Query::new(&ITEMS)).await?;
    same(
        "all three",
        &found,
        &vec!["never polled".into(), "polled once".into(), "later".into()],
    )
}

pub(super) async fn order_of_one_caller(db: Arc<dyn Db>) -> Checked {
    let commits: Vec<_> = (0..50)
        .map(|number| {
            let expect = match number {
                0 => Expect::Absent,
                earlier => Expect::Version(earlier),
            };
            db.write(vec![bare("a", &number.to_string(), expect)])
        })
        .collect();
    // Waiting for the last one first must not change anything.
    for commit in commits.into_iter().rev() {
        commit.done().await?;
    }
    let record = existing(&db, "a").await?;
    same("the last one's body", &&*record.body, &"49")
}
