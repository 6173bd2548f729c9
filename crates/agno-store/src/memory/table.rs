//! The records of one collection, with its indexes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use agno_core::db::{
    Aggregate, Attribute, Collection, Condition, DbError, Expect, Field, Group, Query, Record, Test,
};

use super::matching::{Matcher, Place, Value};
use crate::limits::{attribute_index, invalid};

type Index = BTreeMap<Attribute, BTreeSet<u64>>;
type Selected<'a> = Box<dyn DoubleEndedIterator<Item = &'a Record> + 'a>;

/// The records of one collection.
pub(super) struct Table {
    collection: &'static Collection,
    keys: HashMap<Arc<str>, u64>,
    records: BTreeMap<u64, Record>,
    /// One for each attribute; stays empty for those that are not indexed.
    indexes: Vec<Index>,
    last_sequence: u64,
}

impl Table {
    pub(super) fn new(collection: &'static Collection) -> Self {
        Self {
            collection,
            keys: HashMap::new(),
            records: BTreeMap::new(),
            indexes: vec![Index::new(); collection.attributes.len()],
            last_sequence: 0,
        }
    }

    pub(super) const fn collection(&self) -> &'static Collection {
        self.collection
    }

    pub(super) fn get(&self, key: &str) -> Option<&Record> {
        self.records.get(self.keys.get(key)?)
    }

    /// Whether the expectation about the record of this key holds.
    pub(super) fn meets(&self, key: &str, expect: Expect) -> bool {
        match expect {
            Expect::Anything => true,
            Expect::Absent => !self.keys.contains_key(key),
            Expect::Version(version) => self
                .get(key)
                .is_some_and(|record| record.version == version),
        }
    }

    /// The number for a record that is created now.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Stores a record under its sequence and gives back the one that was there.
    pub(super) fn insert(&mut self, record: Record) -> Option<Record> {
        let before = self.remove(record.sequence);
        self.keys.insert(Arc::clone(&record.key), record.sequence);
        for (index, value) in self.indexes_of(&record) {
            index.entry(value).or_default().insert(record.sequence);
        }
        self.records.insert(record.sequence, record);
        before
    }

    /// Removes a record.
    pub(super) fn remove(&mut self, sequence: u64) -> Option<Record> {
        let record = self.records.remove(&sequence)?;
        self.keys.remove(&record.key);
        for (index, value) in self.indexes_of(&record) {
            if let Some(sequences) = index.get_mut(&value) {
                sequences.remove(&sequence);
                if sequences.is_empty() {
                    index.remove(&value);
                }
            }
        }
        Some(record)
    }

    fn indexes_of(&mut self, record: &Record) -> impl Iterator<Item = (&mut Index, Attribute)> {
        self.indexes
            .iter_mut()
            .zip(self.collection.attributes)
            .zip(&record.attributes)
            .filter(|((_, spec), _)| spec.indexed)
            .map(|((index, _), value)| (index, value.clone()))
    }

    /// The records that match all conditions, in order of creation.
    pub(super) fn select<'a>(
        &'a self,
        conditions: &'a [Condition],
    ) -> Result<Selected<'a>, DbError> {
        let matcher = Matcher::new(self.collection, conditions)?;
        let candidates = conditions
            .iter()
            .find_map(|condition| self.candidates(condition))
            .unwrap_or_else(|| Box::new(self.records.values()));
        Ok(Box::new(
            candidates.filter(move |record| matcher.matches(record)),
        ))
    }

    /// The records that can match, if an index knows them.
    fn candidates<'a>(&'a self, condition: &Condition) -> Option<Selected<'a>> {
        let Test::Equals(value) = &condition.test else {
            return None;
        };
        match condition.field {
            Field::Key => Some(Box::new(
                value.as_text().and_then(|key| self.get(key)).into_iter(),
            )),
            Field::Attribute(name) => {
                let index = attribute_index(self.collection, name).ok()?;
                if !self.collection.attributes.get(index)?.indexed {
                    return None;
                }
                let sequences = self.indexes.get(index)?.get(value);
                Some(Box::new(
                    sequences
                        .into_iter()
                        .flatten()
                        .filter_map(|sequence| self.records.get(sequence)),
                ))
            }
            _ => None,
        }
    }

    pub(super) fn query(&self, query: &Query) -> Result<Vec<Record>, DbError> {
        let selected = self.select(&query.conditions)?;
        let ordered: Selected<'_> = match (query.order, query.descending) {
            (Field::Sequence, false) => selected,
            (Field::Sequence, true) => Box::new(selected.rev()),
            (field, descending) => {
                let place = Place::of(self.collection, field)?;
                let mut records: Vec<_> = selected.collect();
                records.sort_by(|left, right| {
                    let order = compare(place, left, right);
                    if descending { order.reverse() } else { order }
                });
                Box::new(records.into_iter())
            }
        };
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = query.limit.map_or(usize::MAX, |limit| limit as usize);
        Ok(ordered.skip(offset).take(limit).cloned().collect())
    }

    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<Group>, DbError> {
        let places = |names: &[&'static str]| {
            names
                .iter()
                .map(|name| Place::of(self.collection, Field::Attribute(name)))
                .collect::<Result<Vec<_>, _>>()
        };
        let group_by = places(&aggregate.group_by)?;
        let sum = places(&aggregate.sum)?;
        let empty = || (0, vec![0; sum.len()]);
        let mut groups: BTreeMap<Vec<Value<'_>>, (u64, Vec<i64>)> = BTreeMap::new();
        if group_by.is_empty() {
            groups.insert(Vec::new(), empty());
        }
        for record in self.select(&aggregate.conditions)? {
            let by = group_by.iter().map(|place| place.value(record)).collect();
            let (count, sums) = groups.entry(by).or_insert_with(empty);
            *count += 1;
            for (total, place) in sums.iter_mut().zip(&sum) {
                if let Value::Integer(number) = place.value(record) {
                    *total = total.checked_add(number).ok_or_else(|| {
                        invalid("a sum is larger than 2^63 - 1: select fewer records")
                    })?;
                }
            }
        }
        let groups = groups.into_iter().map(|(by, (count, sums))| Group {
            by: by.into_iter().map(attribute).collect(),
            count,
            sums,
        });
        Ok(groups.collect())
    }
}

fn attribute(value: Value<'_>) -> Attribute {
    match value {
        Value::Null => Attribute::Null,
        Value::Integer(number) => Attribute::Integer(number),
        Value::Text(text) => text.into(),
    }
}

fn compare(place: Place, left: &Record, right: &Record) -> Ordering {
    place
        .value(left)
        .cmp(&place.value(right))
        .then(left.sequence.cmp(&right.sequence))
}
