//! Bodies of requests, within a limit.

use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt;

use super::error::ApiError;

/// How much of a body that is too large is still read: a client that is cut off while it writes
/// does not get to read the refusal.
const MOST_DISCARDED: usize = 256 << 20;

/// The whole body, if it has at most `limit` bytes.
pub(crate) async fn read(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut body = request.into_body();
    let mut read = BytesMut::with_capacity(announced.unwrap_or_default().min(limit));
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| ApiError::bad_request(format!("the body broke off: {error}")))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if read.len() + data.len() > limit {
            discard(body).await;
            return Err(too_large(limit));
        }
        read.extend_from_slice(data);
    }
    Ok(read.freeze())
}

async fn discard(mut body: Body) {
    let mut discarded = 0;
    while let Some(Ok(frame)) = body.frame().await {
        discarded += frame.data_ref().map_or(0, Bytes::len);
        if discarded > MOST_DISCARDED {
            return;
        }
    }
}

fn too_large(limit: usize) -> ApiError {
    let text = format!("The body is larger than {limit} bytes: send less, or raise the limit");
    ApiError::Text(StatusCode::PAYLOAD_TOO_LARGE, text)
}
