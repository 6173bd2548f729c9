//! What becomes of a request when a server redirects it.

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_TYPE, LOCATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::{WebError, WebRequest};

/// Headers that can't carry a secret and may follow to another origin. A list of what is known to
/// be harmless, because tools put their keys into headers of any name.
const HARMLESS: [http::HeaderName; 7] = [
    ACCEPT,
    ACCEPT_CHARSET,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CONTENT_LANGUAGE,
    CONTENT_TYPE,
    USER_AGENT,
];

/// The next address, if the answer is a redirect.
pub(super) fn target(
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, WebError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else {
        return Ok(None);
    };
    let invalid = || WebError::InvalidRedirect {
        server: from.host_str().unwrap_or_default().into(),
    };
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| invalid())?;
    from.join(location).map(Some).map_err(|_| invalid())
}

/// Changes the request as browsers do for this status, and drops what must not leave its origin.
pub(super) fn follow(request: &mut WebRequest, status: StatusCode, from: &Url, to: &Url) {
    let becomes_get = match status.as_u16() {
        303 => request.method != Method::HEAD,
        301 | 302 => request.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        request.method = Method::GET;
        request.body = Bytes::new();
        for header in [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            TRANSFER_ENCODING,
            CONTENT_LANGUAGE,
        ] {
            request.headers.remove(header);
        }
    }
    if from.origin() != to.origin() {
        let mut kept = HeaderMap::new();
        for (name, value) in &request.headers {
            if HARMLESS.contains(name) {
                kept.append(name.clone(), value.clone());
            }
        }
        request.headers = kept;
    }
}
