//! Queries: every test, order, limits, counts and sums.

use std::sync::Arc;

use agno_core::Timestamp;
use agno_core::db::{
    Aggregate, Attribute, Condition, Db, Expect, Field, Group, Query, Test, Write,
};

use super::support::{
    Checked, ITEMS, Problem, bare, item, keys, number, put_at, same, text, write,
};

fn on(field: Field, test: Test) -> Condition {
    Condition { field, test }
}

fn owner(test: Test) -> Condition {
    on(Field::Attribute("owner"), test)
}

fn amount(test: Test) -> Condition {
    on(Field::Attribute("amount"), test)
}

/// Fails unless the condition selects these keys, written with spaces between.
async fn selects(db: &Arc<dyn Db>, condition: Condition, wanted: &str) -> Checked {
    let what = format!("{condition:?}");
    let found = keys(db, Query::new(&ITEMS).filter(condition)).await?;
    same(&what, &found.join(" ").as_str(), &wanted)
}

/// Five items: three owners, one of them with a number, one without any.
async fn fill(db: &Arc<dyn Db>) -> Result<(), Problem> {
    let none = Attribute::Null;
    let items = vec![
        item("a", [text("Ann"), number(1), text("x")]),
        item("b", [text("Bob"), number(2), none.clone()]),
        item("c", [none.clone(), number(2), text("y")]),
        item("d", [text("annabel"), none.clone(), text("x")]),
        item("e", [text("7"), number(-5), none]),
    ];
    Ok(write(db, items).await?)
}

pub(super) async fn every_test(db: Arc<dyn Db>) -> Checked {
    fill(&db).await?;
    let null = || Attribute::Null;
    let cases = [
        (owner(Test::Equals(text("Ann"))), "a"),
        (owner(Test::Equals(text("ann"))), ""),
        (owner(Test::Equals(null())), "c"),
        (owner(Test::Differs(text("Ann"))), "b c d e"),
        (owner(Test::Differs(null())), "a b d e"),
        (
            owner(Test::OneOf(vec![text("Bob"), text("Ann"), text("no")])),
            "a b",
        ),
        (owner(Test::OneOf(vec![null(), text("Bob")])), "b c"),
        (owner(Test::OneOf(vec![])), ""),
        (owner(Test::AtLeast(text("Bob"))), "b d"),
        (owner(Test::AtMost(text("Bob"))), "a b e"),
        (owner(Test::AtLeast(null())), ""),
        (owner(Test::AtMost(null())), ""),
        (owner(Test::Contains("ANN".into())), "a d"),
        (owner(Test::Contains("".into())), "a b d e"),
        (amount(Test::Equals(number(2))), "b c"),
        (amount(Test::Equals(null())), "d"),
        (amount(Test::Differs(number(2))), "a d e"),
        (
            amount(Test::OneOf(vec![number(1), number(-5), null()])),
            "a d e",
        ),
        (amount(Test::AtLeast(number(1))), "a b c"),
        (amount(Test::AtMost(number(1))), "a e"),
        (amount(Test::Contains("2".into())), ""),
        (
            on(Field::Attribute("version"), Test::Equals(text("x"))),
            "a d",
        ),
    ];
    for (condition, wanted) in cases {
        selects(&db, condition, wanted).await?;
    }
    Ok(())
}

pub(super) async fn kinds_do_not_mix(db: Arc<dyn Db>) -> Checked {
    fill(&db).await?;
    write(
        &db,
        vec![
            item("f", [number(7), text("2"), Attribute::Null]),
            item("g", [text("7"), number(2), Attribute::Null]),
        ],
    )
    .await?;
    let cases = [
        (owner(Test::Equals(text("7"))), "e g"),
        (owner(Test::Equals(number(7))), "f"),
        (owner(Test::OneOf(vec![number(7), text("Ann")])), "a f"),
        (owner(Test::AtLeast(number(0))), "f"),
        (owner(Test::AtMost(number(100))), "f"),
        (owner(Test::AtMost(text("8"))), "e g"),
        (amount(Test::AtLeast(text(""))), "f"),
        (amount(Test::Differs(text("2"))), "a b c d e g"),
        (amount(Test::Contains("2".into())), "f"),
        (on(Field::Key, Test::Equals(number(1))), ""),
        (on(Field::Key, Test::AtLeast(number(1))), ""),
        (on(Field::Created, Test::Equals(text("1000"))), ""),
        (on(Field::Created, Test::AtMost(text("z"))), ""),
        (on(Field::Created, Test::Contains("1".into())), ""),
        (
            on(Field::Updated, Test::Differs(text("1000"))),
            "a b c d e f g",
        ),
        (on(Field::Sequence, Test::Equals(Attribute::Null)), ""),
    ];
    for (condition, wanted) in cases {
        selects(&db, condition, wanted).await?;
    }
    let query = Query {
        order: Field::Attribute("owner"),
        ..Query::new(&ITEMS)
    };
    same(
        "nothing, then numbers, then text by its bytes",
        &keys(&db, query).await?.join(" ").as_str(),
        &"c f e g a b d",
    )
}

