//! Reads bodies: within a size, in time, gzip or not.

use super::problem::ApiError;
use crate::domain::validate::ErrorCode;
use actix_web::{
    HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName},
    web::Bytes,
};
use flate2::write::MultiGzDecoder;
use futures_util::StreamExt;
use std::{
    io::{self, Write},
    time::Duration,
};
use tokio::time::timeout;

/// How long a body may pause.
const STALL: Duration = Duration::from_secs(30);
/// How long a body may take as a whole.
const WHOLE: Duration = Duration::from_mins(10);

/// Reads a body of at most `limit` bytes, counted after decompression. A gzip bomb ends at the limit.
///
/// # Errors
/// 413 over the limit, 415 for an encoding other than gzip, 408 for a stalled body, 400 for a broken one.
pub async fn read(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Vec<u8>, ApiError> {
    let sink = Sink::new(request, limit)?;
    timeout(WHOLE, collect(payload, sink, STALL)).await.map_err(|_| ApiError::RequestTimeout)?
}

async fn collect(mut payload: Payload, mut sink: Sink, stall: Duration) -> Result<Vec<u8>, ApiError> {
    while let Some(chunk) = next(&mut payload, stall).await? {
        sink.write(&chunk).map_err(|error| refused(&error))?;
    }
    sink.finish().map_err(|error| refused(&error))
}

async fn next(payload: &mut Payload, stall: Duration) -> Result<Option<Bytes>, ApiError> {
    let chunk = timeout(stall, payload.next()).await.map_err(|_| ApiError::RequestTimeout)?;
    chunk.transpose().map_err(|error| match error {
        PayloadError::Overflow => ApiError::PayloadTooLarge(ErrorCode::TooLong),
        _ => ApiError::invalid("", ErrorCode::MalformedEncoding),
    })
}

/// Takes in a body as it arrives.
enum Sink {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

impl Sink {
    fn new(request: &HttpRequest, limit: usize) -> Result<Self, ApiError> {
        let capped = Capped { bytes: Vec::new(), limit };
        match header(request, CONTENT_ENCODING).map(str::to_ascii_lowercase).as_deref() {
            Some("gzip" | "x-gzip") => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(capped)))),
            Some("identity" | "") | None if announced(request) > limit => {
                Err(ApiError::PayloadTooLarge(ErrorCode::TooLong))
            }
            Some("identity" | "") | None => Ok(Self::Plain(capped)),
            Some(_) => Err(ApiError::UnsupportedEncoding),
        }
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(capped) => capped.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain(capped) => Ok(capped.bytes),
            Self::Gzip(decoder) => decoder.finish().map(|capped| capped.bytes),
        }
    }
}

/// Grows to its limit and then refuses.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if chunk.len() > self.limit - self.bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refused(error: &io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ApiError::PayloadTooLarge(ErrorCode::TooLong),
        _ => ApiError::invalid("", ErrorCode::MalformedEncoding),
    }
}

/// The length that the request announces, or 0.
fn announced(request: &HttpRequest) -> usize {
    header(request, CONTENT_LENGTH).and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A header's value; one that is not ASCII counts as blank.
fn header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).map(|value| value.to_str().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use flate2::{Compression, write::GzEncoder};
    use futures_util::stream::{self, Stream};
    use std::time::Instant;

    fn payload(chunks: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
        Payload::Stream { payload: Box::pin(chunks) }
    }

    /// The body of a request in chunks, and what reading it gives.
    async fn read_chunks(encoding: &str, chunks: Vec<Vec<u8>>, limit: usize) -> Result<Vec<u8>, ApiError> {
        let request = TestRequest::default().insert_header(("content-encoding", encoding)).to_http_request();
        let chunks = stream::iter(chunks).map(|chunk| Ok(Bytes::from(chunk)));
        read(&request, payload(chunks), limit).await
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[actix_web::test]
    async fn bodies_are_read_up_to_the_limit_plain_or_gzip() {
        let zipped = gzip(b"hello");
        let bytewise = zipped.iter().map(|byte| vec![*byte]).collect();
        assert_eq!(read_chunks("identity", vec![b"he".into(), b"llo".into()], 5).await.unwrap(), b"hello");
        assert_eq!(read_chunks("gzip", bytewise, 5).await.unwrap(), b"hello");
        assert_eq!(read_chunks("GZIP", vec![[zipped.clone(), gzip(b"!")].concat()], 6).await.unwrap(), b"hello!");
        let refused = [
            ("identity", b"hello".to_vec(), 4, 413),
            ("gzip", zipped.clone(), 4, 413),
            ("gzip", zipped[..zipped.len() - 3].to_vec(), 5, 400),
            ("gzip", b"hello".to_vec(), 5, 400),
            ("br", b"hello".to_vec(), 5, 415),
            ("gzip, gzip", b"hello".to_vec(), 5, 415),
        ];
        for (encoding, body, limit, status) in refused {
            let error = read_chunks(encoding, vec![body], limit).await.unwrap_err();
            assert_eq!(actix_web::ResponseError::status_code(&error).as_u16(), status, "{encoding} {limit}");
        }
    }

    #[actix_web::test]
    async fn a_gzip_bomb_ends_at_the_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        io::copy(&mut io::Read::take(io::repeat(0), 1 << 30), &mut encoder).unwrap();
        let bomb = encoder.finish().unwrap();
        let started = Instant::now();
        let error = read_chunks("gzip", vec![bomb], 1 << 20).await.unwrap_err();
        assert!(matches!(error, ApiError::PayloadTooLarge(ErrorCode::TooLong)));
        assert!(started.elapsed() < Duration::from_secs(1), "took {:?}", started.elapsed());
    }

    #[test]
    fn what_is_over_the_limit_takes_no_memory() {
        let mut capped = Capped { bytes: Vec::new(), limit: 10 };
        assert!(capped.write_all(&[0; 8]).is_ok());
        assert!(capped.write_all(&[0; 3]).is_err());
        assert_eq!(capped.bytes.len(), 8);
    }

    #[actix_web::test]
    async fn an_announced_length_over_the_limit_is_refused_unread() {
        let request = TestRequest::default().insert_header(("content-length", "6")).to_http_request();
        assert!(matches!(
            read(&request, payload(stream::pending()), 5).await,
            Err(ApiError::PayloadTooLarge(ErrorCode::TooLong))
        ));
    }

    #[actix_web::test]
    async fn a_stalled_body_times_out() {
        let begun = stream::iter([Ok(Bytes::from_static(b"{"))]).chain(stream::pending());
        let sink = Sink::Plain(Capped { bytes: Vec::new(), limit: 10 });
        assert!(matches!(
            collect(payload(begun), sink, Duration::from_millis(20)).await,
            Err(ApiError::RequestTimeout)
        ));
    }
}
