//! What the schema can't check: names that must exist, and names that must not exist twice.

use std::collections::BTreeMap;

use agno_core::nearest;
use agno_tools::builtin;

use super::diagnostic::Diagnostic;
use super::text::Position;
use super::tree::{Content, Node};
use super::types::{AgentsFile, ModelChoice};

/// The name of the model that needs no network.
pub(super) const OFFLINE: &str = "offline";

/// Checks the names in a file whose shape is right.
pub(super) fn check(file: &AgentsFile, root: &Node) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    tools_do_not_hide_toolkits(file, root, &mut mistakes);
    for (id, agent) in &file.agents.0 {
        let here = |key| root.at(&["agents", id, key]);
        if id.trim().is_empty() {
            let position = entry_position(root, "agents", id);
            mistakes.push(Diagnostic::new(position, "an agent's id must not be empty"));
        }
        if let (Some(ModelChoice::Name(name)), Some(node)) = (&agent.model, here("model")) {
            mistakes.extend(unknown_model(file, name, node.position, id));
        }
        if let Some(Node {
            content: Content::List(items),
            ..
        }) = here("tools")
        {
            check_tools(file, id, &agent.tools, items, &mut mistakes);
        }
    }
    mistakes
}

fn unknown_model(
    file: &AgentsFile,
    name: &str,
    position: Position,
    agent: &str,
) -> Option<Diagnostic> {
    if name.contains(':') || name == OFFLINE || file.models.contains_key(name) {
        return None;
    }
    let known = file.models.keys().map(String::as_str).chain([OFFLINE]);
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `provider:model`, such as `openai:gpt-4o`, or add it under `models`".into(),
    };
    let message = format!("unknown model `{name}` in agent `{agent}`");
    Some(Diagnostic::new(position, message).help(help))
}

fn tools_do_not_hide_toolkits(file: &AgentsFile, root: &Node, mistakes: &mut Vec<Diagnostic>) {
    for name in file.tools.keys() {
        if builtin::find(name).is_some() {
            let message = format!("the tool `{name}` has the name of a built-in toolkit");
            let position = entry_position(root, "tools", name);
            let help = "rename it: agents would not know which one is meant".to_owned();
            mistakes.push(Diagnostic::new(position, message).help(help));
        }
    }
}

fn entry_position(root: &Node, section: &str, key: &str) -> Option<Position> {
    let entry = root.at(&[section])?.entry(key)?;
    Some(entry.key_position)
}

fn check_tools(
    file: &AgentsFile,
    agent: &str,
    names: &[String],
    items: &[Node],
    mistakes: &mut Vec<Diagnostic>,
) {
    // Each name that the model will see, and what brought it.
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, item) in names.iter().zip(items) {
        let brought: Vec<String> = match builtin::find(name) {
            Some(toolkit) => toolkit.tool_names(),
            None if file.tools.get(name).is_some() => vec![name.clone()],
            None => {
                mistakes.push(unknown_tool(file, agent, name, item.position));
                continue;
            }
        };
        for tool in brought {
            if let Some(first) = seen.insert(tool.clone(), name) {
                let message = if first == name {
                    format!("agent `{agent}` has `{name}` twice")
                } else {
                    format!("agent `{agent}` has two tools named `{tool}`")
                };
                let help = if first == name {
                    "remove one of them".to_owned()
                } else {
                    format!("one is from `{first}`: rename the other, or leave one out")
                };
                mistakes.push(Diagnostic::new(item.position, message).help(help));
                break;
            }
        }
    }
}

fn unknown_tool(file: &AgentsFile, agent: &str, name: &str, position: Position) -> Diagnostic {
    let toolkits: Vec<&str> = builtin::all().iter().map(|toolkit| toolkit.name).collect();
    let known: Vec<&str> = file.tools.keys().chain(toolkits.iter().copied()).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("add it under `tools`, or use one of {}", listed.join(", "))
        }
    };
    let message = format!("unknown tool `{name}` in agent `{agent}`");
    Diagnostic::new(position, message).help(help)
}
