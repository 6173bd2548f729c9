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
    id: String,
    name: String,
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
        if let Some(id) = piece.id.filled()
            && call.id.is_empty()
        {
            id.clone_into(&mut call.id);
        }
        let function = piece.function.unwrap_or_default();
        // Some servers repeat the name in every fragment.
        if let Some(name) = function.name.filled()
            && call.name.is_empty()
        {
            name.clone_into(&mut call.name);
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
                call.index == index && id.is_none_or(|id| call.id.is_empty() || call.id == id)
            }),
            (None, Some(id)) => self.0.iter().rposition(|call| call.id == id),
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
                id: if call.id.is_empty() {
                    new_call_id()
                } else {
                    call.id.into()
                },
                name: call.name.into(),
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
