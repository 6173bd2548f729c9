//! AgentOS: the HTTP server, wire-compatible with Agno 3.x.
