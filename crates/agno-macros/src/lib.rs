//! The `#[tool]` attribute.
//!
//! Macros are only sugar: everything they write could be written by hand with `agno::Tool`,
//! `agno::read_arguments` and `agno::Schema::of`, or with `agno::function_tool`.

mod docs;
mod expand;
mod nearest;
mod options;
mod parameters;
mod toolkit;

use proc_macro::TokenStream;

/// Makes a tool of a function.
///
/// ```text
/// /// Current weather in a city.
/// ///
/// /// * `city` - its name, such as "Paris"
/// #[tool(effect = pure)]
/// async fn weather(city: String, days: Option<u32>, state: SessionState) -> ToolResult { … }
///
/// let agent = Agent::builder("weather").tool(weather).build()?;
/// let answer = weather::invoke("Paris".into(), None, SessionState::default()).await?;
/// ```
///
/// The function becomes a unit struct of the same name that implements `agno::Tool`, so its name is
/// also the value to hand to an agent. The function itself stays callable, with all its parameters,
/// as the associated function `invoke`.
///
/// # What the model is told
///
/// The doc comment is the description, without sections headed `Errors`, `Panics` and `Examples`.
/// Its list items that begin with the name of a parameter (`` * `city` - … ``, `- city: …`), in any
/// place or under `# Arguments`, describe the arguments. The types of the arguments need
/// `serde::Deserialize` and `schemars::JsonSchema`.
///
/// # Parameters
///
/// * `Option<T>` may be left out. So may a parameter with `#[default]` (the default of its type) or
///   `#[default(expression)]`. `#[serde(…)]` and `#[schemars(…)]` count as on a struct's field.
/// * `&str`, `&[T]` and `&T` are arguments like `String`, `Vec<T>` and `T`.
/// * Not filled in by the model, but taken from the call's context: `ToolContext`, `SessionState`
///   and `Dependency<_>`, also by reference, and whatever carries `#[inject]` and implements
///   `agno::FromToolContext`.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | instead of the function's name |
/// | `description = "…"` | instead of the doc comment's |
/// | `effect = pure` | what running it twice would do: `pure`, `idempotent`, or `at_most_once` (the default) |
/// | `timeout = "30s"` | how long a call may take: `ms`, `s`, `m`, `h`, or a number of seconds |
/// | `confirm` | a person confirms each call |
/// | `user_input(field, …)` | a person fills in these arguments |
/// | `external` | the call is carried out elsewhere; the function's body is not run |
/// | `call_limit = 3` | calls per run |
/// | `stop_after_call` | the run ends with this tool's result |
/// | `strict` | the provider is asked to hold the model to the schema; `strict = false` asks it not to |
///
/// A result is anything that implements `agno::IntoToolResult`. Functions that are not `async` run
/// on the caller's thread: they should not block.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, function: TokenStream) -> TokenStream {
    expand::tool(options.into(), function.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Makes tools of the methods of an `impl` block that carry `#[tool]`: tools that share a value.
///
/// ```text
/// #[toolkit]
/// impl Shop {
///     /// Looks up an order.
///     #[tool(effect = pure)]
///     async fn order(&self, id: String) -> Result<String, ShopError> { … }
/// }
///
/// let shop = Arc::new(Shop::connect().await?);
/// let agent = Agent::builder("support").tools(shop.tools()).build()?;
/// ```
///
/// The methods stay what they are, and the type gets the method `tools(self: &Arc<Self>)`, which
/// returns them as `Vec<Arc<dyn agno::Tool>>`, in order. They take `&self`; all else is as for
/// [`macro@tool`].
#[proc_macro_attribute]
pub fn toolkit(options: TokenStream, block: TokenStream) -> TokenStream {
    toolkit::toolkit(&options.into(), block.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
