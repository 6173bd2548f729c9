//! Random batches against a plain model: every backend must give what the model gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use agno_core::db::{
    Aggregate, Attribute, AttributeSpec, Collection, Condition, Db, DbError, Expect, Field, Group,
    JournalEntry, Query, Record, Test, Write,
};
use agno_core::{RunId, Timestamp};
use agno_store::{MemoryDb, Sqlite};
use proptest::prelude::*;

static THINGS: Collection = Collection {
    name: "things",
    attributes: &[
        AttributeSpec {
            name: "kind",
            indexed: true,
        },
        AttributeSpec {
            name: "size",
            indexed: false,
        },
    ],
};

/// The records by key and the journals, as simply as they can be kept.
#[derive(Clone, Default)]
struct Model {
    records: BTreeMap<Arc<str>, Record>,
    journals: BTreeMap<RunId, Vec<JournalEntry>>,
    created: u64,
}

impl Model {
    /// Applies a batch, or tells that it is refused.
    fn apply(&mut self, batch: &[Write]) -> bool {
        let mut next = self.clone();
        let applied = batch.iter().all(|write| next.step(write));
        if applied {
            *self = next;
        }
        applied
    }

    fn step(&mut self, write: &Write) -> bool {
        match write.clone() {
            Write::Put {
                key,
                attributes,
                body,
                time,
                expect,
                ..
            } => {
                let old = self.records.get(&key);
                let expected = match expect {
                    Expect::Anything => true,
                    Expect::Absent => old.is_none(),
                    Expect::Version(version) => old.is_some_and(|old| old.version == version),
                };
                let (version, sequence, created) = match old {
                    Some(old) => (old.version + 1, old.sequence, old.created),
                    None => (1, self.created + 1, time),
                };
                self.created = self.created.max(sequence);
                let record = Record {
                    key: Arc::clone(&key),
                    version,
                    sequence,
                    created,
                    updated: time,
                    attributes,
                    body,
                };
                self.records.insert(key, record);
                expected
            }
            Write::Touch { key, time, .. } => {
                if let Some(record) = self.records.get_mut(&key) {
                    record.updated = time;
                }
                true
            }
            Write::Delete { conditions, .. } => {
                self.records
                    .retain(|_, record| !conditions.iter().all(|one| holds(record, one)));
                true
            }
            Write::Append {
                run,
                sequence,
                entries,
                body,
            } => {
                let rows = self.journals.entry(run).or_default();
                let length: u32 = rows.iter().map(|row| row.entries).sum();
                rows.push(JournalEntry {
                    sequence,
                    entries,
                    body,
                });
                length == sequence
            }
            Write::DeleteJournal { run } => {
                self.journals.remove(&run);
                true
            }
        }
    }

    fn select(&self, conditions: &[Condition]) -> Vec<Record> {
        let mut records: Vec<_> = self
            .records
            .values()
            .filter(|record| conditions.iter().all(|one| holds(record, one)))
            .cloned()
            .collect();
        records.sort_by_key(|record| record.sequence);
        records
    }

    fn query(&self, query: &Query) -> Vec<Record> {
        let mut records = self.select(&query.conditions);
        records.sort_by_key(|record| (value(record, query.order), record.sequence));
        if query.descending {
            records.reverse();
        }
        let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
        records
            .into_iter()
            .skip(query.offset as usize)
            .take(limit)
            .collect()
    }

    fn aggregate(&self, aggregate: &Aggregate) -> Vec<Group> {
        let mut groups: BTreeMap<Vec<Attribute>, (u64, i64)> = BTreeMap::new();
        for record in self.select(&aggregate.conditions) {
            let by = aggregate
                .group_by
                .iter()
                .map(|name| value(&record, Field::Attribute(name)))
                .collect();
            let group = groups.entry(by).or_default();
            group.0 += 1;
            group.1 += value(&record, Field::Attribute("size"))
                .as_integer()
                .unwrap_or(0);
        }
        groups
            .into_iter()
            .map(|(by, (count, sum))| Group {
                by,
                count,
                sums: vec![sum],
            })
            .collect()
    }
}