pub(super) async fn contains_takes_text_literally(db: Arc<dyn Db>) -> Checked {
    let values = [
        "100%",
        "1000",
        "a_b",
        "aXb",
        "back\\slash",
        "back%slash",
        "Ä",
    ];
    for value in values {
        write(
            &db,
            vec![item(value, [text(value), Attribute::Null, Attribute::Null])],
        )
        .await?;
    }
    let cases = [
        ("0%", "100%"),
        ("%", "100% back%slash"),
        ("_", "a_b"),
        ("K\\S", "back\\slash"),
        ("ä", ""),
        ("Ä", "Ä"),
    ];
    for (part, wanted) in cases {
        selects(&db, owner(Test::Contains(part.into())), wanted).await?;
        selects(&db, on(Field::Key, Test::Contains(part.into())), wanted).await?;
    }
    Ok(())
}

pub(super) async fn order_limit_and_offset(db: Arc<dyn Db>) -> Checked {
    fill(&db).await?;
    let query = |order, descending, limit, offset| Query {
        order,
        descending,
        limit,
        offset,
        ..Query::new(&ITEMS)
    };
    let amount = Field::Attribute("amount");
    let cases = [
        (query(Field::Sequence, false, None, 0), "a b c d e"),
        (query(Field::Sequence, true, None, 0), "e d c b a"),
        (query(Field::Sequence, true, Some(2), 0), "e d"),
        (query(Field::Sequence, true, Some(2), 4), "a"),
        (query(Field::Sequence, false, None, 3), "d e"),
        (query(Field::Sequence, false, Some(0), 0), ""),
        (query(Field::Sequence, false, Some(5), u64::MAX), ""),
        (query(amount, false, None, 0), "d e a b c"),
        (query(amount, true, None, 0), "c b a e d"),
        (query(amount, true, Some(3), 1), "b a e"),
        (query(Field::Key, true, Some(1), 0), "e"),
        (query(Field::Created, true, None, 0), "e d c b a"),
        (
            query(Field::Attribute("version"), false, None, 0),
            "b e a d c",
        ),
    ];
    for (query, wanted) in cases {
        let what = format!(
            "{:?} descending={} limit={:?} offset={}",
            query.order, query.descending, query.limit, query.offset
        );
        same(&what, &keys(&db, query).await?.join(" ").as_str(), &wanted)?;
    }
    let last_of = Query::new(&ITEMS)
        .filter(Condition::equals("amount", 2))
        .newest_first()
        .limit(1);
    same(
        "the last of a value",
        &keys(&db, last_of).await?,
        &vec!["c".into()],
    )
}

pub(super) async fn conditions_are_joined(db: Arc<dyn Db>) -> Checked {
    fill(&db).await?;
    let query = Query::new(&ITEMS)
        .filter(amount(Test::Equals(number(2))))
        .filter(owner(Test::OneOf(vec![Attribute::Null, text("Ann")])));
    same("both hold", &keys(&db, query).await?, &vec!["c".into()])?;
    let query = Query::new(&ITEMS)
        .filter(owner(Test::Contains("n".into())))
        .filter(owner(Test::Differs(text("Ann"))))
        .filter(on(Field::Key, Test::AtMost(text("d"))));
    same(
        "all three hold",
        &keys(&db, query).await?,
        &vec!["d".into()],
    )
}

