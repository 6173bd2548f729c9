//! What can be written behind `agno`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const AFTER_HELP: &str = "\
Without a file, commands use agents.yaml in the current folder, or else a built-in example.

Exit codes:
  0    done
  1    the run failed, or a check (replay, doctor) found something
  2    the command is written wrongly
  3    the agents file has mistakes
  4    the run waits for a person
  130  interrupted

Environment:
  AGNO_OFFLINE=never  an agent whose key is missing is an error (as --strict)
  AGNO_LOG            what to log, such as debug or agno_os=trace
  NO_COLOR            no colours";

/// Agents, and AgentOS to serve them.
#[derive(Debug, Parser)]
#[command(name = "agno", version, about, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented agents.yaml to begin with.
    Init(InitArguments),
    /// Serve agents over HTTP, and reload them when the file changes.
    Serve(ServeArguments),
    /// Ask an agent once.
    Run(RunArguments),
    /// Talk with an agent.
    Chat(ChatArguments),
    /// Go on with a run that waits for a person, or that was cut off.
    Resume(ResumeArguments),
    /// Check that today's agent would do what it did in a recorded run.
    Replay(ReplayArguments),
    /// List, show and fork recorded runs.
    #[command(subcommand)]
    Runs(RunsCommand),
    /// List and delete sessions.
    #[command(subcommand)]
    Sessions(SessionsCommand),
    /// Call a model without an agent.
    #[command(subcommand)]
    Model(ModelCommand),
    /// List the providers of models and whether their keys are set.
    Models,
    /// Check file, database, keys, local models and port.
    Doctor(FileArguments),
    /// Print the JSON Schema of agents.yaml, for editors.
    Schema,
}

/// Where agents and database come from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FileArguments {
    /// The agents file.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CommonArguments {
    /// The database to use instead of the file's, such as sqlite:agno.db.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) db: Option<String>,
    /// Refuse to let the offline model stand in for a model whose key is missing.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// Where to write it. An existing file is never overwritten.
    #[arg(long, default_value = "agents.yaml")]
    pub(crate) path: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct ServeArguments {
    /// The agents file.
    pub(crate) file: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1", env = "AGNO_HOST")]
    pub(crate) host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 7777, env = "AGNO_PORT")]
    pub(crate) port: u16,
    /// Reload the agents when the file changes (the default).
    #[arg(long, overrides_with = "no_watch")]
    pub(crate) watch: bool,
    /// Keep the agents as they are.
    #[arg(long)]
    pub(crate) no_watch: bool,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

/// Which model to use instead of the agent's.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ModelArguments {
    /// The model to use instead of the agent's: provider:model, or offline.
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Where the model's API is, such as http://localhost:11434/v1.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// The agents file, if two are given, and the prompt; `-` reads the prompt from standard input.
    #[arg(required = true, num_args = 1..=2, value_names = ["FILE", "PROMPT"])]
    pub(crate) words: Vec<String>,
    /// The agent to ask; the file's first if not given.
    #[arg(long)]
    pub(crate) agent: Option<String>,
    /// The session that the run belongs to; a new one if not given.
    #[arg(long)]
    pub(crate) session: Option<String>,
    /// On whose behalf the run is made.
    #[arg(long)]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    /// Show the answer while it comes (the default without --json).
    #[arg(long, overrides_with = "no_stream")]
    pub(crate) stream: bool,
    /// Show the answer when it is complete.
    #[arg(long)]
    pub(crate) no_stream: bool,
    /// Print the run as JSON; with --stream, one event per line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ChatArguments {
    /// The agents file.
    pub(crate) file: Option<PathBuf>,
    /// The agent to talk with; the file's first if not given.
    #[arg(long)]
    pub(crate) agent: Option<String>,
    /// The session to go on with; a new one if not given.
    #[arg(long)]
    pub(crate) session: Option<String>,
    /// On whose behalf the runs are made.
    #[arg(long)]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ResumeArguments {
    /// The run.
    pub(crate) run: String,
    /// Let the calls be made.
    #[arg(long, conflicts_with_all = ["reject", "input", "result"])]
    pub(crate) approve: bool,
    /// Don't let the calls be made, and tell the model why.
    #[arg(long, value_name = "WHY", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["input", "result"])]
    pub(crate) reject: Option<String>,
    /// Fill in an argument that was asked for. Values are JSON, or else text.
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "result")]
    pub(crate) input: Vec<String>,
    /// Hand in the result of a call that was made elsewhere.
    #[arg(long, value_name = "TEXT")]
    pub(crate) result: Option<String>,
    /// Decide only this call, by its id.
    #[arg(long, value_name = "ID")]
    pub(crate) call: Option<String>,
    /// Print the run as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    /// The run.
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List the newest runs.
    List(ListArguments),
    /// Tell the story of a run, record by record.
    Show(ShowArguments),
    /// Begin a new run that shares the beginning of an earlier one.
    Fork(ForkArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// How many.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    /// Only those of this session.
    #[arg(long)]
    pub(crate) session: Option<String>,
    /// Print JSON, one run per line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The run.
    pub(crate) run: String,
    /// Print the run as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ForkArguments {
    /// The run.
    pub(crate) run: String,
    /// The number of the last record that is kept, as `agno runs show` counts them.
    #[arg(long, value_name = "RECORD")]
    pub(crate) at: Option<usize>,
    /// Give the tool result in record --at another text.
    #[arg(long, value_name = "TEXT", requires = "at", conflicts_with = "input")]
    pub(crate) edit_output: Option<String>,
    /// Ask something else instead (record 0).
    #[arg(long, value_name = "TEXT", conflicts_with = "at")]
    pub(crate) input: Option<String>,
    /// Print the new run as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// List sessions, the last used first.
    List(SessionListArguments),
    /// Delete a session with its runs.
    Delete(SessionDeleteArguments),
}

#[derive(Args, Debug)]
pub(crate) struct SessionListArguments {
    /// How many.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
    /// Only those of this user.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Print JSON, one session per line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Args, Debug)]
pub(crate) struct SessionDeleteArguments {
    /// The session.
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) file: FileArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Read a request as JSON from standard input, and print the reply as JSON.
    ///
    /// The request is `{"messages": […], "tools": […], "output_schema": {…}, "settings": {…}}` in
    /// the shapes of OpenAI's Chat Completions. Reply and error both go to standard output, as one
    /// JSON object each; an error is `{"error": {…}}` and the exit code 1.
    Call(ModelCallArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ModelCallArguments {
    /// Who serves the model; `agno models` lists them.
    #[arg(long)]
    pub(crate) provider: String,
    /// The id the provider knows it by.
    #[arg(long)]
    pub(crate) model: String,
    /// Where the model's API is.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The environment variable that holds the key; the provider's own if not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) api_key_env: Option<String>,
    /// Use the provider's streaming endpoint; the reply is printed whole all the same.
    #[arg(long)]
    pub(crate) stream: bool,
}
