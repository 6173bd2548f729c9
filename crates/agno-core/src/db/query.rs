//! Selecting records.

use std::sync::Arc;

use super::{Attribute, Collection};

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The key.
    Key,
    /// The order of creation.
    Sequence,
    /// When the record was created, in microseconds.
    Created,
    /// When it was last changed, in microseconds.
    Updated,
    /// An attribute, by name.
    Attribute(&'static str),
}

/// A condition on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it looks at.
    pub field: Field,
    /// What must hold.
    pub test: Test,
}

/// What must hold of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It equals the value ([`Attribute::Null`] equals `Null`).
    Equals(Attribute),
    /// It differs from the value.
    Differs(Attribute),
    /// It is one of the values.
    OneOf(Vec<Attribute>),
    /// It is of the value's kind, number or text, and at or above it. Text compares by its bytes.
    AtLeast(Attribute),
    /// It is of the value's kind, number or text, and at or below it. Text compares by its bytes.
    AtMost(Attribute),
    /// It is text that contains this text, ASCII letters of either case.
    Contains(Arc<str>),
}

impl Condition {
    /// The attribute equals the value.
    pub fn equals(attribute: &'static str, value: impl Into<Attribute>) -> Self {
        Self {
            field: Field::Attribute(attribute),
            test: Test::Equals(value.into()),
        }
    }

    /// The record has this key.
    pub fn key(key: impl Into<Arc<str>>) -> Self {
        Self {
            field: Field::Key,
            test: Test::Equals(Attribute::Text(key.into())),
        }
    }
}

/// A selection of records.
#[derive(Clone, Debug)]
pub struct Query {
    /// From where.
    pub collection: &'static Collection,
    /// What must hold; all of it.
    pub conditions: Vec<Condition>,
    /// What to sort by; ties by order of creation, in the same direction.
    pub order: Field,
    /// Whether the largest comes first.
    pub descending: bool,
    /// How many at the most.
    pub limit: Option<u32>,
    /// How many to leave out at the start.
    pub offset: u64,
}

impl Query {
    /// All records of a collection, oldest first.
    pub fn new(collection: &'static Collection) -> Self {
        Self {
            collection,
            conditions: Vec::new(),
            order: Field::Sequence,
            descending: false,
            limit: None,
            offset: 0,
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Newest first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.descending = true;
        self
    }

    /// How many at the most.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }
}

/// Sums over records.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// From where.
    pub collection: &'static Collection,
    /// Which records.
    pub conditions: Vec<Condition>,
    /// Attributes whose values make a group.
    pub group_by: Vec<&'static str>,
    /// Integer attributes to add up; `Null` counts as 0.
    pub sum: Vec<&'static str>,
}

/// One group of an [`Aggregate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The values of the group's attributes, in the order asked for.
    pub by: Vec<Attribute>,
    /// How many records it has.
    pub count: u64,
    /// The sums, in the order asked for.
    pub sums: Vec<i64>,
}