pub(super) async fn built_in_fields(db: Arc<dyn Db>) -> Checked {
    for (key, time) in [("a", 30), ("b", 20), ("c", 10)] {
        write(&db, vec![put_at(key, "{}", Expect::Absent, time)]).await?;
    }
    let touch = Write::Touch {
        collection: &ITEMS,
        key: "c".into(),
        time: Timestamp(40),
    };
    write(&db, vec![touch]).await?;
    let sequence = match db.get(&ITEMS, "b").await? {
        Some(record) => record.sequence as i64,
        None => return Err(Problem::from("`b` is missing".to_owned())),
    };
    let cases = [
        (on(Field::Key, Test::Equals(text("b"))), "b"),
        (
            on(
                Field::Key,
                Test::OneOf(vec![text("c"), text("a"), text("z")]),
            ),
            "a c",
        ),
        (on(Field::Key, Test::Differs(text("b"))), "a c"),
        (on(Field::Key, Test::AtLeast(text("b"))), "b c"),
        (on(Field::Created, Test::AtMost(number(20))), "b c"),
        (on(Field::Updated, Test::AtLeast(number(30))), "a c"),
        (
            on(Field::Sequence, Test::AtLeast(number(sequence + 1))),
            "c",
        ),
        (on(Field::Sequence, Test::Equals(number(sequence))), "b"),
    ];
    for (condition, wanted) in cases {
        selects(&db, condition, wanted).await?;
    }
    let by_update = Query {
        order: Field::Updated,
        ..Query::new(&ITEMS)
    };
    same(
        "by the last change",
        &keys(&db, by_update).await?.join(" ").as_str(),
        &"b a c",
    )
}

pub(super) async fn count(db: Arc<dyn Db>) -> Checked {
    same("when empty", &db.count(&ITEMS, Vec::new()).await?, &0)?;
    fill(&db).await?;
    same("all", &db.count(&ITEMS, Vec::new()).await?, &5)?;
    let conditions = vec![amount(Test::Equals(number(2)))];
    same("of an amount", &db.count(&ITEMS, conditions).await?, &2)
}

pub(super) async fn aggregate(db: Arc<dyn Db>) -> Checked {
    let over = |group_by: &[&'static str], sum: &[&'static str]| Aggregate {
        collection: &ITEMS,
        conditions: Vec::new(),
        group_by: group_by.to_vec(),
        sum: sum.to_vec(),
    };
    let group = |by: Vec<Attribute>, count, sums: Vec<i64>| Group { by, count, sums };
    same(
        "all of nothing",
        &db.aggregate(over(&[], &["amount"])).await?,
        &vec![group(vec![], 0, vec![0])],
    )?;
    same(
        "groups of nothing",
        &db.aggregate(over(&["owner"], &["amount"])).await?,
        &vec![],
    )?;
    fill(&db).await?;
    same(
        "all",
        &db.aggregate(over(&[], &["amount", "version"])).await?,
        &vec![group(vec![], 5, vec![0, 0])],
    )?;
    same(
        "by version, sorted",
        &db.aggregate(over(&["version"], &["amount"])).await?,
        &vec![
            group(vec![Attribute::Null], 2, vec![-3]),
            group(vec![text("x")], 2, vec![1]),
            group(vec![text("y")], 1, vec![2]),
        ],
    )?;
    let some = Aggregate {
        conditions: vec![amount(Test::AtLeast(number(1)))],
        ..over(&["amount", "version"], &[])
    };
    same(
        "by two, of some",
        &db.aggregate(some).await?,
        &vec![
            group(vec![number(1), text("x")], 1, vec![]),
            group(vec![number(2), Attribute::Null], 1, vec![]),
            group(vec![number(2), text("y")], 1, vec![]),
        ],
    )
}

pub(super) async fn many_values(db: Arc<dyn Db>) -> Checked {
    let batch = (0..3_000).map(|index| bare(&format!("{index:04}"), "{}", Expect::Absent));
    write(&db, batch.collect()).await?;
    let wanted = (0..6_000)
        .step_by(3)
        .map(|index| text(&format!("{index:04}")));
    let conditions = vec![on(Field::Key, Test::OneOf(wanted.collect()))];
    same(
        "of 2,000 keys",
        &db.count(&ITEMS, conditions).await?,
        &1_000,
    )
}
