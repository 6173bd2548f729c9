//! A reply that comes in one piece.

use agno_core::{ModelError, ModelReply};

use super::dialect::Dialect;
use super::error::{decode_inner_error, malformed};
use super::reply::{Pieces, ReplyBuilder};
use super::wire::{Answer, WholeChoice};

/// Reads the body of an answer with a good status.
///
/// # Errors
/// If it holds an error, or is not an answer of this protocol.
pub fn decode_whole(body: &[u8], dialect: &'static Dialect) -> Result<ModelReply, ModelError> {
    decode(body, dialect, None)
}

pub(super) fn decode(
    body: &[u8],
    dialect: &'static Dialect,
    mut pieces: Option<&mut Pieces>,
) -> Result<ModelReply, ModelError> {
    let provider = dialect.name;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(malformed(provider, "the answer is empty", body));
    }
    let mut answer: Answer<'_, WholeChoice<'_>> =
        serde_json::from_slice(body).map_err(|error| {
            let what = format!("the answer can't be read ({error})");
            malformed(provider, &what, body)
        })?;
    if answer.error.is_some() {
        return Err(decode_inner_error(body, provider));
    }
    let Some(choice) = answer.choices.0.take() else {
        return Err(malformed(provider, "the answer has no choices", body));
    };
    let mut reply = ReplyBuilder::new(dialect);
    reply.envelope(&mut answer);
    reply.finish(&choice.finish_reason);
    reply.logprobs(choice.logprobs);
    if let Some(message) = choice.message {
        reply.turn(message, pieces.as_deref_mut());
    }
    reply.flush(pieces);
    Ok(reply.build())
}
