//! Tools declared as HTTP calls.
//!
//! Most tools of most people are one request to a service of their own. They need no code: a method,
//! an address with places for arguments, and what to take from the answer. Because a model fills in
//! the arguments, nothing it says can change the server, the shape of the path or the headers, and
//! keys from the environment never reach a result, an error or a log.

mod address;
mod answer;
mod build;
mod error;
mod request;
mod secrets;
mod spec;
mod template;

use std::fmt;
use std::sync::Arc;

use agno_core::{
    BoxFuture, Tool, ToolContext, ToolError, ToolErrorKind, ToolOutput, ToolResult, ToolSpec,
};
use agno_net::{HeaderName, NetError, WebClient, WebError};
use serde_json::Value;

use address::Address;
use answer::ResultPath;
use secrets::Secrets;
use template::Template;

pub use error::{HttpToolError, HttpToolErrorKind};
pub use spec::{HttpMethod, HttpRequestSpec, HttpToolSpec};

/// A tool that is an HTTP call.
pub struct HttpTool {
    spec: ToolSpec,
    method: HttpMethod,
    address: Address,
    query: Vec<(String, Template)>,
    headers: Vec<Header>,
    body: Option<Body>,
    /// All parameters.
    known: Vec<String>,
    /// Those that may not be left out.
    required: Vec<String>,
    /// Parameters without a place: they go into the body or the query.
    rest: Vec<String>,
    /// Whether arguments that are no parameters are passed on.
    is_open: bool,
    result: Option<ResultPath>,
    secrets: Secrets,
    client: WebClient,
}

struct Header {
    name: HeaderName,
    value: Template,
    is_sensitive: bool,
}

/// A JSON body with places for arguments.
enum Body {
    Scalar(Value),
    Text(Template),
    Array(Vec<Body>),
    Object(Vec<(String, Body)>),
}

impl HttpTool {
    /// A tool from its declaration. Environment variables are taken from `variable`, once.
    ///
    /// ```
    /// # use agno_tools::{HttpTool, HttpToolSpec};
    /// let spec: HttpToolSpec = serde_json::from_value(serde_json::json!({
    ///     "name": "get_order",
    ///     "description": "Look up an order by its number.",
    ///     "parameters": { "order_id": "string" },
    ///     "http": {
    ///         "url": "https://shop.example/orders/{order_id}",
    ///         "headers": { "authorization": "Bearer ${SHOP_TOKEN}" },
    ///         "result": "data",
    ///     },
    /// }))?;
    /// let error = HttpTool::new(spec, &|_| None).unwrap_err();
    /// assert!(error.to_string().contains("the environment variable `SHOP_TOKEN`"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the declaration has a mistake or a variable is not set.
    pub fn new(
        spec: HttpToolSpec,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, HttpToolError> {
        build::build(spec, variable)
    }
}

impl Tool for HttpTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(self: Arc<Self>, arguments: Arc<str>, context: ToolContext) -> BoxFuture<ToolResult> {
        Box::pin(async move {
            let request = self.request(&arguments, &context)?;
            let response = self.client.send(request).await;
            match response {
                Ok(response) => match answer::result(&response, self.result.as_ref()) {
                    Ok(text) => Ok(ToolOutput::text(self.secrets.redact(text))),
                    Err(message) => Err(ToolError::failed(self.secrets.redact(message))),
                },
                Err(error) => Err(self.explain(&error)),
            }
        })
    }
}

impl HttpTool {
    /// An error of the network, in the words of whoever wrote the declaration.
    fn explain(&self, error: &WebError) -> ToolError {
        let kind = match error {
            WebError::Net(NetError::TimedOut { .. }) => ToolErrorKind::TimedOut,
            _ => ToolErrorKind::Failed,
        };
        let message = match error {
            WebError::PrivateAddress { host } => format!(
                "{host} is not a public address, so the request was refused: set \
                 `allow_private: true` for the tool `{}` if it may ask it",
                self.spec.name
            ),
            WebError::Net(NetError::TooLarge { .. }) => {
                format!("{error}: ask for less, or raise the tool's `max_bytes`")
            }
            other => other.to_string(),
        };
        ToolError::new(kind, self.secrets.redact(message))
    }
}

/// Keys of the environment and the address's query are left out.
impl fmt::Debug for HttpTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTool")
            .field("name", &self.spec.name)
            .field("method", &self.method)
            .field("url", &self.address.shown)
            .finish_non_exhaustive()
    }
}
