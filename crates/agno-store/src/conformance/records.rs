//! Records: what is written is what is read, as a whole or not at all.

use std::sync::Arc;

use agno_core::Timestamp;
use agno_core::db::{Attribute, Condition, Db, Expect, Query, Record, Write};

use super::support::{
    Checked, ITEMS, PLAIN, bare, conflict, existing, holds, item, keys, number, put_at, same, text,
    write,
};

pub(super) async fn put_and_get(db: Arc<dyn Db>) -> Checked {
    same(
        "before anything was written",
        &db.get(&ITEMS, "a").await?,
        &None,
    )?;
    let attributes = [text("ann"), number(-7), Attribute::Null];
    write(&db, vec![item("a", attributes.clone())]).await?;
    let record = existing(&db, "a").await?;
    let wanted = Record {
        key: "a".into(),
        version: 1,
        sequence: record.sequence,
        created: Timestamp(1_000),
        updated: Timestamp(1_000),
        attributes: attributes.into(),
        body: "{\"key\":\"a\"}".into(),
    };
    same("the record", &record, &wanted)?;
    same("another key", &db.get(&ITEMS, "A").await?, &None)
}

pub(super) async fn put_replaces_all_but_creation(db: Arc<dyn Db>) -> Checked {
    write(&db, vec![item("a", [text("ann"), number(1), number(2)])]).await?;
    let first = existing(&db, "a").await?;
    write(
        &db,
        vec![put_at("a", "{\"now\":2}", Expect::Anything, 2_000)],
    )
    .await?;
    let wanted = Record {
        version: 2,
        updated: Timestamp(2_000),
        attributes: vec![Attribute::Null; 3],
        body: "{\"now\":2}".into(),
        ..first
    };
    same("the record", &existing(&db, "a").await?, &wanted)?;
    let by_old = Query::new(&ITEMS).filter(Condition::equals("owner", "ann"));
    same(
        "found by the old attribute",
        &keys(&db, by_old).await?,
        &vec![],
    )
}

pub(super) async fn expectations(db: Arc<dyn Db>) -> Checked {
    let missing = write(&db, vec![bare("a", "0", Expect::Version(1))]).await;
    conflict(missing, ITEMS.name, "a")?;
    write(&db, vec![bare("a", "1", Expect::Absent)]).await?;
    let present = write(&db, vec![bare("a", "x", Expect::Absent)]).await;
    conflict(present, ITEMS.name, "a")?;
    write(&db, vec![bare("a", "2", Expect::Version(1))]).await?;
    for version in [0, 1, 3, u64::MAX] {
        let other = write(&db, vec![bare("a", "x", Expect::Version(version))]).await;
        conflict(other, ITEMS.name, "a")?;
    }
    write(&db, vec![bare("a", "3", Expect::Anything)]).await?;
    let record = existing(&db, "a").await?;
    same(
        "version and body",
        &(record.version, &*record.body),
        &(3, "3"),
    )
}

pub(super) async fn a_conflict_undoes_the_whole_batch(db: Arc<dyn Db>) -> Checked {
    let run = agno_core::RunId::from_u128(1);
    let append = |sequence| Write::Append {
        run,
        sequence,
        entries: 1,
        body: "[]".into(),
    };
    let kept = [text("ann"), number(1), Attribute::Null];
    write(
        &db,
        vec![
            item("changed", kept.clone()),
            item("deleted", kept),
            append(0),
        ],
    )
    .await?;
    let before = db.query(Query::new(&ITEMS)).await?;
    let failed = write(
        &db,
        vec![
            bare("created", "{}", Expect::Absent),
            bare("changed", "{}", Expect::Version(1)),
            Write::Delete {
                collection: &ITEMS,
                conditions: vec![Condition::key("deleted")],
            },
            append(1),
            Write::Touch {
                collection: &ITEMS,
                key: "changed".into(),
                time: Timestamp(9_000),
            },
            bare("changed", "{}", Expect::Version(1)),
        ],
    )
    .await;
    conflict(failed, ITEMS.name, "changed")?;
    same("the records", &db.query(Query::new(&ITEMS)).await?, &before)?;
    let journals = db.journals(vec![run], 0).await?;
    same(
        "rows in the journal",
        &journals.iter().map(Vec::len).collect(),
        &vec![1],
    )
}

pub(super) async fn a_batch_sees_its_own_writes(db: Arc<dyn Db>) -> Checked {
    let delete = Write::Delete {
        collection: &ITEMS,
        conditions: vec![Condition::key("b")],
    };
    let batch = vec![
        bare("a", "1", Expect::Absent),
        bare("a", "2", Expect::Version(1)),
        bare("b", "1", Expect::Absent),
        delete,
        bare("b", "2", Expect::Absent),
    ];
    write(&db, batch).await?;
    let versions = [existing(&db, "a").await?, existing(&db, "b").await?];
    same(
        "versions",
        &versions.map(|record| (record.version, record.body.to_string())),
        &[(2, "2".into()), (1, "2".into())],
    )?;
    write(&db, Vec::new()).await?;
    Ok(())
}

