//! The parameters of a tool function: arguments for the model to fill in, and injected ones.

use quote::quote;
use syn::{Attribute, Error, Expr, FnArg, Ident, Meta, Pat, Path, PathArguments, Result, Type};

/// One parameter.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// The type of the value that is read or injected: without the reference.
    pub(crate) value_type: Type,
    pub(crate) by_reference: bool,
    pub(crate) kind: Kind,
}

/// Where a parameter's value comes from.
pub(crate) enum Kind {
    /// From the call's context.
    Injected,
    /// From the model.
    Argument {
        /// What stands in for a missing value: an expression, or the type's default.
        default: Option<Option<Box<Expr>>>,
        /// Attributes for the field: `serde` and `schemars`.
        attributes: Vec<Attribute>,
    },
}

/// Types that are injected without being asked for.
const INJECTED: [&str; 3] = ["ToolContext", "SessionState", "Dependency"];

/// The parameters of a function. Takes the attributes that only the macro understands off them.
pub(crate) fn parameters<'i>(
    inputs: impl Iterator<Item = &'i mut FnArg>,
) -> Result<Vec<Parameter>> {
    let mut errors: Option<Error> = None;
    let mut parameters = Vec::new();
    for input in inputs {
        match parameter(input) {
            Ok(parameter) => parameters.push(parameter),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    errors.map_or(Ok(parameters), Err)
}

fn parameter(input: &mut FnArg) -> Result<Parameter> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(
                receiver,
                "a method is a tool only in an `impl` block with `#[toolkit]`; a function can take what \
                 it needs as `Dependency<_>`",
            ));
        }
    };
    let Pat::Ident(pattern) = &*typed.pat else {
        return Err(Error::new_spanned(
            &typed.pat,
            "a tool's parameter needs a name: take the pattern apart in the function",
        ));
    };
    if let Some(more) = pattern
        .by_ref
        .map(|token| quote!(#token))
        .or_else(|| pattern.subpat.as_ref().map(|(_, pattern)| quote!(#pattern)))
    {
        return Err(Error::new_spanned(
            more,
            "a tool's parameter is a plain name: take the pattern apart in the function",
        ));
    }
    let name = pattern.ident.clone();
    let (value_type, by_reference) = value_type(&typed.ty)?;
    let given = std::mem::take(&mut typed.attrs);
    let mut attributes = Vec::new();
    let mut default = None;
    let mut inject = last_segment(&value_type).is_some_and(|last| INJECTED.contains(&&*last));
    for attribute in given {
        match attribute
            .path()
            .get_ident()
            .map(ToString::to_string)
            .as_deref()
        {
            Some("inject") => {
                attribute.meta.require_path_only()?;
                inject = true;
            }
            Some("default") => default = Some(default_value(&attribute)?),
            Some("serde" | "schemars") => attributes.push(attribute),
            Some("doc") => {
                return Err(Error::new_spanned(
                    attribute,
                    format_args!(
                        "describe arguments in the function's doc comment: `* `{name}` - …`"
                    ),
                ));
            }
            // `cfg`, `allow` and the like stay on the function.
            _ => typed.attrs.push(attribute),
        }
    }
    if inject && let Some(attribute) = attributes.first() {
        return Err(Error::new_spanned(
            attribute,
            "an injected parameter is not read from JSON, so this has no effect",
        ));
    }
    let kind = if inject {
        Kind::Injected
    } else {
        Kind::Argument {
            default,
            attributes,
        }
    };
    Ok(Parameter {
        name,
        value_type,
        by_reference,
        kind,
    })
}

fn default_value(attribute: &Attribute) -> Result<Option<Box<Expr>>> {
    match &attribute.meta {
        Meta::Path(_) => Ok(None),
        Meta::List(list) => list.parse_args().map(|value| Some(Box::new(value))),
        Meta::NameValue(meta) => Ok(Some(Box::new(meta.value.clone()))),
    }
}

/// The type of the value behind a parameter, and whether the function only borrows it.
fn value_type(given: &Type) -> Result<(Type, bool)> {
    match given {
        Type::Paren(inner) => value_type(&inner.elem),
        Type::Group(inner) => value_type(&inner.elem),
        Type::Reference(reference) => {
            if let Some(mutability) = reference.mutability {
                return Err(Error::new_spanned(
                    mutability,
                    "a tool has nothing to change here: take the value, or a shared reference",
                ));
            }
            let value_type = match &*reference.elem {
                Type::Path(path) if path.path.is_ident("str") => {
                    syn::parse_quote!(::std::string::String)
                }
                Type::Slice(slice) => {
                    let item = &slice.elem;
                    syn::parse_quote!(::std::vec::Vec<#item>)
                }
                other => other.clone(),
            };
            Ok((value_type, true))
        }
        Type::ImplTrait(_) => Err(Error::new_spanned(
            given,
            "an argument needs a concrete type, so that its JSON Schema is known",
        )),
        other => Ok((other.clone(), false)),
    }
}

fn last_segment(value_type: &Type) -> Option<String> {
    let Type::Path(path) = value_type else {
        return None;
    };
    path.path.segments.last().map(|last| last.ident.to_string())
}

/// Whether a type is written as an `Option`.
pub(crate) fn is_option(value_type: &Type) -> bool {
    fn is(path: &Path) -> bool {
        path.segments.last().is_some_and(|last| {
            last.ident == "Option" && matches!(last.arguments, PathArguments::AngleBracketed(_))
        })
    }
    matches!(value_type, Type::Path(path) if is(&path.path))
}
