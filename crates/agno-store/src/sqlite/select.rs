//! Conditions as SQL.
//!
//! Identifiers come from statics whose names were checked; values are always bound. A condition
//! that can't hold by the kind of its value (text where the column has numbers) becomes a constant,
//! because SQLite would convert the value instead.

use std::borrow::Cow;
use std::fmt::Write as _;

use agno_core::db::{Aggregate, Attribute, Condition, Field, Query, Test};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::schema::Table;

/// A statement with its values.
#[derive(Debug, Default)]
pub(super) struct Selection<'a> {
    pub(super) sql: String,
    pub(super) values: Vec<Bound<'a>>,
}

/// A value to bind.
#[derive(Debug)]
pub(super) enum Bound<'a> {
    Integer(i64),
    Text(Cow<'a, str>),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// The kind of values that a column can hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Any,
}

impl<'a> Selection<'a> {
    /// The records that a query asks for.
    pub(super) fn records(table: &Table, query: &'a Query) -> Self {
        let mut selection = Self::default();
        selection.sql.push_str(&table.select);
        selection.filter(&query.conditions);
        let direction = if query.descending { " DESC" } else { "" };
        selection.sql.push_str(" ORDER BY ");
        if query.order != Field::Sequence {
            selection.column(query.order);
            selection.sql.push_str(direction);
            selection.sql.push_str(", ");
        }
        selection.sql.push_str("_sequence");
        selection.sql.push_str(direction);
        if query.limit.is_some() || query.offset > 0 {
            selection.sql.push_str(" LIMIT ");
            selection.integer(query.limit.map_or(-1, i64::from));
            selection.sql.push_str(" OFFSET ");
            selection.integer(i64::try_from(query.offset).unwrap_or(i64::MAX));
        }
        selection
    }

    /// How many records match.
    pub(super) fn count(table: &Table, conditions: &'a [Condition]) -> Self {
        Self::over("SELECT count(*)", table, conditions)
    }

    /// Deletes the records that match.
    pub(super) fn delete(table: &Table, conditions: &'a [Condition]) -> Self {
        Self::over("DELETE", table, conditions)
    }

    /// Groups with their sums.
    pub(super) fn groups(table: &Table, aggregate: &'a Aggregate) -> Self {
        let mut head = String::from("SELECT ");
        for name in &aggregate.group_by {
            let _ = write!(head, "\"{name}\", ");
        }
        head.push_str("count(*)");
        for name in &aggregate.sum {
            let _ = write!(
                head,
                ", coalesce(sum(CASE typeof(\"{name}\") WHEN 'integer' THEN \"{name}\" END), 0)"
            );
        }
        let mut selection = Self::over(&head, table, &aggregate.conditions);
        if !aggregate.group_by.is_empty() {
            let columns: Vec<_> = (1..=aggregate.group_by.len())
                .map(|column| column.to_string())
                .collect();
            let columns = columns.join(", ");
            let _ = write!(selection.sql, " GROUP BY {columns} ORDER BY {columns}");
        }
        selection
    }

    fn over(head: &str, table: &Table, conditions: &'a [Condition]) -> Self {
        let mut selection = Self {
            sql: format!("{head} FROM \"{}\"", table.collection.name),
            values: Vec::new(),
        };
        selection.filter(conditions);
        selection
    }

    fn filter(&mut self, conditions: &'a [Condition]) {
        for (index, condition) in conditions.iter().enumerate() {
            self.sql
                .push_str(if index == 0 { " WHERE " } else { " AND " });
            self.condition(condition);
        }
    }

