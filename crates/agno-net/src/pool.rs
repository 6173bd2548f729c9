//! Connections between two exchanges.
//!
//! Nobody polls an idle connection, so nothing here notices that a server hung up: whoever takes a
//! connection drives it once first, and sees the end then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::task::Context;
use std::time::Duration;

use hyper::body::Incoming;
use tokio::runtime;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::endpoint::Origin;

/// More idle connections to one server than this are closed.
const MAX_IDLE_PER_ORIGIN: usize = 256;

/// Providers and load balancers close idle connections after a minute or more.
const MAX_IDLE_TIME: Duration = Duration::from_secs(55);

/// By runtime as well: a connection lives on the reactor of the runtime that opened it, and one of
/// a runtime that nobody drives would never wake up.
type Connections = HashMap<runtime::Id, HashMap<Origin, Vec<Idle>>>;

#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Connections>,
}

struct Idle {
    connection: Box<Connection>,
    /// The end of the last answer, where its reader did not need to see it.
    leftover: Option<Incoming>,
    since: Instant,
}

impl Pool {
    /// A connection that can take a request now.
    pub(crate) fn take(
        &self,
        runtime: runtime::Id,
        origin: &Origin,
        cx: &mut Context<'_>,
    ) -> Option<Box<Connection>> {
        loop {
            let mut idle = {
                let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                // The newest: it is the least likely to have been closed.
                all.get_mut(&runtime)?.get_mut(origin)?.pop()?
            };
            if idle.since.elapsed() < MAX_IDLE_TIME
                && idle.connection.poll_reusable(&mut idle.leftover, cx)
            {
                idle.connection.reused = true;
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection for the next exchange.
    pub(crate) fn put(
        &self,
        runtime: runtime::Id,
        origin: &Origin,
        connection: Box<Connection>,
        leftover: Option<Incoming>,
    ) {
        let idle = Idle {
            connection,
            leftover,
            since: Instant::now(),
        };
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&runtime) {
            // Rare enough to look after runtimes that may be gone.
            forget_old(&mut all);
        }
        let origins = all.entry(runtime).or_default();
        let stale = match origins.get_mut(origin) {
            Some(kept) => {
                // They are in the order of their age, the oldest first.
                let fresh_from = kept
                    .iter()
                    .position(|old| old.since.elapsed() < MAX_IDLE_TIME)
                    .unwrap_or(kept.len());
                let excess = (kept.len() + 1).saturating_sub(MAX_IDLE_PER_ORIGIN);
                let stale: Vec<Idle> = kept.drain(..fresh_from.max(excess)).collect();
                kept.push(idle);
                stale
            }
            None => {
                origins.insert(origin.clone(), vec![idle]);
                Vec::new()
            }
        };
        drop(all);
        // Closing sockets takes system calls, which nobody should wait for.
        drop(stale);
    }

    pub(crate) fn len(&self) -> usize {
        let all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().flat_map(HashMap::values).map(Vec::len).sum()
    }
}

fn forget_old(all: &mut Connections) {
    all.retain(|_, origins| {
        origins.retain(|_, kept| {
            kept.retain(|idle| idle.since.elapsed() < MAX_IDLE_TIME);
            !kept.is_empty()
        });
        !origins.is_empty()
    });
}
