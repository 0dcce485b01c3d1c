//! The real server on a port of its own and a database of its own.

use crate::{client::Client, database::TestDatabase};
use actix_web::{dev::ServerHandle, rt::System};
use jiff::Timestamp;
use onefold::{
    actions::access::{self, DEFAULT_TENANT, Scope},
    engine::Engine,
    server::serve,
    store::api_keys,
};
use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};
use uuid::Uuid;

/// The key that [`TestServer::client`] presents.
pub const ADMIN_KEY: &str = "the-operators-admin-key";

/// A server that stops when it is dropped.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// Its database.
    pub database: TestDatabase,
}

impl TestServer {
    /// A server on a fresh database.
    pub async fn start() -> Self {
        Self::on(TestDatabase::fresh().await)
    }

    /// A server on this database.
    pub fn on(database: TestDatabase) -> Self {
        let (started, start) = mpsc::channel();
        let settings = database.settings();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let engine = Engine::open(&settings).await.unwrap();
                let scopes = [Scope::Admin];
                access::keep_key(&engine.connection, DEFAULT_TENANT, ADMIN_KEY, "admin", &scopes).await.unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let address = listener.local_addr().unwrap();
                let server = serve(Arc::new(engine), listener).unwrap();
                started.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = start.recv().expect("the server did not start");
        Self { address, handle, thread: Some(thread), database }
    }

    /// A client that may do everything.
    pub fn client(&self) -> Client {
        Client::new(self.address, Some(ADMIN_KEY))
    }

    /// A client that presents this key, or none.
    pub fn client_with(&self, key: Option<&str>) -> Client {
        Client::new(self.address, key)
    }

    /// A page for browsers: not part of the API, and in no document.
    pub async fn page(&self, path: &str) -> String {
        let page = reqwest::get(format!("http://{}{path}", self.address)).await.unwrap();
        page.error_for_status().unwrap().text().await.unwrap()
    }

    /// A new key with these scopes, and its id.
    pub async fn key(&self, scopes: &[Scope]) -> (String, Uuid) {
        let key = access::new_key(DEFAULT_TENANT).unwrap();
        let connection = self.database.connect().await;
        let id = access::keep_key(&connection, DEFAULT_TENANT, &key, "test", scopes).await.unwrap();
        (key, id)
    }

    /// A client that may do this alone.
    pub async fn client_for(&self, scopes: &[Scope]) -> Client {
        self.client_with(Some(&self.key(scopes).await.0))
    }

    /// Takes a key back.
    pub async fn revoke(&self, key: Uuid) {
        let connection = self.database.connect().await;
        assert!(api_keys::revoke(&connection, DEFAULT_TENANT, key, Timestamp::now()).await.unwrap());
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // The command is sent at once; the future only waits for it, and so does the thread.
        drop(self.handle.stop(true));
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || !matches!(ended, Some(Err(_))), "the server panicked");
    }
}
