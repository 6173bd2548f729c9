//! The pure, replayable machines that run agents: facts in, commands and events out.
