//! What models of one provider and address have in common, made once per process: building a model
//! should cost next to nothing.

use std::sync::{Arc, Mutex, PoisonError};

use agno_net::{Endpoint, NetError};

use crate::providers::Provider;

/// Programs talk to a few servers; one that makes up addresses must not fill the memory.
const MAX_KNOWN: usize = 256;

/// What models of one provider and address have in common.
#[derive(Clone)]
pub(crate) struct Shared {
    /// The name of the class, as Agno has it.
    pub(crate) class: Arc<str>,
    /// The provider's name.
    pub(crate) name: Arc<str>,
    /// Where requests go.
    pub(crate) endpoint: Arc<Endpoint>,
}

struct Known {
    provider: &'static Provider,
    base_url: Box<str>,
    shared: Shared,
}

/// What models of this provider and address have in common. The list is short, so looking through
/// it is quicker than hashing.
pub(crate) fn shared(provider: &'static Provider, base_url: &str) -> Result<Shared, NetError> {
    static KNOWN: Mutex<Vec<Known>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let same =
        |known: &&Known| std::ptr::eq(known.provider, provider) && *known.base_url == *base_url;
    if let Some(known) = known.iter().find(same) {
        return Ok(known.shared.clone());
    }
    let shared = Shared {
        class: provider.class.into(),
        name: provider.name.into(),
        endpoint: Arc::new(Endpoint::parse(&provider.request_url(base_url))?),
    };
    if known.len() < MAX_KNOWN {
        known.push(Known {
            provider,
            base_url: base_url.into(),
            shared: shared.clone(),
        });
    }
    Ok(shared)
}
