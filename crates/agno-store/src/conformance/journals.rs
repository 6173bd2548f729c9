//! Journals: rows in order, each at the length that its writer expects.

use std::sync::Arc;

use agno_core::RunId;
use agno_core::db::{Db, Expect, JournalEntry, Write};

use super::support::{Checked, ITEMS, bare, conflict, existing, same, write};

fn append(run: RunId, sequence: u32, entries: u32) -> Write {
    Write::Append {
        run,
        sequence,
        entries,
        body: body(sequence).into(),
    }
}

fn body(sequence: u32) -> String {
    format!("[\"from {sequence}\"]")
}

fn row(sequence: u32, entries: u32) -> JournalEntry {
    JournalEntry {
        sequence,
        entries,
        body: body(sequence).into(),
    }
}

/// The journal of one run.
async fn journal(
    db: &Arc<dyn Db>,
    run: RunId,
    from: u32,
) -> Result<Vec<JournalEntry>, agno_core::db::DbError> {
    let journals = db.journals(vec![run], from).await?;
    Ok(journals.into_iter().flatten().collect())
}

pub(super) async fn append_and_read(db: Arc<dyn Db>) -> Checked {
    let run = RunId::from_u128(u128::MAX - 1);
    same("of an unknown run", &journal(&db, run, 0).await?, &vec![])?;
    write(&db, vec![append(run, 0, 1)]).await?;
    write(&db, vec![append(run, 1, 3), append(run, 4, 1)]).await?;
    same(
        "the rows",
        &journal(&db, run, 0).await?,
        &vec![row(0, 1), row(1, 3), row(4, 1)],
    )
}

pub(super) async fn from_an_entry(db: Arc<dyn Db>) -> Checked {
    let run = RunId::from_u128(5);
    write(
        &db,
        vec![append(run, 0, 2), append(run, 2, 3), append(run, 5, 1)],
    )
    .await?;
    let all = [row(0, 2), row(2, 3), row(5, 1)];
    for (from, skipped) in [
        (0, 0),
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 2),
        (6, 3),
        (u32::MAX, 3),
    ] {
        let wanted: Vec<_> = all.iter().skip(skipped).cloned().collect();
        same(
            &format!("from entry {from}"),
            &journal(&db, run, from).await?,
            &wanted,
        )?;
    }
    Ok(())
}

pub(super) async fn wrong_length_is_a_conflict(db: Arc<dyn Db>) -> Checked {
    let run = RunId::from_u128(6);
    let key = run.to_string();
    let early = write(&db, vec![append(run, 1, 1)]).await;
    conflict(early, "journal", &key)?;
    write(&db, vec![append(run, 0, 2)]).await?;
    for sequence in [0, 1, 3] {
        let wrong = write(&db, vec![append(run, sequence, 1)]).await;
        conflict(wrong, "journal", &key)?;
    }
    same("the rows", &journal(&db, run, 0).await?, &vec![row(0, 2)])
}

pub(super) async fn several_at_once(db: Arc<dyn Db>) -> Checked {
    let [first, second, unknown] = [7, 8, 9].map(RunId::from_u128);
    write(&db, vec![append(first, 0, 1), append(second, 0, 1)]).await?;
    write(&db, vec![append(second, 1, 1)]).await?;
    let found = db.journals(vec![second, unknown, first, second], 0).await?;
    let two = vec![row(0, 1), row(1, 1)];
    same(
        "in the order asked for",
        &found,
        &vec![two.clone(), vec![], vec![row(0, 1)], two],
    )?;
    same("none", &db.journals(Vec::new(), 0).await?, &vec![])
}

pub(super) async fn delete(db: Arc<dyn Db>) -> Checked {
    let [deleted, kept] = [10, 11].map(RunId::from_u128);
    write(&db, vec![append(deleted, 0, 1), append(kept, 0, 1)]).await?;
    write(&db, vec![append(deleted, 1, 1)]).await?;
    let delete = Write::DeleteJournal { run: deleted };
    write(&db, vec![delete.clone(), delete]).await?;
    same("deleted", &journal(&db, deleted, 0).await?, &vec![])?;
    same("kept", &journal(&db, kept, 0).await?, &vec![row(0, 1)])?;
    write(&db, vec![append(deleted, 0, 4)]).await?;
    same(
        "started again",
        &journal(&db, deleted, 0).await?,
        &vec![row(0, 4)],
    )
}

pub(super) async fn batches_with_records(db: Arc<dyn Db>) -> Checked {
    let run = RunId::from_u128(12);
    write(
        &db,
        vec![append(run, 0, 1), bare("run", "1", Expect::Absent)],
    )
    .await?;
    let stale = write(
        &db,
        vec![bare("run", "2", Expect::Version(1)), append(run, 0, 1)],
    )
    .await;
    conflict(stale, "journal", &run.to_string())?;
    let stale = write(
        &db,
        vec![append(run, 1, 1), bare("run", "2", Expect::Version(9))],
    )
    .await;
    conflict(stale, ITEMS.name, "run")?;
    same(
        "the journal",
        &journal(&db, run, 0).await?,
        &vec![row(0, 1)],
    )?;
    same("the record", &existing(&db, "run").await?.version, &1)
}
