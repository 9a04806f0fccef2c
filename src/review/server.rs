//! The listener: connections, time-outs, the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::desk::{Desk, LOOK_EVERY};
use super::{Error, Params, findings, routes};

/// Connections at a time: some browsers, each with six.
const CONNECTIONS: usize = 256;
/// How often writing is tried at the end, where another process works on the case.
const LAST_TRIES: u32 = 10;
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
    // The list of a large case takes a while to make: the first page finds it ready.
    let ready = desk.clone();
    tokio::task::spawn_blocking(move || findings::all(&ready.now()).is_ok());
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
    // Where another process holds the case for longer, its next run or whoever opens the case next
    // writes them.
    for _ in 0..LAST_TRIES {
        let desk = desk.clone();
        if tokio::task::spawn_blocking(move || desk.write_out()).await.unwrap_or(true) {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
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
