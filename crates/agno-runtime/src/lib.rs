//! Agents: builders, context assembly, the driver that executes engine commands, sessions.
