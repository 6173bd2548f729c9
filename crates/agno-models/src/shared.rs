//! Values that many models have in common and that are made once per process: building a model
//! should cost next to nothing.

use std::sync::{Arc, Mutex, PoisonError};

use agno_net::{Endpoint, NetError};

use crate::providers::Provider;

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

/// The address that a provider's requests go to, put together and taken apart once. Programs use a
/// few, so the list is short.
pub(crate) fn shared_endpoint(
    provider: &'static Provider,
    base_url: &str,
) -> Result<Arc<Endpoint>, NetError> {
    static ENDPOINTS: Mutex<Vec<Known>> = Mutex::new(Vec::new());
    let mut known = ENDPOINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let same =
        |known: &&Known| std::ptr::eq(known.provider, provider) && *known.base_url == *base_url;
    if let Some(known) = known.iter().find(same) {
        return Ok(Arc::clone(&known.endpoint));
    }
    let endpoint = Arc::new(Endpoint::parse(&provider.request_url(base_url))?);
    if known.len() < MAX_ENDPOINTS {
        known.push(Known {
            provider,
            base_url: base_url.into(),
            endpoint: Arc::clone(&endpoint),
        });
    }
    Ok(endpoint)
}

struct Known {
    provider: &'static Provider,
    base_url: Box<str>,
    endpoint: Arc<Endpoint>,
}
