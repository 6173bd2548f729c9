//! Sections that the format will have. They are refused by name, so that nobody believes that they
//! work.

const PLANNED: &[&str] = &[
    "evals",
    "guardrails",
    "headroom",
    "hooks",
    "knowledge",
    "learning",
    "mcp",
    "memory",
    "reasoning",
    "schedules",
    "teams",
    "workflows",
];

/// Whether a key is one of a later version.
pub(super) fn is_planned(key: &str) -> bool {
    PLANNED.contains(&key)
}