fn value(record: &Record, field: Field) -> Attribute {
    match field {
        Field::Key => record.key.clone().into(),
        Field::Sequence => (record.sequence as i64).into(),
        Field::Created => (record.created.0 as i64).into(),
        Field::Updated => (record.updated.0 as i64).into(),
        Field::Attribute("kind") => record.attributes[0].clone(),
        Field::Attribute(_) => record.attributes[1].clone(),
    }
}

fn holds(record: &Record, condition: &Condition) -> bool {
    let value = value(record, condition.field);
    let same_kind = |other: &Attribute| {
        value != Attribute::Null && std::mem::discriminant(&value) == std::mem::discriminant(other)
    };
    match &condition.test {
        Test::Equals(other) => value == *other,
        Test::Differs(other) => value != *other,
        Test::OneOf(others) => others.contains(&value),
        Test::AtLeast(bound) => same_kind(bound) && value >= *bound,
        Test::AtMost(bound) => same_kind(bound) && value <= *bound,
        Test::Contains(part) => value.as_text().is_some_and(|text| {
            text.to_ascii_lowercase()
                .contains(&part.to_ascii_lowercase())
        }),
    }
}

fn attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        Just(Attribute::Null),
        (-3..4_i64).prop_map(Attribute::Integer),
        prop_oneof![
            Just("a"),
            Just("B"),
            Just("3"),
            Just("a%b_\\"),
            Just(""),
            Just("ä'\"")
        ]
        .prop_map(Attribute::from),
    ]
}

fn key() -> impl Strategy<Value = Arc<str>> {
    prop_oneof![Just("a"), Just("b"), Just("c"), Just("B"), Just("3")].prop_map(Arc::from)
}

fn field() -> impl Strategy<Value = Field> {
    // Sequences may have gaps that differ between backends, so that only their order is compared.
    prop_oneof![
        Just(Field::Key),
        Just(Field::Created),
        Just(Field::Updated),
        Just(Field::Attribute("kind")),
        Just(Field::Attribute("size")),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let test = prop_oneof![
        attribute().prop_map(Test::Equals),
        attribute().prop_map(Test::Differs),
        prop::collection::vec(attribute(), 0..4).prop_map(Test::OneOf),
        attribute().prop_map(Test::AtLeast),
        attribute().prop_map(Test::AtMost),
        prop_oneof![Just("A"), Just("%"), Just("_"), Just("\\"), Just("")]
            .prop_map(|part| Test::Contains(part.into())),
    ];
    (field(), test).prop_map(|(field, test)| Condition { field, test })
}

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    prop::collection::vec(condition(), 0..3)
}

fn write() -> impl Strategy<Value = Write> {
    let expect = prop_oneof![
        3 => Just(Expect::Anything),
        2 => Just(Expect::Absent),
        2 => (0..4_u64).prop_map(Expect::Version),
    ];
    let put = (key(), attribute(), attribute(), 0..9_u64, expect).prop_map(
        |(key, kind, size, time, expect)| Write::Put {
            collection: &THINGS,
            key,
            attributes: vec![kind, size],
            body: format!("{{\"time\":{time}}}").into(),
            time: Timestamp(time),
            expect,
        },
    );
    let touch = (key(), 0..9_u64).prop_map(|(key, time)| Write::Touch {
        collection: &THINGS,
        key,
        time: Timestamp(time),
    });
    let delete = prop::collection::vec(condition(), 1..3).prop_map(|conditions| Write::Delete {
        collection: &THINGS,
        conditions,
    });
    let append =
        (0..3_u128, 0..5_u32, 1..3_u32).prop_map(|(run, sequence, entries)| Write::Append {
            run: RunId::from_u128(run),
            sequence,
            entries,
            body: format!("[{sequence}]").into(),
        });
    let forget = (0..3_u128).prop_map(|run| Write::DeleteJournal {
        run: RunId::from_u128(run),
    });
    prop_oneof![8 => put, 1 => touch, 1 => delete, 5 => append, 1 => forget]
}

