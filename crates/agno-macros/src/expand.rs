//! Writes the tool.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, ItemFn, LitStr, Result, ReturnType, Signature};

use crate::docs::Docs;
use crate::nearest::hint;
use crate::options::{Interaction, Options, check_name};
use crate::parameters::{Kind, Parameter, is_option, parameters};

/// `#[tool]` on a function.
pub(crate) fn tool(options: TokenStream, function: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(options)?;
    let mut function: ItemFn = syn::parse2(function).map_err(|error| {
        Error::new(
            error.span(),
            format_args!("`#[tool]` goes on a function: {error}"),
        )
    })?;
    let tool = Tool::new(options, &function.attrs, &mut function.sig, false)?;
    expand_function(&tool, &function)
}

fn expand_function(tool: &Tool, function: &ItemFn) -> Result<TokenStream> {
    let name = &tool.name;
    let visibility = &function.vis;
    let is_kind = |attribute: &Attribute, kinds: &[&str]| {
        kinds.iter().any(|kind| attribute.path().is_ident(kind))
    };
    let attributes = &function.attrs;
    let on_struct = attributes
        .iter()
        .filter(|one| is_kind(one, &["doc", "cfg", "deprecated"]));
    let conditions: Vec<_> = attributes
        .iter()
        .filter(|one| is_kind(one, &["cfg"]))
        .collect();
    let on_function = attributes.iter().filter(|one| !is_kind(one, &["cfg"]));
    let signature = &function.sig;
    let (inputs, output) = (&signature.inputs, &signature.output);
    let asyncness = signature.asyncness;
    let body = &function.block;
    let undocumented = (!attributes.iter().any(|one| is_kind(one, &["doc"]))).then(
        || quote!(#[allow(missing_docs, reason = "the function has no documentation either")]),
    );
    let implementation = tool.implementation(&quote!(#name), &quote!(<#name>::invoke))?;
    Ok(quote! {
        #(#on_struct)*
        #undocumented
        #[allow(non_camel_case_types, reason = "named after the function")]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #visibility struct #name;

        #(#conditions)*
        impl #name {
            #(#on_function)*
            #undocumented
            #visibility #asyncness fn invoke(#inputs) #output #body
        }

        #(#conditions)*
        const _: () = {
            #implementation
        };
    })
}

fn check_signature(signature: &Signature) -> Result<()> {
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a tool can't be generic: its JSON Schema is built once, from concrete types",
        ));
    }
    if let Some(unsafety) = &signature.unsafety {
        return Err(Error::new_spanned(
            unsafety,
            "a model may call this: it can't be unsafe",
        ));
    }
    Ok(())
}

/// A function or method that is a tool, as far as the tool is concerned.
pub(crate) struct Tool {
    pub(crate) name: Ident,
    options: Options,
    parameters: Vec<Parameter>,
    docs: Docs,
    is_async: bool,
    /// Where the result's type is written.
    output: Span,
}

impl Tool {
    /// Reads a signature and takes the attributes that only the macro understands off it.
    pub(crate) fn new(
        options: Options,
        attributes: &[Attribute],
        signature: &mut Signature,
        is_method: bool,
    ) -> Result<Self> {
        check_signature(signature)?;
        let inputs = signature.inputs.iter_mut().skip(usize::from(is_method));
        let parameters = parameters(inputs)?;
        let names: Vec<String> = parameters
            .iter()
            .map(|one| one.name.unraw().to_string())
            .collect();
        let tool = Self {
            name: signature.ident.clone(),
            options,
            parameters,
            docs: Docs::of(attributes, &names)?,
            is_async: signature.asyncness.is_some(),
            output: match &signature.output {
                ReturnType::Default => Span::call_site(),
                ReturnType::Type(_, output) => output.span(),
            },
        };
        tool.check_user_input()?;
        Ok(tool)
    }

    fn arguments(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(|one| matches!(one.kind, Kind::Argument { .. }))
    }

