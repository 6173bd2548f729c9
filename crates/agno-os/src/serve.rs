//! Accepting connections, and ending.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::ServiceExt;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::components::ComponentsHandle;
use crate::error::ServeError;
use crate::http::cors::Cors;
use crate::http::edge::Edge;
use crate::routes;
use crate::runs::active::ActiveRuns;
use crate::runs::background::Background;
use crate::runs::recovery;
use crate::server::{Server, Settings};
use crate::wire::time::now;

/// How long answers that are under way may take after the server was asked to end.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn serve(
    settings: Settings,
    components: ComponentsHandle,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let cors = Cors::new(&settings.origins);
    let (router, openapi) = routes::build(&settings);
    let server = Arc::new(Server {
        active: ActiveRuns::default(),
        background: Background::new(settings.background_runs),
        started: now(),
        settings,
        components,
        openapi,
    });
    let recovery = recovery::recover(&server).await?;
    let edge = Edge::new(router.with_state(Arc::clone(&server)), cors);
    // Small frames must not wait for each other: an event is to be seen when it happens.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let (ending, ended) = oneshot::channel();
    let serving = axum::serve(
        listener,
        ServiceExt::<axum::extract::Request>::into_make_service(edge),
    )
    .with_graceful_shutdown(async move {
        end.await;
        // The receiver lives as long as the server.
        let _gone = ending.send(());
    })
    .into_future();
    let result = tokio::select! {
        result = serving => result.map_err(ServeError::Io),
        () = grace_over(ended) => Ok(()),
    };
    drop(recovery);
    result
}

async fn grace_over(ended: oneshot::Receiver<()>) {
    match ended.await {
        Ok(()) => tokio::time::sleep(GRACE).await,
        Err(_) => std::future::pending().await,
    }
}
