//! Databases behind the `Db` trait: memory and SQLite.
