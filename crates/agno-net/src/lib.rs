//! Outbound HTTP: a polled-in-place client for model streams, SSE framing, retries, address guard.
