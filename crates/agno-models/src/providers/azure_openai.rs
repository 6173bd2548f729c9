//! OpenAI's models on Azure; the model's id is the name of the deployment.

use super::{COMPATIBLE, KeyHeader, Provider};
use crate::openai_chat::Dialect;

pub(super) const PROVIDER: Provider = Provider {
    id: "azure-openai",
    aliases: &["azure"],
    name: "Azure",
    class: "AzureOpenAI",
    base_url: "{AZURE_OPENAI_ENDPOINT}/openai/deployments/{model}",
    path: "/chat/completions?api-version=2024-10-21",
    key_variables: &["AZURE_OPENAI_API_KEY"],
    key_header: KeyHeader::Named("api-key"),
    dialect: Dialect {
        name: "azure-openai",
        ..Dialect::OPENAI
    },
    ..COMPATIBLE
};
