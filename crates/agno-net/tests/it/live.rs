//! The process-wide switch.

use std::future::poll_fn;
use std::sync::Arc;

use agno_net::{
    Bytes, Endpoint, Exchange, Method, ModelClient, NetError, Request, Timeouts, WebClient,
    WebError, WebRequest, allow_live_requests, live_requests_allowed,
};

use crate::LIVE_SWITCH;

#[tokio::test]
async fn live_requests_can_be_switched_off() {
    let _live = LIVE_SWITCH.write().await;
    // A name that can't exist, so that nothing happens even if the switch fails.
    let url = "https://api.example.invalid/v1";
    allow_live_requests(false);
    let endpoint = Endpoint::parse(url).unwrap();
    let request = Request {
        method: Method::GET,
        headers: Arc::new(endpoint.headers()),
        endpoint: Arc::new(endpoint),
        body: Bytes::new(),
        timeouts: Timeouts::default(),
    };
    let mut exchange = Exchange::new(ModelClient::new(), request);
    let model = poll_fn(|cx| exchange.poll_response(cx)).await.unwrap_err();
    let web = WebClient::new()
        .send(WebRequest::get(url))
        .await
        .unwrap_err();
    assert!(!live_requests_allowed());
    allow_live_requests(true);
    assert!(
        matches!(model, NetError::LiveRequestsDisabled { .. }),
        "{model}"
    );
    assert!(
        matches!(web, WebError::Net(NetError::LiveRequestsDisabled { .. })),
        "{web}"
    );
}
