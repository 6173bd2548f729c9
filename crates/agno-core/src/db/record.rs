//! Records and the collections that they are in.

use std::sync::Arc;

use crate::Timestamp;

/// A kind of record: a name and the attributes that can be queried. Declared once, as a static.
#[derive(Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its name: lower-case letters and `_`. Backends name tables after it.
    pub name: &'static str,
    /// Names of the attributes that each record has beside its body. Backends index those that
    /// are marked.
    pub attributes: &'static [AttributeSpec],
}

/// An attribute of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct AttributeSpec {
    /// Its name: lower-case letters and `_`.
    pub name: &'static str,
    /// Whether queries select by it.
    pub indexed: bool,
}

/// The value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Not set.
    #[default]
    Null,
    /// A number.
    Integer(i64),
    /// Text.
    Text(Arc<str>),
}

impl Attribute {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Attribute {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Attribute {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key, unique in the collection.
    pub key: Arc<str>,
    /// Counts the [`Write::Put`](super::Write::Put)s of this record, from 1.
    pub version: u64,
    /// Grows with each record that is created in the collection: the order of creation.
    pub sequence: u64,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last written or touched.
    pub updated: Timestamp,
    /// Its attributes, in the collection's order.
    pub attributes: Vec<Attribute>,
    /// Its body, JSON.
    pub body: Arc<str>,
}
