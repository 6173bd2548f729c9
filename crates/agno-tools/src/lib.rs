//! Built-in toolkits; tools declared as HTTP calls.

pub mod builtin;
pub mod http;
mod parameters;

pub use http::{
    HttpMethod, HttpRequestSpec, HttpTool, HttpToolError, HttpToolErrorKind, HttpToolSpec,
};
pub use parameters::{ParametersError, parameters};
