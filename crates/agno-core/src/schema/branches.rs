//! Why none of several alternatives fits.
//!
//! "None of 5 alternatives fits" helps nobody. The alternative that was meant is found by its tag,
//! as enums in Rust and TypeScript have one, or by being the only one of the right type, and its
//! violations are reported; otherwise the message names the alternatives.

use serde_json::{Map, Value};

use super::check::{Checker, Found};
use super::reference::resolve;
use super::violation::Place;
use super::words::{kind, literal, literals, or, schema_words};

impl Checker<'_> {
    /// Reports why no branch fits. Always false.
    pub(super) fn explain_branches(
        &mut self,
        branches: &[Value],
        instance: &Value,
        place: &Place<'_>,
    ) -> bool {
        if self.is_quiet() {
            return false;
        }
        let root = self.root();
        let forms: Vec<_> = branches
            .iter()
            .filter_map(|branch| form(root, branch))
            .collect();
        if forms.len() == branches.len()
            && let Some(members) = instance.as_object()
            && let Some(tag) = tag_of(&forms)
        {
            return self.explain_tagged(&forms, tag, branches, instance, members, place);
        }
        if let Some(only) = forms
            .iter()
            .map(|form| form.get("const"))
            .collect::<Option<Vec<_>>>()
            .filter(|only| only.len() == branches.len())
        {
            return self.mismatch(place, || {
                format!("{} is not one of {}", literal(instance), literals(only))
            });
        }
        self.explain_nearest(branches, &forms, instance, place)
    }

    /// Enums with a tag: a property that is a different constant in each branch.
    fn explain_tagged(
        &mut self,
        forms: &[&Map<String, Value>],
        tag: &str,
        branches: &[Value],
        instance: &Value,
        members: &Map<String, Value>,
        place: &Place<'_>,
    ) -> bool {
        let place_of_tag = place.name(tag);
        let tags = || forms.iter().filter_map(|form| tag_value(form, tag));
        let Some(value) = members.get(tag) else {
            return self.report(&place_of_tag, || {
                format!("missing; one of {}", literals(tags()))
            });
        };
        let meant = forms
            .iter()
            .position(|form| tag_value(form, tag) == Some(value))
            .and_then(|index| branches.get(index));
        match meant {
            Some(branch) => {
                let found = self.aside(branch, instance, place);
                self.adopt(found)
            }
            None => self.mismatch(&place_of_tag, || {
                format!("{} is not one of {}", literal(value), literals(tags()))
            }),
        }
    }

    /// The branch with the fewest mismatches, if it is the only one of them.
    fn explain_nearest(
        &mut self,
        branches: &[Value],
        forms: &[&Map<String, Value>],
        instance: &Value,
        place: &Place<'_>,
    ) -> bool {
        let mut best: Option<(Found, bool)> = None;
        for branch in branches {
            let found = self.aside(branch, instance, place);
            let rank = |found: &Found| (found.mismatches, found.violations.len() + found.more);
            match &mut best {
                Some((least, tied)) if rank(&found) >= rank(least) => {
                    *tied |= rank(&found) == rank(least);
                }
                _ => best = Some((found, false)),
            }
        }
        match best {
            Some((found, false)) if found.mismatches == 0 && !found.violations.is_empty() => {
                self.adopt(found)
            }
            Some((found, _)) if branches.len() == 1 => self.adopt(found),
            _ => self.mismatch(place, || {
                let words: Vec<_> = forms.iter().filter_map(|form| schema_words(form)).collect();
                if words.len() == branches.len() && !words.is_empty() {
                    format!("expected {}, got {}", or(&words), kind(instance))
                } else {
                    format!("fits none of the {} alternatives", branches.len())
                }
            }),
        }
    }
}

/// The property that is a constant in every form.
fn tag_of<'f>(forms: &[&'f Map<String, Value>]) -> Option<&'f str> {
    let (first, others) = forms.split_first()?;
    let properties = first.get("properties")?.as_object()?;
    properties
        .keys()
        .find(|name| {
            tag_value(first, name).is_some()
                && others.iter().all(|form| tag_value(form, name).is_some())
        })
        .map(String::as_str)
}

fn tag_value<'f>(form: &'f Map<String, Value>, tag: &str) -> Option<&'f Value> {
    form.get("properties")?.get(tag)?.get("const")
}

/// The keywords of a branch, through its reference if it has one.
fn form<'v>(root: &'v Value, branch: &'v Value) -> Option<&'v Map<String, Value>> {
    let form = branch.as_object()?;
    match form.get("$ref").and_then(Value::as_str) {
        Some(reference) => resolve(root, reference)?.as_object(),
        None => Some(form),
    }
}
