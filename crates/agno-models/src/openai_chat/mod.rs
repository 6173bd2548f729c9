//! Chat Completions: OpenAI's older protocol, and the one that nearly everybody else speaks.
//!
//! Encoder and decoders are pure and know no client: they can be tested with recorded bytes alone.
//! [`OpenAiChat`] puts a client behind them.

mod call;
mod calls;
mod dialect;
mod encode;
mod encode_message;
mod error;
mod extras;
mod json;
mod lenient;
mod model;
mod parse_message;
mod parse_request;
mod provider_data;
mod reply;
mod stream;
mod think;
mod whole;
mod wire;

pub use dialect::{Dialect, FileParts, MaxTokens, ReasoningHistory, SystemRole, ToolMedia};
pub use encode::encode;
pub use error::{decode_error, net_error};
pub use model::{ChatModel, OpenAiChat};
pub use parse_request::{RequestError, parse_request};
pub use stream::StreamDecoder;
pub use whole::decode_whole;
