//! What can't be asked is an error that says so, and changes nothing.

use std::sync::Arc;

use agno_core::db::{
    Aggregate, Attribute, Condition, Db, DbError, Expect, Field, Query, Test, Write,
};
use agno_core::{RunId, Timestamp};

use super::support::{Checked, ITEMS, bare, holds, same, write};

fn is_invalid<T>(result: &Result<T, DbError>) -> bool {
    matches!(result, Err(DbError::InvalidQuery(_)))
}

pub(super) async fn what_a_collection_does_not_have(db: Arc<dyn Db>) -> Checked {
    let unknown = || Condition::equals("colour", "red");
    let query = db.query(Query::new(&ITEMS).filter(unknown())).await;
    holds("a query by an unknown attribute", is_invalid(&query))?;
    let order = Query {
        order: Field::Attribute("colour"),
        ..Query::new(&ITEMS)
    };
    holds("an unknown order", is_invalid(&db.query(order).await))?;
    let count = db.count(&ITEMS, vec![unknown()]).await;
    holds("a count by an unknown attribute", is_invalid(&count))?;
    let aggregate = Aggregate {
        collection: &ITEMS,
        conditions: Vec::new(),
        group_by: vec!["owner"],
        sum: vec!["colour"],
    };
    let aggregate = db.aggregate(aggregate).await;
    holds("a sum of an unknown attribute", is_invalid(&aggregate))?;
    let put = Write::Put {
        collection: &ITEMS,
        key: "a".into(),
        attributes: vec![Attribute::Null],
        body: "{}".into(),
        time: Timestamp(0),
        expect: Expect::Anything,
    };
    let first = bare("first", "{}", Expect::Anything);
    let put = write(&db, vec![first, put]).await;
    holds("too few attributes", is_invalid(&put))?;
    let nothing = write(
        &db,
        vec![Write::Append {
            run: RunId::from_u128(1),
            sequence: 0,
            entries: 0,
            body: "[]".into(),
        }],
    );
    holds("an append of nothing", is_invalid(&nothing.await))?;
    let nul = write(&db, vec![bare("a\0b", "{}", Expect::Anything)]).await;
    holds("a NUL character in a key", is_invalid(&nul))?;
    let far = Write::Touch {
        collection: &ITEMS,
        key: "a".into(),
        time: Timestamp(u64::MAX),
    };
    holds("a time past 2^63", is_invalid(&write(&db, vec![far]).await))?;
    same("nothing was written", &db.count(&ITEMS, vec![]).await?, &0)
}

pub(super) async fn delete_needs_a_condition(db: Arc<dyn Db>) -> Checked {
    write(&db, vec![bare("a", "{}", Expect::Anything)]).await?;
    let delete = |conditions| Write::Delete {
        collection: &ITEMS,
        conditions,
    };
    let all = write(&db, vec![delete(Vec::new())]).await;
    holds("a delete of everything", is_invalid(&all))?;
    let unknown = write(&db, vec![delete(vec![Condition::equals("colour", 1)])]).await;
    holds("a delete by an unknown attribute", is_invalid(&unknown))?;
    same("still there", &db.count(&ITEMS, vec![]).await?, &1)
}

pub(super) async fn sizes(db: Arc<dyn Db>) -> Checked {
    let is_too_large = |result: &Result<(), DbError>| matches!(result, Err(DbError::TooLarge(_)));
    let key = "k".repeat(crate::MAX_KEY_BYTES);
    let body = "b".repeat(1024 * 1024);
    write(&db, vec![bare(&key, &body, Expect::Absent)]).await?;
    let record = super::support::existing(&db, &key).await?;
    holds("a large record is kept", *record.body == *body)?;
    let longer = write(&db, vec![bare(&format!("{key}k"), "{}", Expect::Absent)]).await;
    holds("a key over the limit", is_too_large(&longer))?;
    let put = Write::Put {
        collection: &ITEMS,
        key: "a".into(),
        attributes: vec![
            Attribute::Null,
            Attribute::Text("x".repeat(crate::MAX_ATTRIBUTE_BYTES + 1).into()),
            Attribute::Null,
        ],
        body: "{}".into(),
        time: Timestamp(0),
        expect: Expect::Anything,
    };
    let put = write(&db, vec![put]).await;
    holds("an attribute over the limit", is_too_large(&put))?;
    let values = vec![Attribute::Integer(1); crate::MAX_CONDITION_VALUES + 1];
    let many = Condition {
        field: Field::Attribute("amount"),
        test: Test::OneOf(values),
    };
    let many = db.count(&ITEMS, vec![many]).await;
    holds(
        "a condition over the limit",
        matches!(many, Err(DbError::TooLarge(_))),
    )
}
