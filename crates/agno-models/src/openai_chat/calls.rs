//! Tool calls while they are put together from fragments.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use agno_core::{ModelChunk, ToolCall};

use super::reply::Pieces;
use super::wire::CallPiece;

/// The calls of a reply, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Call>);

#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: Option<Arc<str>>,
    name: Option<Arc<str>>,
    arguments: String,
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a call or a piece of one, and hands out the piece of its arguments.
    pub(super) fn push(&mut self, piece: CallPiece<'_>, pieces: Option<&mut Pieces>) {
        let position = self.position(&piece);
        let Some(call) = self.0.get_mut(position) else {
            return;
        };
        if call.id.is_none() {
            call.id = piece.id.filled().map(Arc::from);
        }
        let function = piece.function.unwrap_or_default();
        // Some servers repeat the name in every fragment.
        if call.name.is_none() {
            call.name = function.name.filled().map(Arc::from);
        }
        let Some(arguments) = function.arguments.0.filter(|text| !text.is_empty()) else {
            return;
        };
        if let Some(pieces) = pieces {
            pieces.push_back(ModelChunk::Arguments {
                index: u32::try_from(position).unwrap_or(u32::MAX),
                text: (&*arguments).into(),
            });
        }
        if call.arguments.is_empty() {
            call.arguments = arguments.into_owned();
        } else {
            call.arguments.push_str(&arguments);
        }
    }

    /// Which call a fragment belongs to; a new one where it belongs to none.
    fn position(&mut self, piece: &CallPiece<'_>) -> usize {
        let id = piece.id.filled();
        let index = piece.index.map(|index| index.0);
        // An id of its own makes a call of its own, also where a server counts wrongly.
        let found = match (index, id) {
            (Some(_), _) => self.0.iter().rposition(|call| {
                call.index == index
                    && (id.is_none() || call.id.is_none() || call.id.as_deref() == id)
            }),
            (None, Some(_)) => self.0.iter().rposition(|call| call.id.as_deref() == id),
            (None, None) => {
                // Without either, a fragment with a name begins a call, others go on with the last.
                let names = piece.function.as_ref();
                let named = names.is_some_and(|function| function.name.filled().is_some());
                self.0.len().checked_sub(1).filter(|_| !named)
            }
        };
        found.unwrap_or_else(|| {
            self.0.push(Call {
                index,
                ..Call::default()
            });
            self.0.len() - 1
        })
    }

    pub(super) fn build(self) -> Vec<ToolCall> {
        self.0
            .into_iter()
            .map(|call| ToolCall {
                id: call.id.unwrap_or_else(new_call_id),
                name: call.name.unwrap_or_default(),
                arguments: call.arguments.into(),
            })
            .collect()
    }
}

/// An id for a call of a server that gives none. Results are matched by it, so it must differ from
/// all others of the conversation.
fn new_call_id() -> Arc<str> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("call_{:016x}", RandomState::new().hash_one(count)).into()
}
