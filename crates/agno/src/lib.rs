//! Agno in Rust: agents, AgentOS and the `agno` command.
