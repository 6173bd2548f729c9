//! What every backend must do, as a suite that any of them can run.
//!
//! The checks are plain functions that return what they found, so that a backend outside this
//! project needs no test framework of ours:
//!
//! ```
//! # use std::sync::Arc;
//! # use agno_core::db::Db;
//! # use agno_store::{MemoryDb, conformance};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = tokio::runtime::Runtime::new()?;
//! runtime.block_on(conformance::run(|| async { MemoryDb::new().into() }))?;
//! # Ok(())
//! # }
//! ```
//!
//! Each check gets a database of its own, empty of the suite's collections, and needs a tokio
//! runtime. To see each as a test of its own, walk [`CHECKS`].

mod concurrency;
mod journals;
mod leases;
mod queries;
mod records;
mod refusals;
mod support;

use std::future::Future;
use std::sync::Arc;

use agno_core::BoxFuture;
use agno_core::db::Db;

use support::Problem;

type Run = fn(Arc<dyn Db>) -> BoxFuture<Result<(), Problem>>;

/// A behaviour that a backend must have.
#[derive(Debug)]
pub struct Check {
    /// Its name, such as `records::put_and_get`.
    pub name: &'static str,
    run: Run,
}

impl Check {
    /// Checks an empty database.
    ///
    /// # Errors
    /// What the database does otherwise.
    pub async fn run(&self, db: Arc<dyn Db>) -> Result<(), Failure> {
        (self.run)(db).await.map_err(|problem| Failure {
            check: self.name,
            problem: problem.into(),
        })
    }
}

/// A behaviour that a backend does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {problem}")]
#[non_exhaustive]
pub struct Failure {
    /// The name of the check.
    pub check: &'static str,
    /// What was found.
    pub problem: String,
}

/// Runs all checks, each over a database that `make` gives it.
///
/// # Errors
/// The first behaviour that the backend does not have.
pub async fn run<F, Made>(make: F) -> Result<(), Failure>
where
    F: Fn() -> Made,
    Made: Future<Output = Arc<dyn Db>>,
{
    for check in CHECKS {
        check.run(make().await).await?;
    }
    Ok(())
}

macro_rules! checks {
    ($($module:ident::$name:ident),+ $(,)?) => {
        /// All checks.
        pub static CHECKS: &[Check] = &[$(Check {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: |db| Box::pin($module::$name(db)),
        }),+];
    };
}

checks![
    records::put_and_get,
    records::put_replaces_all_but_creation,
    records::expectations,
    records::a_conflict_undoes_the_whole_batch,
    records::a_batch_sees_its_own_writes,
    records::sequences_grow_and_are_not_reused,
    records::touch,
    records::delete,
    records::text_is_kept_as_it_is,
    records::collections_are_separate,
    queries::every_test,
    queries::kinds_do_not_mix,
    queries::contains_takes_text_literally,
    queries::order_limit_and_offset,
    queries::conditions_are_joined,
    queries::built_in_fields,
    queries::count,
    queries::aggregate,
    queries::many_values,
    journals::append_and_read,
    journals::from_an_entry,
    journals::wrong_length_is_a_conflict,
    journals::several_at_once,
    journals::delete,
    journals::batches_with_records,
    leases::one_holder,
    concurrency::no_update_is_lost,
    concurrency::many_batches_at_once,
    concurrency::batches_are_seen_whole,
    concurrency::one_writer_of_a_journal_wins,
    concurrency::a_dropped_write_takes_effect,
    concurrency::order_of_one_caller,
    refusals::what_a_collection_does_not_have,
    refusals::delete_needs_a_condition,
    refusals::sizes,
];
