//! `provider:model` as a model.

use std::sync::Arc;

use agno_core::linkme::distributed_slice;
use agno_core::{MODEL_RESOLVERS, Model, ModelResolver, ResolveError, linkme};

use super::{find, unknown};
use crate::OpenAiChat;

#[distributed_slice(MODEL_RESOLVERS)]
#[linkme(crate = linkme)]
static PROVIDERS: ModelResolver = resolve;

fn resolve(name: &str) -> Option<Result<Arc<dyn Model>, ResolveError>> {
    let (provider, model) = name.split_once(':')?;
    let Some(provider) = find(provider) else {
        return Some(Err(unknown(provider)));
    };
    let model = match model.trim() {
        "" if provider.default_model.is_empty() => {
            let error = format!("`{name}` names no model: write `{}:model`", provider.id);
            return Some(Err(ResolveError::new(error)));
        }
        "" => provider.default_model,
        model => model,
    };
    Some(
        OpenAiChat::new(model)
            .served_by(provider)
            .build()
            .map(|model| model as Arc<dyn Model>),
    )
}
