//! Runs that go on without an observer, and observers that come and go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agno_core::{Event, RunId};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::frames::Frames;
use crate::wire::event::EventEncoder;

/// How long an observer hears nothing before a comment shows that the connection is alive.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A run that goes on in a task of its own. Its frames are kept until it ends.
#[derive(Debug)]
pub(crate) struct Live {
    run_id: RunId,
    agent_id: Arc<str>,
    session_id: Arc<str>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    frames: Frames,
    /// The numbers of the frames with which the run went on after a pause.
    continued: Vec<usize>,
    ended: bool,
}

impl Live {
    pub(crate) fn new(run_id: RunId, agent_id: &str, session_id: &str) -> Arc<Self> {
        Arc::new(Self {
            run_id,
            agent_id: agent_id.into(),
            session_id: session_id.into(),
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Whether it is a run of this agent and, if one is given, of this session.
    pub(crate) fn belongs_to(&self, agent: &str, session: Option<&str>) -> bool {
        *self.agent_id == *agent && session.is_none_or(|session| *self.session_id == *session)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the frames of an event.
    pub(crate) fn push(
        &self,
        encoder: &mut EventEncoder,
        event: &Event,
        session_state: impl FnOnce() -> Map<String, Value>,
    ) {
        let mut state = self.lock();
        let (before, continued) = (state.frames.len(), encoder.continued());
        state.frames.push(encoder, event, session_state);
        if encoder.continued() > continued {
            state.continued.push(before);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_waiters();
    }

    /// How many frames there are so far.
    pub(crate) fn count(&self) -> usize {
        self.lock().frames.len()
    }

    /// The frames from number `from` that are there, and the number of the next.
    pub(crate) fn known(&self, from: usize) -> (Bytes, usize) {
        let state = self.lock();
        let known = Bytes::copy_from_slice(state.frames.after(from));
        (known, state.frames.len().max(from))
    }

    /// The frames from number `from` on, as they come; `None` after the last.
    async fn next(&self, from: usize) -> Option<(Bytes, usize)> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that nothing is missed in between.
            changed.as_mut().enable();
            let (known, next) = self.known(from);
            if !known.is_empty() {
                return Some((known, next));
            }
            if self.lock().ended {
                return None;
            }
            changed.await;
        }
    }

    /// The number of the frame with which the run goes on after pause number `pause`, from 0.
    pub(crate) async fn continued_at(&self, pause: usize) -> usize {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let state = self.lock();
                if let Some(at) = state.continued.get(pause) {
                    return *at;
                }
                if state.ended {
                    return state.frames.len();
                }
            }
            changed.await;
        }
    }

    /// A body of `head` and the frames from number `from` on.
    pub(crate) fn body(self: Arc<Self>, head: BytesMut, from: usize) -> Body {
        let head = Some(head.freeze()).filter(|head| !head.is_empty());
        let frames = stream::unfold((self, head, from), |(live, head, from)| async move {
            if let Some(head) = head {
                return Some((head, (live, None, from)));
            }
            let (frames, next) = match tokio::time::timeout(KEEPALIVE, live.next(from)).await {
                Ok(Some(frames)) => frames,
                Ok(None) => return None,
                Err(_) => (Bytes::from_static(b": keepalive\n\n"), from),
            };
            Some((frames, (live, None, next)))
        });
        let frames = futures_util::StreamExt::map(frames, Ok::<_, std::convert::Infallible>);
        Body::from_stream(frames)
    }
}

/// The live runs of a process.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveRuns(Arc<Mutex<HashMap<RunId, Arc<Live>>>>);

/// Keeps a run among the live ones; ends it for its observers when dropped, in whatever way its
/// task ends.
#[derive(Debug)]
pub(crate) struct LiveGuard {
    runs: LiveRuns,
    live: Arc<Live>,
}

impl LiveRuns {
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, run: RunId) -> Option<Arc<Live>> {
        self.lock().get(&run).cloned()
    }

    pub(crate) fn insert(&self, live: &Arc<Live>) -> LiveGuard {
        self.lock().insert(live.run_id, Arc::clone(live));
        LiveGuard {
            runs: self.clone(),
            live: Arc::clone(live),
        }
    }
}

impl LiveGuard {
    /// The run.
    pub(crate) fn live(&self) -> &Live {
        &self.live
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        self.runs.lock().remove(&self.live.run_id);
        self.live.end();
    }
}
