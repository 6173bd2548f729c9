//! What a server says about itself.

pub(crate) mod config;
pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod home;
pub(crate) mod info;
