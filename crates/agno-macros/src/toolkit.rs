//! Methods as tools.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, FnArg, ImplItem, ImplItemFn, ItemImpl, Meta, Result};

use crate::expand::Tool;
use crate::options::Options;

/// `#[toolkit]` on an `impl` block.
pub(crate) fn toolkit(options: &TokenStream, block: TokenStream) -> Result<TokenStream> {
    if !options.is_empty() {
        return Err(Error::new_spanned(
            options,
            "`#[toolkit]` has no options: they belong to the `#[tool]` of each method",
        ));
    }
    let mut block: ItemImpl = syn::parse2(block).map_err(|error| {
        Error::new(
            error.span(),
            format_args!("`#[toolkit]` goes on an `impl` block: {error}"),
        )
    })?;
    check_block(&block)?;
    let mut tools = Vec::new();
    let mut errors: Option<Error> = None;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let Some(options) = take_tool_attribute(&mut method.attrs) else {
            continue;
        };
        match expand_method(&options, method, &block.self_ty) {
            Ok(tool) => tools.push(tool),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    if let Some(errors) = errors {
        return Err(errors);
    }
    if tools.is_empty() {
        return Err(Error::new_spanned(
            &block.self_ty,
            "there is no tool in this block: put `#[tool]` on its methods",
        ));
    }
    let subject = &block.self_ty;
    Ok(quote! {
        #block

        impl #subject {
            /// The tools of this toolkit, in order. They share it.
            #[allow(unreachable_pub, reason = "as visible as its type")]
            pub fn tools(
                self: &::std::sync::Arc<Self>,
            ) -> ::std::vec::Vec<::std::sync::Arc<dyn ::agno::__private::Tool>> {
                ::std::vec![#(#tools),*]
            }
        }
    })
}

fn check_block(block: &ItemImpl) -> Result<()> {
    if !block.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &block.generics,
            "a toolkit can't be generic: the JSON Schemas of its tools are built once",
        ));
    }
    if let Some((_, path, _)) = &block.trait_ {
        return Err(Error::new_spanned(
            path,
            "tools are methods of the type itself, not of a trait",
        ));
    }
    Ok(())
}

/// The `#[tool]` of a method, taken off.
fn take_tool_attribute(attributes: &mut Vec<Attribute>) -> Option<Attribute> {
    let is_tool = |attribute: &Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "tool")
    };
    let index = attributes.iter().position(is_tool)?;
    Some(attributes.remove(index))
}

/// An expression for the tool, with all it needs inside.
fn expand_method(
    attribute: &Attribute,
    method: &mut ImplItemFn,
    subject: &syn::Type,
) -> Result<TokenStream> {
    let options = match &attribute.meta {
        Meta::List(list) => Options::parse(list.tokens.clone())?,
        Meta::Path(_) => Options::parse(TokenStream::new())?,
        Meta::NameValue(meta) => {
            return Err(Error::new_spanned(
                meta,
                "write options in brackets: `#[tool(effect = pure)]`",
            ));
        }
    };
    match method.sig.inputs.first() {
        Some(FnArg::Receiver(receiver))
            if receiver.reference.is_some()
                && receiver.mutability.is_none()
                && receiver.colon_token.is_none() => {}
        Some(FnArg::Receiver(receiver)) => {
            return Err(Error::new_spanned(
                receiver,
                "a toolkit is shared by its calls: take `&self`, and put what changes behind a lock",
            ));
        }
        _ => {
            return Err(Error::new_spanned(
                &method.sig.ident,
                "take `&self`; what needs no `&self` is a tool by itself: \
                 put `#[tool]` on a function outside of this block",
            ));
        }
    }
    let tool = Tool::new(options, &method.attrs, &mut method.sig, true)?;
    let name = &tool.name;
    let implementation = tool.implementation(&quote!(__Tool), &quote!(self.0.#name))?;
    let conditions = method.attrs.iter().find(|one| one.path().is_ident("cfg"));
    if let Some(condition) = conditions {
        return Err(Error::new_spanned(
            condition,
            "put `cfg` on a block of its own, with `#[toolkit]`",
        ));
    }
    Ok(quote! {{
        struct __Tool(::std::sync::Arc<#subject>);
        #implementation
        ::std::sync::Arc::new(__Tool(::std::sync::Arc::clone(self)))
            as ::std::sync::Arc<dyn ::agno::__private::Tool>
    }})
}
