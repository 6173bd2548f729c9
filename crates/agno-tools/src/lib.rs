//! Built-in toolkits; tools declared as HTTP calls.
