//! `agno chat`: talks with an agent.

use std::io::{IsTerminal, stdin};

use agno::{Agent, RunStatus, SessionId};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use super::args::ChatArguments;
use super::common::decide::{self, Ask, Lines};
use super::common::exit::Failure;
use super::common::output::Output;
use super::common::source::{Source, choose, tell_stand_ins};
use super::common::story::{Telling, tell};
use super::common::text;
use super::run::go_on;
use super::runtime;

const HELP: &str = "\
/agent [ID]    show the agents, or talk with another one
/session [ID]  show the session, or go on with another one
/new           begin a new session
/tools         show the agent's tools
/help          show this
/quit          leave (also Ctrl-D)";

pub(super) fn chat(arguments: ChatArguments, output: &mut Output) -> Result<(), Failure> {
    let runtime = runtime()?;
    let source = Source::new(arguments.file.as_deref(), &arguments.common)
        .with_model(arguments.agent.as_deref(), &arguments.model);
    let setup = source.setup()?;
    let agent = choose(&setup.agents, arguments.agent.as_deref())?;
    let person = stdin().is_terminal();
    let mut chat = Chat {
        agents: setup.agents.clone(),
        agent,
        session: arguments
            .session
            .map_or_else(|| SessionId::new(text::now()), SessionId::from),
        user: arguments.user,
    };
    tell_stand_ins(&setup, &[chat.agent.id()], output)?;
    if person {
        chat.greet(output)?;
    }
    let mut reader = Reader::new(person)?;
    while let Some(line) = reader.ask("> ")? {
        match line.trim() {
            "" => {}
            "/quit" | "/exit" | "/q" => break,
            command if command.starts_with('/') => chat.command(command, output)?,
            prompt => match runtime.block_on(chat.turn(prompt, &mut reader, output)) {
                // One failed run does not end the conversation; scripts want to know, though.
                Err(Failure::Failed(message)) if person => {
                    output.line(format!("{}: {message}", output.style.red("error")))?;
                }
                Err(Failure::Interrupted) if person => output.note("cancelled")?,
                other => other?,
            },
        }
    }
    Ok(())
}

struct Chat {
    agents: Vec<Agent>,
    agent: Agent,
    session: SessionId,
    user: Option<String>,
}

impl Chat {
    fn greet(&self, output: &mut Output) -> Result<(), Failure> {
        let style = output.style;
        output.line(format!(
            "{} · session {} · /help shows the commands",
            style.bold(self.agent.name()),
            self.session
        ))?;
        if self.agent.history().is_off() {
            output.note("This agent is shown no earlier messages: add `history: 10` to it.")?;
        }
        Ok(())
    }

    async fn turn(
        &self,
        prompt: &str,
        ask: &mut dyn Ask,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let mut request = self.agent.run(prompt).session(self.session.clone());
        if let Some(user) = &self.user {
            request = request.user(user.as_str());
        }
        let mut run = tell(request.stream(), Telling::Story, output).await?;
        while run.status == RunStatus::Paused {
            match go_on(&self.agent, &run, ask, output).await? {
                Some(next) => run = next,
                None => {
                    decide::tell_how(&self.agent, &run, output)?;
                    return Err(Failure::Paused);
                }
            }
        }
        Ok(())
    }

    fn command(&mut self, command: &str, output: &mut Output) -> Result<(), Failure> {
        let (name, argument) = match command.split_once(char::is_whitespace) {
            Some((name, argument)) => (name, Some(argument.trim())),
            None => (command, None),
        };
        match (name, argument.filter(|argument| !argument.is_empty())) {
            ("/help", _) => output.line(HELP),
            ("/new", _) => {
                self.session = SessionId::new(text::now());
                output.line(format!("session {}", self.session))
            }
            ("/session", None) => output.line(format!("session {}", self.session)),
            ("/session", Some(id)) => {
                self.session = SessionId::from(id);
                output.line(format!("session {id}"))
            }
            ("/tools", _) => self.tools(output),
            ("/agent" | "/agents", None) => {
                for agent in &self.agents {
                    let mark = if agent.id() == self.agent.id() {
                        "*"
                    } else {
                        " "
                    };
                    output.line(format!("{mark} {}", agent.id()))?;
                }
                Ok(())
            }
            ("/agent", Some(id)) => match choose(&self.agents, Some(id)) {
                Ok(agent) => {
                    self.agent = agent;
                    output.line(format!("agent {id}"))
                }
                Err(Failure::Usage(message)) => output.line(message),
                Err(other) => Err(other),
            },
            _ => output.line(format!("there is no command {name}: /help shows them")),
        }
    }

    fn tools(&self, output: &mut Output) -> Result<(), Failure> {
        let tools = &self.agent.definition().tools;
        if tools.is_empty() {
            return output.line("this agent has no tools");
        }
        for tool in tools.iter() {
            let spec = tool.spec();
            let name = output.style.bold(&spec.name);
            output.line(format!("{name}  {}", spec.description))?;
        }
        Ok(())
    }
}

/// A line editor for a person, plain lines for a pipe.
enum Reader {
    Editor(Box<DefaultEditor>),
    Pipe,
}

impl Reader {
    fn new(person: bool) -> Result<Self, Failure> {
        if !person {
            return Ok(Self::Pipe);
        }
        let editor = DefaultEditor::new()
            .map_err(|error| Failure::failed(format!("the terminal can't be used: {error}")))?;
        Ok(Self::Editor(Box::new(editor)))
    }
}

impl Ask for Reader {
    fn ask(&mut self, question: &str) -> Result<Option<String>, Failure> {
        let editor = match self {
            Self::Editor(editor) => editor,
            // The prompt would only be in the way of a script that reads the answers.
            Self::Pipe if question == "> " => return Lines::read(),
            Self::Pipe => return Lines.ask(question),
        };
        match editor.readline(question) {
            Ok(line) => {
                if question == "> " && !line.trim().is_empty() {
                    editor
                        .add_history_entry(line.as_str())
                        .map_err(|error| Failure::failed(format!("the history: {error}")))?;
                }
                Ok(Some(line))
            }
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(Failure::failed(format!(
                "the terminal can't be read: {error}"
            ))),
        }
    }
}
