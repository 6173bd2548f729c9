//! Wire codecs of model providers and the table that names them.
//!
//! A codec is a pure encoder and decoder; a provider is a row of data that says which codec, which
//! address and which key. Adding a provider that speaks a known protocol adds one row.

mod declared_tool;
mod key;
pub mod openai_chat;
pub mod providers;
mod shared;

pub use declared_tool::DeclaredTool;
pub use key::ApiKey;
pub use openai_chat::{ChatModel, OpenAiChat};