    fn check_user_input(&self) -> Result<()> {
        let Some((_, Interaction::UserInput(fields))) = &self.options.interaction else {
            return Ok(());
        };
        let known: Vec<_> = self
            .arguments()
            .map(|one| one.name.unraw().to_string())
            .collect();
        for field in fields {
            let name = field.unraw().to_string();
            if !known.contains(&name) {
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                let hint = hint(&name, &known);
                return Err(Error::new_spanned(
                    field,
                    format_args!("there is no argument `{name}`{hint}"),
                ));
            }
        }
        Ok(())
    }

    /// The implementation of `Tool` for `subject`, which calls `callee`.
    pub(crate) fn implementation(
        &self,
        subject: &TokenStream,
        callee: &TokenStream,
    ) -> Result<TokenStream> {
        let arguments = self.arguments_struct();
        let spec = self.spec()?;
        let call = self.call(callee);
        Ok(quote! {
            #arguments

            #[automatically_derived]
            impl ::agno::__private::Tool for #subject {
                #spec
                #call
            }
        })
    }

    /// The struct that arguments are read into, and its default functions.
    fn arguments_struct(&self) -> TokenStream {
        let mut fields = Vec::new();
        let mut functions = Vec::new();
        for parameter in self.arguments() {
            let Kind::Argument {
                default,
                attributes,
            } = &parameter.kind
            else {
                continue;
            };
            let (name, value_type) = (&parameter.name, &parameter.value_type);
            let plain = name.unraw().to_string();
            let said = self
                .docs
                .arguments
                .iter()
                .find(|(about, _)| *about == plain);
            let description = said.map(|(_, said)| quote!(#[doc = #said]));
            let default = match default {
                Some(value) => {
                    let (default, read) = (
                        format_ident!("default_{plain}"),
                        format_ident!("read_{plain}"),
                    );
                    functions.push(default_functions(
                        value_type,
                        value.as_deref(),
                        &default,
                        &read,
                    ));
                    let (default, read) = (default.to_string(), read.to_string());
                    Some(quote!(#[serde(default = #default, deserialize_with = #read)]))
                }
                None if is_option(value_type) => Some(quote!(#[serde(default)])),
                None => None,
            };
            fields.push(quote! {
                #description
                #default
                #(#attributes)*
                #name: #value_type
            });
        }
        quote! {
            #[derive(
                ::agno::__private::serde::Deserialize,
                ::agno::__private::schemars::JsonSchema,
            )]
            #[serde(crate = "::agno::__private::serde", deny_unknown_fields)]
            #[schemars(crate = "::agno::__private::schemars", !deny_unknown_fields)]
            struct __Arguments {
                #(#fields),*
            }
            #(#functions)*
        }
    }

    fn spec(&self) -> Result<TokenStream> {
        let name = match &self.options.name {
            Some(name) => name.value(),
            None => self.name.unraw().to_string(),
        };
        check_name(&name, self.name.span())?;
        let description = match &self.options.description {
            Some(description) => description.value(),
            None => self.docs.description.clone(),
        };
        if description.trim().is_empty() {
            return Err(Error::new_spanned(
                &self.name,
                "a model chooses tools by their descriptions: write a doc comment, \
                 or `#[tool(description = \"…\")]`",
            ));
        }
        let settings = self.settings();
        Ok(quote! {
            fn spec(&self) -> &::agno::__private::ToolSpec {
                static SPEC: ::std::sync::OnceLock<::agno::__private::ToolSpec> =
                    ::std::sync::OnceLock::new();
                SPEC.get_or_init(|| {
                    #[allow(unused_mut, reason = "most tools set nothing further")]
                    let mut spec = ::agno::__private::ToolSpec::new(
                        #name,
                        #description,
                        ::agno::__private::Schema::of_arguments::<__Arguments>(),
                    );
                    #settings
                    spec
                })
            }
        })
    }

    /// Sets what differs from the defaults.
    fn settings(&self) -> TokenStream {
        let mut settings = TokenStream::new();
        let options = &self.options;
        if let Some(effect) = &options.effect {
            let variant = match effect.to_string().as_str() {
                "pure" => quote!(Pure),
                "idempotent" => quote!(Idempotent),
                _ => quote!(AtMostOnce),
            };
            settings.extend(quote!(spec.effect = ::agno::__private::Effect::#variant;));
        }
        if let Some((_, interaction)) = &options.interaction {
            let variant = match interaction {
                Interaction::Confirm => quote!(Confirm),
                Interaction::External => quote!(External),
                Interaction::UserInput(fields) => {
                    let fields = fields
                        .iter()
                        .map(|field| LitStr::new(&field.unraw().to_string(), field.span()));
                    quote!(UserInput(::std::sync::Arc::new([
                        #(::std::convert::Into::into(#fields)),*
                    ])))
                }
            };
            settings.extend(quote!(spec.interaction = ::agno::__private::Interaction::#variant;));
        }
        if let Some(timeout) = options.timeout {
            let (seconds, nanoseconds) = (timeout.as_secs(), timeout.subsec_nanos());
            settings.extend(quote! {
                spec.timeout = ::core::option::Option::Some(
                    ::core::time::Duration::new(#seconds, #nanoseconds),
                );
            });
        }
        if let Some(limit) = options.call_limit {
            settings.extend(quote!(spec.call_limit = ::core::option::Option::Some(#limit);));
        }
        if options.stop_after_call {
            settings.extend(quote!(spec.stop_after_call = true;));
        }
        if let Some(strict) = options.strict {
            settings.extend(quote!(spec.strict = ::core::option::Option::Some(#strict);));
        }
        settings
    }

    fn call(&self, callee: &TokenStream) -> TokenStream {
        let context = Ident::new("context", Span::mixed_site());
        let arguments = self.arguments().map(|one| &one.name);
        let injected = self
            .parameters
            .iter()
            .filter(|one| matches!(one.kind, Kind::Injected))
            .map(|one| {
                let (name, value_type) = (&one.name, &one.value_type);
                quote_spanned! {value_type.span()=>
                    let #name =
                        <#value_type as ::agno::__private::FromToolContext>::from_tool_context(
                            &#context,
                        )?;
                }
            });
        let passed = self.parameters.iter().map(|one| {
            let name = &one.name;
            if one.by_reference {
                quote!(&#name)
            } else {
                quote!(#name)
            }
        });
        let dot_await = self.is_async.then(|| quote!(.await));
        let span = self.output;
        let into_result = quote_spanned! {span=>
            ::agno::__private::IntoToolResult::into_tool_result(result)
        };
        quote! {
            fn call(
                self: ::std::sync::Arc<Self>,
                arguments: ::std::sync::Arc<str>,
                #context: ::agno::__private::ToolContext,
            ) -> ::agno::__private::BoxFuture<::agno::__private::ToolResult> {
                ::std::boxed::Box::pin(async move {
                    let __Arguments { #(#arguments),* } = ::agno::__private::read_arguments(
                        &arguments,
                        &::agno::__private::Tool::spec(&*self).parameters,
                    )?;
                    #(#injected)*
                    let result = #callee(#(#passed),*) #dot_await;
                    #into_result
                })
            }
        }
    }
}

/// The functions behind `#[default(…)]`: one gives the value, the other reads an argument, for
/// which `null` counts as missing.
fn default_functions(
    value_type: &syn::Type,
    value: Option<&syn::Expr>,
    default: &Ident,
    read: &Ident,
) -> TokenStream {
    let value = value.map_or_else(
        || quote!(::core::default::Default::default()),
        |value| quote_spanned!(value.span()=> #value),
    );
    quote! {
        fn #default() -> #value_type {
            #value
        }
        fn #read<'de, D: ::agno::__private::serde::Deserializer<'de>>(
            deserializer: D,
        ) -> ::core::result::Result<#value_type, D::Error> {
            let given = <::core::option::Option<#value_type> as
                ::agno::__private::serde::Deserialize<'de>>::deserialize(deserializer)?;
            ::core::result::Result::Ok(given.unwrap_or_else(#default))
        }
    }
}
