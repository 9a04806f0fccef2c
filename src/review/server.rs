//! The listener: connections, time-outs, the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::desk::Desk;
use super::{Error, Params, routes};

/// Connections at a time: some browsers, each with six.
const CONNECTIONS: usize = 256;
/// How often the case is looked at. People find half a second prompt, and the question costs
/// SQLite one read of a page.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long the system is let alone when it has no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    desk: Arc<Desk>,
}

impl Server {
    /// Reads the case and takes the address.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn bind(params: Params) -> Result<Self, Error> {
        let address = params.listen;
        let refused = |source| Error::Address { address: address.to_string(), source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let desk = tokio::task::spawn_blocking(move || Desk::open(params, port));
        let desk = desk.await.map_err(|error| Error::Io(error.into()))??;
        Ok(Self { listener, desk: Arc::new(desk) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// That of the system.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        Ok(self.listener.local_addr()?)
    }
}

/// Answers until `end` comes; then writes out what is still to be.
///
/// # Errors
/// [`Error`].
pub async fn serve(server: Server, end: impl Future<Output = ()>) -> Result<(), Error> {
    let Server { listener, desk } = server;
    let looking = tokio::spawn(look_on(desk.clone()));
    let router = routes::router(&desk);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let patience = desk.params.patience;
    tokio::pin!(end);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let router = router.clone();
                    tokio::spawn(async move {
                        converse(stream, router, patience).await;
                        drop(place);
                    });
                }
                // Too many open files, or a peer that went away: neither ends the server.
                Err(_) => tokio::time::sleep(BREATH).await,
            },
        }
    }
    looking.abort();
    let _ = tokio::task::spawn_blocking(move || desk.write_out()).await;
    Ok(())
}

/// One connection, to its end. What a peer does wrong is its own loss.
async fn converse(stream: TcpStream, router: axum::Router, patience: Duration) {
    // Small answers are not held back for more to come.
    let _ = stream.set_nodelay(true);
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
}

/// Looks at the case again and again.
async fn look_on(desk: Arc<Desk>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let desk = desk.clone();
        // A case that cannot be read for once, say while its disk is away, is looked at again.
        let _ = tokio::task::spawn_blocking(move || desk.look()).await;
    }
}