pub(super) async fn sequences_grow_and_are_not_reused(db: Arc<dyn Db>) -> Checked {
    for key in ["a", "b", "c"] {
        write(&db, vec![bare(key, "{}", Expect::Absent)]).await?;
    }
    write(&db, vec![bare("a", "{}", Expect::Anything)]).await?;
    same(
        "order of creation",
        &keys(&db, Query::new(&ITEMS)).await?,
        &vec!["a".into(), "b".into(), "c".into()],
    )?;
    let last = existing(&db, "c").await?.sequence;
    let delete = Write::Delete {
        collection: &ITEMS,
        conditions: vec![Condition::key("c")],
    };
    write(&db, vec![delete]).await?;
    write(&db, vec![bare("d", "{}", Expect::Absent)]).await?;
    holds(
        "a deleted record's sequence is not given out again",
        existing(&db, "d").await?.sequence > last,
    )
}

pub(super) async fn touch(db: Arc<dyn Db>) -> Checked {
    let touch = |key: &str| Write::Touch {
        collection: &ITEMS,
        key: key.into(),
        time: Timestamp(5_000),
    };
    write(
        &db,
        vec![item("a", [text("ann"), number(1), Attribute::Null])],
    )
    .await?;
    let before = existing(&db, "a").await?;
    write(&db, vec![touch("a"), touch("missing")]).await?;
    let wanted = Record {
        updated: Timestamp(5_000),
        ..before
    };
    same("the touched record", &existing(&db, "a").await?, &wanted)?;
    same("the missing one", &db.get(&ITEMS, "missing").await?, &None)
}

pub(super) async fn delete(db: Arc<dyn Db>) -> Checked {
    let items = [
        ("a", "ann", 1),
        ("b", "ann", 2),
        ("c", "bob", 2),
        ("d", "ann", 3),
    ];
    let puts =
        items.map(|(key, owner, amount)| item(key, [text(owner), number(amount), Attribute::Null]));
    write(&db, puts.into()).await?;
    let delete = Write::Delete {
        collection: &ITEMS,
        conditions: vec![
            Condition::equals("owner", "ann"),
            Condition {
                field: agno_core::db::Field::Attribute("amount"),
                test: agno_core::db::Test::AtLeast(number(2)),
            },
        ],
    };
    write(&db, vec![delete.clone(), delete]).await?;
    let left = keys(&db, Query::new(&ITEMS)).await?;
    same("what is left", &left, &vec!["a".into(), "c".into()])?;
    same("by key", &db.get(&ITEMS, "b").await?, &None)
}

pub(super) async fn text_is_kept_as_it_is(db: Arc<dyn Db>) -> Checked {
    let texts = [
        "",
        "007",
        "1e3",
        " a ",
        "null",
        "Ünï\u{10348}cødé",
        "it's \"quoted\"; -- \\ % _",
        "line\nline\r\n\ttab",
    ];
    for (index, value) in texts.into_iter().enumerate() {
        let key = format!("key {value}");
        let put = Write::Put {
            collection: &ITEMS,
            key: key.as_str().into(),
            attributes: vec![text(value), number(index as i64), text(value)],
            body: value.into(),
            time: Timestamp(u64::MAX / 2),
            expect: Expect::Absent,
        };
        write(&db, vec![put]).await?;
        let record = existing(&db, &key).await?;
        same(
            "attributes",
            &record.attributes,
            &vec![text(value), number(index as i64), text(value)],
        )?;
        same("body", &&*record.body, &value)?;
        same("time", &record.created, &Timestamp(u64::MAX / 2))?;
        let query = Query::new(&ITEMS).filter(Condition::equals("owner", value));
        same("found by the value", &keys(&db, query).await?, &vec![key])?;
    }
    let extremes = [i64::MIN, -1, 0, i64::MAX];
    for value in extremes {
        write(
            &db,
            vec![item("n", [Attribute::Null, number(value), Attribute::Null])],
        )
        .await?;
        let record = existing(&db, "n").await?;
        same("a number", &record.attributes.get(1), &Some(&number(value)))?;
    }
    Ok(())
}

pub(super) async fn collections_are_separate(db: Arc<dyn Db>) -> Checked {
    let plain = Write::Put {
        collection: &PLAIN,
        key: "a".into(),
        attributes: Vec::new(),
        body: "plain".into(),
        time: Timestamp(0),
        expect: Expect::Absent,
    };
    write(&db, vec![bare("a", "item", Expect::Absent), plain]).await?;
    let record = db.get(&PLAIN, "a").await?;
    same(
        "the plain record",
        &record.map(|record| record.body.to_string()),
        &Some("plain".into()),
    )?;
    same(
        "items",
        &keys(&db, Query::new(&ITEMS)).await?,
        &vec!["a".into()],
    )
}