fn query() -> impl Strategy<Value = Query> {
    let order = prop_oneof![Just(Field::Sequence), field()];
    let limit = prop::option::of(0..4_u32);
    (conditions(), order, any::<bool>(), limit, 0..3_u64).prop_map(
        |(conditions, order, descending, limit, offset)| Query {
            collection: &THINGS,
            conditions,
            order,
            descending,
            limit,
            offset,
        },
    )
}

/// What is done with a database.
#[derive(Clone, Debug)]
struct Story {
    /// Groups of batches that are written at once, in order.
    groups: Vec<Vec<Vec<Write>>>,
    queries: Vec<Query>,
}

fn story() -> impl Strategy<Value = Story> {
    let batch = prop::collection::vec(write(), 1..4);
    let group = prop::collection::vec(batch, 1..5);
    let groups = prop::collection::vec(group, 1..6);
    (groups, prop::collection::vec(query(), 1..6))
        .prop_map(|(groups, queries)| Story { groups, queries })
}

/// Records with the ranks of their sequences instead of the sequences.
fn ranked(records: Vec<Record>, sequences: &[u64]) -> Vec<Record> {
    records
        .into_iter()
        .map(|record| Record {
            sequence: sequences
                .iter()
                .filter(|other| **other < record.sequence)
                .count() as u64,
            ..record
        })
        .collect()
}

async fn tell(db: Arc<dyn Db>, story: &Story) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    for group in &story.groups {
        let commits: Vec<_> = group.iter().map(|batch| db.write(batch.clone())).collect();
        for (commit, batch) in commits.into_iter().zip(group) {
            let result = commit.done().await;
            let refused = matches!(result, Err(DbError::Conflict { .. }));
            prop_assert!(result.is_ok() || refused, "{result:?}");
            prop_assert_eq!(model.apply(batch), !refused, "{:?}", batch);
        }
    }
    let runs: Vec<_> = (0..3).map(RunId::from_u128).collect();
    for from in 0..6 {
        let wanted: Vec<Vec<JournalEntry>> = runs
            .iter()
            .map(|run| model.journals.get(run).cloned().unwrap_or_default())
            .map(|rows| {
                rows.into_iter()
                    .filter(|row| row.sequence + row.entries > from)
                    .collect()
            })
            .collect();
        prop_assert_eq!(db.journals(runs.clone(), from).await.unwrap(), wanted);
    }
    let all = db.query(Query::new(&THINGS)).await.unwrap();
    let found: Vec<_> = all.iter().map(|record| record.sequence).collect();
    let wanted: Vec<_> = model
        .select(&[])
        .iter()
        .map(|record| record.sequence)
        .collect();
    for record in &all {
        let same = db.get(&THINGS, &record.key).await.unwrap();
        prop_assert_eq!(same.as_ref(), Some(record));
    }
    for query in &story.queries {
        prop_assert_eq!(
            ranked(db.query(query.clone()).await.unwrap(), &found),
            ranked(model.query(query), &wanted),
            "{:?}",
            query
        );
        let count = db.count(&THINGS, query.conditions.clone()).await.unwrap();
        prop_assert_eq!(count, model.select(&query.conditions).len() as u64);
        let aggregate = Aggregate {
            collection: &THINGS,
            conditions: query.conditions.clone(),
            group_by: vec!["kind"],
            sum: vec!["size"],
        };
        prop_assert_eq!(
            db.aggregate(aggregate.clone()).await.unwrap(),
            model.aggregate(&aggregate)
        );
    }
    Ok(())
}

fn check(cases: u32, make: impl Fn() -> Arc<dyn Db>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(story in story())| runtime.block_on(tell(make(), &story))?);
}

#[test]
fn memory_is_like_the_model() {
    check(1_000, || MemoryDb::new().into());
}

#[test]
fn sqlite_is_like_the_model() {
    check(300, || Sqlite::open(":memory:").unwrap().into());
}

#[test]
fn sqlite_in_a_file_is_like_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let number = std::cell::Cell::new(0);
    check(60, || {
        number.set(number.get() + 1);
        let path = folder.path().join(format!("{}.db", number.get()));
        Sqlite::open(path).unwrap().into()
    });
}