    fn condition(&mut self, condition: &'a Condition) {
        let field = condition.field;
        let kind = match field {
            Field::Key => Kind::Text,
            Field::Sequence | Field::Created | Field::Updated => Kind::Integer,
            Field::Attribute(_) => Kind::Any,
        };
        match &condition.test {
            Test::Equals(value) => self.equals(field, kind, value, " = "),
            Test::Differs(value) => {
                // `IS` and not `=`, whose negation would leave out the records without a value.
                self.sql.push_str("NOT (");
                self.equals(field, kind, value, " IS ");
                self.sql.push(')');
            }
            Test::OneOf(values) => self.one_of(field, kind, values),
            Test::AtLeast(value) => self.at_least(field, kind, value),
            Test::AtMost(value) => self.at_most(field, kind, value),
            Test::Contains(part) => {
                if kind == Kind::Integer {
                    return self.sql.push('0');
                }
                self.text_only(field);
                self.column(field);
                self.sql.push_str(" LIKE ");
                self.bind(Bound::Text(format!("%{}%", escape_like(part)).into()));
                self.sql.push_str(" ESCAPE '\\'");
            }
        }
    }

    /// A test that is true or false, never unknown, so that it can be negated.
    fn equals(&mut self, field: Field, kind: Kind, value: &'a Attribute, operator: &str) {
        match bound(kind, value) {
            Some(value) => {
                self.column(field);
                self.sql.push_str(operator);
                self.bind(value);
            }
            None if *value == Attribute::Null && kind == Kind::Any => {
                self.column(field);
                self.sql.push_str(" IS NULL");
            }
            None => self.sql.push('0'),
        }
    }

    fn one_of(&mut self, field: Field, kind: Kind, values: &'a [Attribute]) {
        self.sql.push('(');
        self.column(field);
        self.sql.push_str(" IN (");
        let fitting = values.iter().filter_map(|value| bound(kind, value));
        for (index, value) in fitting.enumerate() {
            if index > 0 {
                self.sql.push_str(", ");
            }
            self.bind(value);
        }
        self.sql.push(')');
        if kind == Kind::Any && values.contains(&Attribute::Null) {
            self.sql.push_str(" OR ");
            self.column(field);
            self.sql.push_str(" IS NULL");
        }
        self.sql.push(')');
    }

    fn at_least(&mut self, field: Field, kind: Kind, value: &'a Attribute) {
        let Some(bound) = bound(kind, value) else {
            return self.sql.push('0');
        };
        // Every number sorts before every text.
        if kind == Kind::Any && matches!(value, Attribute::Integer(_)) {
            self.column(field);
            self.sql.push_str(" < '' AND ");
        }
        self.column(field);
        self.sql.push_str(" >= ");
        self.bind(bound);
    }

    fn at_most(&mut self, field: Field, kind: Kind, value: &'a Attribute) {
        let Some(bound) = bound(kind, value) else {
            return self.sql.push('0');
        };
        if kind == Kind::Any && matches!(value, Attribute::Text(_)) {
            self.text_only(field);
        }
        self.column(field);
        self.sql.push_str(" <= ");
        self.bind(bound);
    }

    fn text_only(&mut self, field: Field) {
        self.column(field);
        self.sql.push_str(" >= '' AND ");
    }

    fn column(&mut self, field: Field) {
        match field {
            Field::Key => self.sql.push_str("_key"),
            Field::Sequence => self.sql.push_str("_sequence"),
            Field::Created => self.sql.push_str("_created"),
            Field::Updated => self.sql.push_str("_updated"),
            Field::Attribute(name) => {
                self.sql.push('"');
                self.sql.push_str(name);
                self.sql.push('"');
            }
        }
    }

    fn integer(&mut self, number: i64) {
        self.bind(Bound::Integer(number));
    }

    fn bind(&mut self, value: Bound<'a>) {
        self.sql.push('?');
        self.values.push(value);
    }
}

/// The value, if a column of this kind can hold it.
fn bound(kind: Kind, value: &Attribute) -> Option<Bound<'_>> {
    match value {
        Attribute::Integer(number) if kind != Kind::Text => Some(Bound::Integer(*number)),
        Attribute::Text(text) if kind != Kind::Integer => Some(Bound::Text((**text).into())),
        _ => None,
    }
}

/// The text with what `LIKE` would take as wildcards escaped.
fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
