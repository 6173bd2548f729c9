//! Values that many models have in common and that are made once per process: building a model
//! should cost next to nothing.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use agno_net::{Endpoint, NetError};

/// Programs talk to a few servers; one that makes up addresses must not fill the memory.
const MAX_ENDPOINTS: usize = 256;

/// The text of a table, shared. There are a few such texts, each at one place in memory, so looking
/// through their addresses is quicker than hashing.
pub(crate) fn shared_text(text: &'static str) -> Arc<str> {
    static TEXTS: Mutex<Vec<(&'static str, Arc<str>)>> = Mutex::new(Vec::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, shared)) = texts.iter().find(|(known, _)| std::ptr::eq(*known, text)) {
        return Arc::clone(shared);
    }
    let shared: Arc<str> = text.into();
    texts.push((text, Arc::clone(&shared)));
    shared
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
