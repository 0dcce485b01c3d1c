//! Bodies that are too large: 413, whether they say so beforehand, not at all, or are gzip bombs.

use crate::{
    bad_input::{MARKER, assert_silent},
    client::{Call, Client},
    sample::{jane, order, with},
    server::TestServer,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::io::Write;

const MEBIBYTE: usize = 1 << 20;

async fn refused(client: &Client, call: Call, code: &str) {
    let answer = client.check(call).await.expect(413);
    assert_eq!(answer.json()["errors"], json!([{"pointer": "", "code": code}]));
    assert_silent(&answer);
    assert_eq!(client.assignments().await, "");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn an_event_of_two_megabytes_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    let event = with(order(MARKER, &jane()), "/content", json!({"text": MARKER.repeat(2 * MEBIBYTE / MARKER.len())}));
    refused(&client, Call::post("/v1/events").json(&event), "too_long").await;
}

#[tokio::test]
async fn a_batch_of_more_than_ten_thousand_is_refused_whole() {
    let server = TestServer::start().await;
    let client = server.client();
    let event = order(MARKER, &json!({})).to_string();
    let lines = format!("{event}\n").repeat(10_001);
    refused(&client, Call::post("/v1/events/batch").body("application/x-ndjson", lines), "too_many").await;
    let list = format!("[{}]", vec![event; 10_001].join(","));
    refused(&client, Call::post("/v1/events/batch").body("application/json", list), "too_many").await;
}

#[tokio::test]
async fn a_batch_of_more_than_sixteen_megabytes_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    let line = format!("{}\n", order(MARKER, &jane()));
    let lines = line.repeat(16 * MEBIBYTE / line.len() + 1);
    refused(&client, Call::post("/v1/events/batch").body("application/x-ndjson", lines), "too_long").await;
}

#[tokio::test]
async fn a_gzip_bomb_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    let bomb = gzip(MARKER.repeat(64 * MEBIBYTE / MARKER.len()).as_bytes());
    assert!(bomb.len() < MEBIBYTE);
    for (path, media) in [("/v1/events", "application/json"), ("/v1/events/batch", "application/x-ndjson")] {
        let call = Call::post(path).body(media, bomb.clone()).header("content-encoding", "gzip");
        refused(&client, call, "too_long").await;
    }
}

#[tokio::test]
async fn a_gzipped_body_is_read_and_a_broken_one_is_not() {
    let server = TestServer::start().await;
    let client = server.client();
    let body = gzip(order("1", &jane()).to_string().as_bytes());
    let call = |body: &[u8]| Call::post("/v1/events").body("application/json", body).header("content-encoding", "gzip");
    let problem = client.check(call(&body[..body.len() / 2])).await.expect(400).json();
    assert_eq!(problem["errors"][0]["code"], "malformed_encoding");
    client.check(call(&body)).await.expect(201);
}
