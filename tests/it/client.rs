//! A client that holds every answer against the OpenAPI document.

use crate::contract;
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use std::{
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// More of a request than this says no more.
const SHOWN: usize = 20_000;

/// Calls one server with one key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    call: Call,
}

impl Client {
    /// A client for a server, with a key or without.
    pub fn new(address: SocketAddr, key: Option<&str>) -> Self {
        let http = reqwest::Client::new();
        Self { http, base: format!("http://{address}"), key: key.map(str::to_owned) }
    }

    /// Sends a request; the answer is as documented.
    pub async fn check(&self, call: Call) -> Answer {
        let answer = self.send(call).await.expect("no answer");
        answer.hold_against_document();
        answer
    }

    /// Sends a request to a server that may die in the middle; what it does answer is as documented.
    pub async fn attempt(&self, call: Call) -> Option<Answer> {
        let answer = self.send(call).await.ok()?;
        answer.hold_against_document();
        Some(answer)
    }

    /// `GET`, 200, JSON.
    pub async fn get(&self, path: &str) -> Value {
        self.check(Call::get(path)).await.expect(200).json()
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.check(Call::post(path).json(body)).await
    }

    /// Posts an event that is new.
    pub async fn store(&self, event: &Value) -> Value {
        self.post("/v1/events", event).await.expect(201).json()
    }

    /// Posts events in one batch; all are new.
    pub async fn store_all(&self, events: &[Value]) {
        for part in events.chunks(1_000) {
            let answer = self.post("/v1/events/batch", &Value::Array(part.to_vec())).await.expect(200);
            for item in answer.json()["items"].as_array().unwrap() {
                assert_eq!(item["status"], 201, "{item}");
            }
        }
    }

    /// All assignments, as they stand in the export.
    pub async fn assignments(&self) -> String {
        self.check(Call::get("/v1/exports/assignments")).await.expect(200).text
    }

    /// Asks until the key is refused: its revocation is known everywhere within a second.
    pub async fn refused_within_a_second(&self) {
        let revoked = Instant::now();
        loop {
            let asked = revoked.elapsed();
            if self.check(Call::get("/v1/identifiers/shared")).await.status == 401 {
                return;
            }
            assert!(asked < Duration::from_secs(1), "a revoked key still opens");
        }
    }

    async fn send(&self, call: Call) -> reqwest::Result<Answer> {
        let mut request = self.http.request(call.method.clone(), format!("{}{}", self.base, call.path));
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await?, call })
    }
}

impl Call {
    /// `GET`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// `POST`; give it a body.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Any method.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None }
    }

    /// Its method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its path and query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// A body of any type.
    pub fn body(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header(CONTENT_TYPE.as_str(), media)
    }

    /// A header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Answer {
    /// The status must be this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "not the status expected\n{self}");
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON: {error}\n{self}"))
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    fn hold_against_document(&self) {
        let path = self.call.path.split('?').next().unwrap_or_default();
        let media = self.header(CONTENT_TYPE.as_str());
        let complaint = contract::response(&self.call.method, path, self.status, media, &self.text)
            .and_then(|()| contract::headers(&self.call.method, path, self.status, &self.headers))
            .and_then(|()| self.accepted().map_or(Ok(()), |body| contract::request(&self.call.method, path, body)));
        if let Err(complaint) = complaint {
            panic!("not as documented: {complaint}\n{self}");
        }
    }

    /// The plain JSON body of a request that was taken.
    fn accepted(&self) -> Option<&[u8]> {
        let json = matches!(self.call.headers.as_slice(), [(_, media)] if media == "application/json");
        self.call.body.as_deref().filter(|_| json && self.status < 300)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { method, path, headers, body } = &self.call;
        writeln!(f, "--> {method} {path}\n{headers:?}")?;
        let body = body.as_deref().unwrap_or_default();
        writeln!(f, "{}", String::from_utf8_lossy(&body[..body.len().min(SHOWN)]))?;
        if body.len() > SHOWN {
            writeln!(f, "… and {} bytes more", body.len() - SHOWN)?;
        }
        writeln!(f, "<-- {}\n{:?}\n{}", self.status, self.headers, self.text)
    }
}
