//! What a server adds to runs: cancelling them from elsewhere, observing them, letting them go on
//! without an observer, and telling finished ones again.

pub(crate) mod active;
pub(crate) mod background;
pub(crate) mod frames;
pub(crate) mod inline;
pub(crate) mod live;
pub(crate) mod recovery;
pub(crate) mod replay;
pub(crate) mod view;
