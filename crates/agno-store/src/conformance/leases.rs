//! Leases: one holder at a time.

use std::sync::Arc;

use agno_core::db::Db;

use super::support::{Checked, holds};

pub(super) async fn one_holder(db: Arc<dyn Db>) -> Checked {
    let first = db.lease("scheduler").await?;
    holds("a free lease is given", first.is_some())?;
    holds(
        "a held lease is refused",
        db.lease("scheduler").await?.is_none(),
    )?;
    let other = db.lease("other.name-2").await?;
    holds("another name is free", other.is_some())?;
    drop(first);
    let again = db.lease("scheduler").await?;
    holds("a dropped lease is free again", again.is_some())?;
    holds("and held again", db.lease("scheduler").await?.is_none())?;
    holds(
        "a name that fits no backend is refused",
        db.lease("../up").await.is_err() && db.lease("").await.is_err(),
    )
}
