//! What stands in the brackets of `#[tool(…)]`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Ident, Lit, LitBool, LitInt, LitStr, Result, Token, parenthesized};

use crate::nearest::hint;

/// The options of a tool.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    pub(crate) effect: Option<Ident>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) interaction: Option<(Span, Interaction)>,
    pub(crate) call_limit: Option<u32>,
    pub(crate) stop_after_call: bool,
    pub(crate) strict: Option<bool>,
    given: Vec<String>,
}

/// What a person has to do.
pub(crate) enum Interaction {
    Confirm,
    UserInput(Vec<Ident>),
    External,
}

const NAMES: [&str; 10] = [
    "name",
    "description",
    "effect",
    "timeout",
    "confirm",
    "user_input",
    "external",
    "call_limit",
    "stop_after_call",
    "strict",
];

const EFFECTS: [&str; 3] = ["pure", "idempotent", "at_most_once"];

impl Options {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        syn::meta::parser(|meta| options.option(&meta)).parse2(tokens)?;
        Ok(options)
    }

    fn option(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default();
        if self.given.contains(&name) {
            return Err(meta.error(format_args!("`{name}` is given twice")));
        }
        match name.as_str() {
            "name" => self.name = Some(tool_name(meta)?),
            "description" => self.description = Some(meta.value()?.parse()?),
            "effect" => self.effect = Some(effect(meta)?),
            "timeout" => self.timeout = Some(timeout(meta)?),
            "confirm" => self.interact(meta, Interaction::Confirm)?,
            "external" => self.interact(meta, Interaction::External)?,
            "user_input" => {
                let fields = fields(meta)?;
                self.interact(meta, Interaction::UserInput(fields))?;
            }
            "call_limit" => self.call_limit = Some(call_limit(meta)?),
            "stop_after_call" => self.stop_after_call = switch(meta)?,
            "strict" => self.strict = Some(switch(meta)?),
            _ => {
                let hint = match hint(&name, &NAMES) {
                    hint if hint.is_empty() => format!("; there are {}", NAMES.join(", ")),
                    hint => hint,
                };
                return Err(meta.error(format_args!("unknown option `{name}`{hint}")));
            }
        }
        self.given.push(name);
        Ok(())
    }

    fn interact(&mut self, meta: &ParseNestedMeta<'_>, interaction: Interaction) -> Result<()> {
        if self.interaction.is_some() {
            return Err(meta.error(
                "only one of `confirm`, `user_input` and `external` can be asked of a person",
            ));
        }
        self.interaction = Some((meta.path.span(), interaction));
        Ok(())
    }
}

/// A name that every provider takes.
pub(crate) fn check_name(name: &str, span: Span) -> Result<()> {
    let fits = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fits {
        return Ok(());
    }
    Err(Error::new(
        span,
        "a tool's name has 1 to 64 letters (a to z), digits, `_` and `-`: \
         choose one with `#[tool(name = \"…\")]`",
    ))
}

fn tool_name(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    let name: LitStr = meta.value()?.parse()?;
    check_name(&name.value(), name.span())?;
    Ok(name)
}

fn effect(meta: &ParseNestedMeta<'_>) -> Result<Ident> {
    let effect: Ident = meta.value()?.parse()?;
    let name = effect.to_string();
    if EFFECTS.contains(&name.as_str()) {
        return Ok(effect);
    }
    let hint = match hint(&name, &EFFECTS) {
        hint if hint.is_empty() => format!("; there are {}", EFFECTS.join(", ")),
        hint => hint,
    };
    Err(Error::new(
        effect.span(),
        format_args!("unknown effect `{name}`{hint}"),
    ))
}

fn timeout(meta: &ParseNestedMeta<'_>) -> Result<Duration> {
    let literal: Lit = meta.value()?.parse()?;
    let duration = match &literal {
        Lit::Str(text) => duration(&text.value()),
        Lit::Int(seconds) => Some(Duration::from_secs(seconds.base10_parse()?)),
        Lit::Float(seconds) => Duration::try_from_secs_f64(seconds.base10_parse()?).ok(),
        _ => None,
    };
    duration.filter(|limit| !limit.is_zero()).ok_or_else(|| {
        Error::new(
            literal.span(),
            "write a duration above zero: \"500ms\", \"30s\", \"2m\", \"1h\", or a number of seconds",
        )
    })
}

fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: f64 = digits.trim().parse().ok()?;
    let seconds = match text.strip_prefix(digits)? {
        "ms" => number / 1_000.0,
        "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

fn fields(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    if !meta.input.peek(syn::token::Paren) {
        return Err(
            meta.error("name the arguments that a person fills in: `user_input(amount, …)`")
        );
    }
    let content;
    parenthesized!(content in meta.input);
    let fields = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
    if fields.is_empty() {
        return Err(
            meta.error("name the arguments that a person fills in: `user_input(amount, …)`")
        );
    }
    Ok(fields.into_iter().collect())
}

fn call_limit(meta: &ParseNestedMeta<'_>) -> Result<u32> {
    let limit: LitInt = meta.value()?.parse()?;
    match limit.base10_parse()? {
        0 => Err(Error::new(
            limit.span(),
            "with a limit of 0 the tool could never be called",
        )),
        limit => Ok(limit),
    }
}

/// A bare option, or one set to `true` or `false`.
fn switch(meta: &ParseNestedMeta<'_>) -> Result<bool> {
    if meta.input.peek(Token![=]) {
        let value: LitBool = meta.value()?.parse()?;
        Ok(value.value)
    } else {
        Ok(true)
    }
}
