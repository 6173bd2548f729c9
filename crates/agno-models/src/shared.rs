//! Values that many models have in common and that are made once per process: building a model
//! should cost next to nothing.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use agno_net::{Endpoint, NetError};

/// Programs talk to a few servers; one that makes up addresses must not fill the memory.
const MAX_ENDPOINTS: usize = 256;

/// The text of a table, shared.
pub(crate) fn shared_text(text: &'static str) -> Arc<str> {
    static TEXTS: LazyLock<Mutex<HashMap<&'static str, Arc<str>>>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(texts.entry(text).or_insert_with(|| text.into()))
}

/// The address, taken apart once.
pub(crate) fn shared_endpoint(url: &str) -> Result<Arc<Endpoint>, NetError> {
    static ENDPOINTS: LazyLock<Mutex<HashMap<Box<str>, Arc<Endpoint>>>> =
        LazyLock::new(Mutex::default);
    let mut endpoints = ENDPOINTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(endpoint) = endpoints.get(url) {
        return Ok(Arc::clone(endpoint));
    }
    let endpoint = Arc::new(Endpoint::parse(url)?);
    if endpoints.len() < MAX_ENDPOINTS {
        endpoints.insert(url.into(), Arc::clone(&endpoint));
    }
    Ok(endpoint)
}
