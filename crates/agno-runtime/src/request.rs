//! Asking an agent.

use std::any::type_name;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use agno_core::{
    Content, Dependencies, Media, Message, RunId, RunStatus, Schema, SessionId, UserId, UserMessage,
};
use agno_engine::{Outcome, OutputSpec, RunOutput};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::agent::Agent;
use crate::driver::RunStream;
use crate::error::{Error, FailedRun};
use crate::policy::Durability;

/// What an agent is asked: text, text with media, or whole messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// The messages; the last is the input itself.
    pub messages: Vec<Arc<Message>>,
}

impl Input {
    /// Adds an image, audio clip, video or file to the last user message.
    #[must_use]
    pub fn media(mut self, media: Media) -> Self {
        match self.messages.last_mut().map(Arc::make_mut) {
            Some(Message::User(user)) => user.content.rich_mut().media.push(media),
            _ => {
                let mut user = UserMessage::default();
                user.content.rich_mut().media.push(media);
                self.messages.push(Arc::new(Message::User(user)));
            }
        }
        self
    }

    /// The text of the last user message.
    pub fn text(&self) -> &str {
        self.messages.last().map_or("", |message| message.text())
    }
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self {
            messages: vec![Arc::new(Message::user(text))],
        }
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self {
            messages: vec![Arc::new(Message::user(text))],
        }
    }
}

impl From<Content> for Input {
    fn from(content: Content) -> Self {
        Self {
            messages: vec![Arc::new(Message::User(UserMessage { content }))],
        }
    }
}

impl From<Vec<Message>> for Input {
    fn from(messages: Vec<Message>) -> Self {
        Self {
            messages: messages.into_iter().map(Arc::new).collect(),
        }
    }
}

/// A run that has not begun. Await it for its output, or take its stream of events.
#[must_use = "a run does nothing before it is awaited or streamed"]
#[derive(Debug)]
pub struct RunRequest {
    pub(crate) agent: Agent,
    pub(crate) input: Input,
    pub(crate) run_id: Option<RunId>,
    pub(crate) rare: Option<Box<Rare>>,
}

/// What most requests leave out.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    pub(crate) session_id: Option<SessionId>,
    pub(crate) user_id: Option<UserId>,
    pub(crate) state: Map<String, Value>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) dependencies: Dependencies,
    pub(crate) output: Option<OutputSpec>,
    pub(crate) durability: Option<Durability>,
    pub(crate) history: Option<bool>,
    pub(crate) background: bool,
    pub(crate) forked_from: Option<RunId>,
}

impl RunRequest {
    pub(crate) const fn new(agent: Agent, input: Input) -> Self {
        Self {
            agent,
            input,
            run_id: None,
            rare: None,
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The conversation that the run is part of; created if it does not exist. With a database and
    /// without this, each run gets a session of its own.
    pub fn session(mut self, session: impl Into<SessionId>) -> Self {
        self.rare().session_id = Some(session.into());
        self
    }

    /// The session that the run is part of, if none is set.
    pub fn session_if_none(mut self, session: impl FnOnce() -> SessionId) -> Self {
        self.rare().session_id.get_or_insert_with(session);
        self
    }

    /// On whose behalf the run is made. A session of someone else is as good as unknown.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.rare().user_id = Some(user.into());
        self
    }

    /// The run's id; random if not given.
    pub fn run_id(mut self, id: RunId) -> Self {
        self.run_id = Some(id);
        self
    }

    /// Sets a key of the session state before the run begins.
    pub fn state(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.rare().state.insert(key.into(), value.into());
        self
    }

    /// Keeps a value with the run.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.rare().metadata.insert(key.into(), value.into());
        self
    }

    /// Hands a value to tools that take a `Dependency<T>`, in this run only.
    pub fn dependency<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.rare().dependencies.insert(Arc::new(value));
        self
    }

    /// Hands a value to instructions and tools by name, in this run only.
    pub fn dependency_value(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.rare()
            .dependencies
            .values
            .insert(name.into(), value.into());
        self
    }

    /// Notes that the input begins with the conversation of an earlier run.
    pub fn forked_from(mut self, run: RunId) -> Self {
        self.rare().forked_from = Some(run);
        self
    }

    /// When what happened is written to the database, in this run only.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.rare().durability = Some(durability);
        self
    }

    /// Whether earlier runs of the session are shown to the model; as the agent says if not set.
    pub fn with_history(mut self, shown: bool) -> Self {
        self.rare().history = Some(shown);
        self
    }

    /// The JSON schema that the answer has to fit, in this run only.
    pub fn output_schema(
        mut self,
        name: impl Into<Arc<str>>,
        schema: impl Into<Arc<Schema>>,
    ) -> Self {
        self.rare().output = Some(OutputSpec {
            name: name.into(),
            schema: schema.into(),
        });
        self
    }

    /// Makes the run outlive its observers and its process: each of its events is durable before
    /// it is told, and [`Agent::recover`] goes on with it after a restart.
    pub fn background(mut self) -> Self {
        self.rare().background = true;
        self
    }

    /// Runs the agent and reads its answer as a `T`. The answer is held to the schema of `T`.
    ///
    /// # Errors
    /// As for awaiting the request, and if the answer is not a `T`.
    pub async fn output<T: DeserializeOwned + schemars::JsonSchema>(mut self) -> Result<T, Error> {
        let name = T::schema_name();
        let schema = Schema::of::<T>();
        self.rare().output = Some(OutputSpec {
            name: (*name).into(),
            schema: Arc::new(schema),
        });
        let output = self.await?;
        structured(&output)
    }

    /// Records the run as pending without carrying anything out, so that it survives the process
    /// from then on. [`Agent::recover`] with [`ResumeRequest::tell_past`] goes on with it.
    ///
    /// [`ResumeRequest::tell_past`]: crate::ResumeRequest::tell_past
    ///
    /// # Errors
    /// If there is no database, it fails, or the session is someone else's.
    pub async fn accept(self) -> Result<(RunId, Option<SessionId>), Error> {
        if self.agent.db().is_none() {
            return Err(Error::NoDatabase("accepting a run for later"));
        }
        RunStream::start(self.background(), true).accept().await
    }

    /// The run's events as they happen.
    pub fn stream(self) -> RunStream {
        RunStream::start(self, true)
    }

    /// The run's stream with whole replies instead of pieces.
    pub fn stream_whole(self) -> RunStream {
        RunStream::start(self, false)
    }
}

fn structured<T: DeserializeOwned>(output: &RunOutput) -> Result<T, Error> {
    let mismatch = |error: String| Error::OutputType {
        type_name: type_name::<T>(),
        error: error.into(),
    };
    if output.status != RunStatus::Completed {
        return Err(Error::WrongStatus {
            run: output.run_id,
            status: output.status,
            hint: "decide what it waits for and resume it",
        });
    }
    let value = output.structured.clone().unwrap_or(Value::Null);
    T::deserialize(value).map_err(|error| mismatch(error.to_string()))
}

impl IntoFuture for RunRequest {
    type Output = Result<RunOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { RunStream::start(self, false).finish().await })
    }
}

/// The result of a run that has ended.
pub(crate) fn conclude(output: RunOutput, outcome: Option<&Outcome>) -> Result<RunOutput, Error> {
    match outcome {
        Some(Outcome::Failed(failure)) => {
            let failure = failure.clone();
            Err(Error::Failed(Box::new(FailedRun { failure, output })))
        }
        Some(Outcome::Cancelled { reason }) => Err(Error::Cancelled {
            reason: Arc::clone(reason),
            output: Box::new(output),
        }),
        _ => Ok(output),
    }
}
