//! Conditions over records in memory, with the same meaning as the SQL of other backends.

use std::cmp::Ordering;

use agno_core::db::{Attribute, Collection, Condition, DbError, Field, Record, Test};

use crate::limits::attribute_index;

/// What a field of a record holds. Kinds sort in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

impl<'a> From<&'a Attribute> for Value<'a> {
    fn from(attribute: &'a Attribute) -> Self {
        match attribute {
            Attribute::Null => Self::Null,
            Attribute::Integer(number) => Self::Integer(*number),
            Attribute::Text(text) => Self::Text(text),
        }
    }
}

/// A field whose attribute has been looked up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Key,
    Sequence,
    Created,
    Updated,
    Attribute(usize),
}

impl Place {
    pub(super) fn of(collection: &Collection, field: Field) -> Result<Self, DbError> {
        Ok(match field {
            Field::Key => Self::Key,
            Field::Sequence => Self::Sequence,
            Field::Created => Self::Created,
            Field::Updated => Self::Updated,
            Field::Attribute(name) => Self::Attribute(attribute_index(collection, name)?),
        })
    }

    /// What the record holds there. Numbers are checked to fit when they are written.
    pub(super) fn value(self, record: &Record) -> Value<'_> {
        match self {
            Self::Key => Value::Text(&record.key),
            Self::Sequence => Value::Integer(record.sequence.cast_signed()),
            Self::Created => Value::Integer(record.created.0.cast_signed()),
            Self::Updated => Value::Integer(record.updated.0.cast_signed()),
            Self::Attribute(index) => record
                .attributes
                .get(index)
                .map_or(Value::Null, Value::from),
        }
    }
}

/// Conditions that are ready to be held against records.
#[derive(Debug)]
pub(super) struct Matcher<'a>(Vec<(Place, &'a Test)>);

impl<'a> Matcher<'a> {
    pub(super) fn new(
        collection: &Collection,
        conditions: &'a [Condition],
    ) -> Result<Self, DbError> {
        let places = conditions
            .iter()
            .map(|condition| Ok((Place::of(collection, condition.field)?, &condition.test)));
        Ok(Self(places.collect::<Result<_, DbError>>()?))
    }

    pub(super) fn matches(&self, record: &Record) -> bool {
        self.0
            .iter()
            .all(|(place, test)| holds(place.value(record), test))
    }
}

fn holds(value: Value<'_>, test: &Test) -> bool {
    match test {
        Test::Equals(wanted) => value == wanted.into(),
        Test::Differs(wanted) => value != wanted.into(),
        Test::OneOf(wanted) => wanted.iter().any(|wanted| value == wanted.into()),
        Test::AtLeast(bound) => compare(value, bound).is_some_and(Ordering::is_ge),
        Test::AtMost(bound) => compare(value, bound).is_some_and(Ordering::is_le),
        Test::Contains(part) => match value {
            Value::Text(text) => contains(text, part),
            _ => false,
        },
    }
}

/// How a value compares with a bound of its own kind.
fn compare(value: Value<'_>, bound: &Attribute) -> Option<Ordering> {
    match (value, bound) {
        (Value::Integer(value), Attribute::Integer(bound)) => Some(value.cmp(bound)),
        (Value::Text(value), Attribute::Text(bound)) => Some(value.cmp(bound)),
        _ => None,
    }
}

/// Whether the text has the part, ASCII letters of either case.
fn contains(text: &str, part: &str) -> bool {
    part.is_empty()
        || text
            .as_bytes()
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
