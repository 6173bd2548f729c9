//! Asking a person what a paused run waits for.

use std::io::{BufRead, IsTerminal, Write, stdin, stdout};

use agno::{Agent, Requirement, RequirementKind, Resolution, ToolOutput};
use serde_json::{Map, Value};

use super::exit::Failure;
use super::output::Output;
use super::text;

/// Someone who answers questions.
pub(crate) trait Ask {
    /// The answer in one line; nothing if there is nobody any more.
    fn ask(&mut self, question: &str) -> Result<Option<String>, Failure>;
}

/// Standard input, line by line.
pub(crate) struct Lines;

impl Lines {
    /// The next line; nothing at the end.
    pub(crate) fn read() -> Result<Option<String>, Failure> {
        let mut line = String::new();
        if stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
    }
}

impl Ask for Lines {
    fn ask(&mut self, question: &str) -> Result<Option<String>, Failure> {
        let mut out = stdout().lock();
        write!(out, "{question}")?;
        out.flush()?;
        let line = Self::read()?;
        if line.is_none() {
            writeln!(out)?;
        }
        Ok(line)
    }
}

/// Whether a person can be asked.
pub(crate) fn somebody_is_there() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Asks for a decision on each requirement; nothing if the person leaves one open.
pub(crate) fn decide(
    agent: &Agent,
    requirements: &[Requirement],
    ask: &mut dyn Ask,
    output: &mut Output,
) -> Result<Option<Vec<Resolution>>, Failure> {
    let mut decisions = Vec::with_capacity(requirements.len());
    for requirement in requirements {
        output.line(format!(
            "{} {}",
            output.style.yellow("?"),
            text::call_of(&requirement.call.name, &requirement.call.arguments)
        ))?;
        let decision = match &requirement.kind {
            RequirementKind::Confirm => confirm(ask)?,
            RequirementKind::UserInput { fields } => input(agent, requirement, fields, ask)?,
            RequirementKind::External => {
                let result = ask.ask("  its result: ")?;
                result.map(|result| Resolution::Result(ToolOutput::text(result)))
            }
            RequirementKind::OutcomeUnknown => outcome(ask)?,
            _ => {
                let message = "this question needs a newer version of agno to be asked here";
                return Err(Failure::failed(message));
            }
        };
        match decision {
            Some(decision) => decisions.push(decision),
            None => return Ok(None),
        }
    }
    Ok(Some(decisions))
}

fn yes_or_no(question: &str, ask: &mut dyn Ask) -> Result<Option<bool>, Failure> {
    loop {
        let Some(answer) = ask.ask(question)? else {
            return Ok(None);
        };
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(Some(true)),
            "n" | "no" => return Ok(Some(false)),
            _ => {}
        }
    }
}

fn confirm(ask: &mut dyn Ask) -> Result<Option<Resolution>, Failure> {
    Ok(match yes_or_no("  allow it? [y/n] ", ask)? {
        None => None,
        Some(true) => Some(Resolution::Approve),
        Some(false) => {
            let note = ask.ask("  why not? (Enter to leave it out) ")?;
            let note = note.filter(|note| !note.trim().is_empty());
            Some(Resolution::Reject {
                note: note.map(Into::into),
            })
        }
    })
}

fn outcome(ask: &mut dyn Ask) -> Result<Option<Resolution>, Failure> {
    let question = "  it was cut off, and it must not run twice. Did it happen? [y/n] ";
    Ok(match yes_or_no(question, ask)? {
        None => None,
        Some(false) => Some(Resolution::Approve),
        Some(true) => {
            let result = ask.ask("  its result: ")?;
            result.map(|result| Resolution::Result(ToolOutput::text(result)))
        }
    })
}

fn input(
    agent: &Agent,
    requirement: &Requirement,
    fields: &[std::sync::Arc<str>],
    ask: &mut dyn Ask,
) -> Result<Option<Resolution>, Failure> {
    let mut values = Map::new();
    for field in fields {
        let Some(answer) = ask.ask(&format!("  {field}: "))? else {
            return Ok(None);
        };
        let value = value_of(agent, &requirement.call.name, field, &answer);
        values.insert(field.to_string(), value);
    }
    Ok(Some(Resolution::Input(values)))
}

/// What a person wrote for an argument: text where the tool wants text, otherwise JSON if it is.
pub(crate) fn value_of(agent: &Agent, tool: &str, field: &str, written: &str) -> Value {
    let schema = agent.definition().tools.get(tool);
    let schema = schema.map(|tool| tool.spec().parameters.value());
    let kind = schema
        .and_then(|schema| schema.pointer(&format!("/properties/{field}/type")))
        .and_then(Value::as_str);
    match kind {
        Some("string") => Value::from(written),
        _ => serde_json::from_str(written).unwrap_or_else(|_| Value::from(written)),
    }
}

/// How to go on with a paused run from a shell.
pub(crate) fn tell_how(
    agent: &Agent,
    run: &agno::RunOutput,
    output: &mut Output,
) -> Result<(), Failure> {
    for requirement in run.requirements.iter() {
        let call = text::call_of(&requirement.call.name, &requirement.call.arguments);
        let (what, how) = match &requirement.kind {
            RequirementKind::Confirm => ("needs your decision", "--approve  or  --reject WHY"),
            RequirementKind::UserInput { .. } => ("needs your input", "--input NAME=VALUE"),
            RequirementKind::External => ("is carried out elsewhere", "--result TEXT"),
            RequirementKind::OutcomeUnknown => (
                "was cut off, and must not run twice",
                "--result TEXT (it happened)  or  --approve (it did not)",
            ),
            _ => ("waits", "--help"),
        };
        output.line(format!("{} {call} {what}", output.style.yellow("paused:")))?;
        if let RequirementKind::UserInput { fields } = &requirement.kind {
            output.line(format!("  asked for: {}", fields.join(", ")))?;
        }
        output.line(format!("  go on with: agno resume {} {how}", run.run_id))?;
    }
    let kept = agent
        .db()
        .is_some_and(|db| !matches!(db.durability(), agno::storage::DbDurability::Memory));
    if !kept {
        output.note("The database is in memory, so the run ends with this command: use `db: sqlite:agno.db` to go on later.")?;
    }
    Ok(())
}
