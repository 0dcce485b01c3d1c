//! HTTP/1.1 over one connection that is kept: as little as a client can do, since it shares the cores with the server.

use super::product::KEY;
use std::{net::SocketAddr, ops::Range};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; its body lies in the connection's buffer until the next call.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// A `GET` as it goes over the wire.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\r\n").into_bytes()
}

/// A `POST` of JSON as it goes over the wire.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

impl Wire {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("nobody listens");
        stream.set_nodelay(true).expect("no TCP");
        Self { stream, buffer: Vec::with_capacity(1 << 14) }
    }

    /// Sends a request, and reads the whole answer.
    pub async fn call(&mut self, request: &[u8]) -> Answer<'_> {
        self.stream.write_all(request).await.expect("the connection broke");
        self.buffer.clear();
        let head = loop {
            self.read().await;
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let (status, length) = read_head(&self.buffer[..head]);
        let body = Range { start: head, end: head + length };
        while self.buffer.len() < body.end {
            self.read().await;
        }
        Answer { status, body: &self.buffer[body] }
    }

    /// Sends a request that must be answered with this status.
    pub async fn expect(&mut self, request: &[u8], status: u16) -> &[u8] {
        let answer = self.call(request).await;
        assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(answer.body));
        answer.body
    }

    async fn read(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("the connection broke");
        assert!(read > 0, "the server hung up");
    }
}

/// Status and length of the body. Everything that is measured here says its length.
fn read_head(head: &[u8]) -> (u16, usize) {
    let head = str::from_utf8(head).expect("a head of text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let length = head.lines().filter_map(|line| line.split_once(": ")).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().expect("a length"))
    });
    (status, length.expect("the answer's length"))
}
