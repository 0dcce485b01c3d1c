//! The file to import, or standard input: unpacked on the way, with a count of the bytes taken in.

use crate::cli::error::CliError;
use flate2::bufread::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, Seek},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What every gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A byte order mark in UTF-8; Excel puts it before a CSV.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Reads unpacked bytes.
pub type Reader = Box<dyn BufRead + Send>;

/// An opened input.
pub struct Input {
    /// Unpacked, without a byte order mark.
    pub reader: Reader,
    /// How many bytes were read as they lie in the file.
    pub taken: Arc<AtomicU64>,
    /// How many there are; a stream does not say.
    pub size: Option<u64>,
    /// Names the content together with its mapping; none for a stream, which cannot be read twice.
    pub digest: Option<String>,
}

/// Opens a file, or standard input for `-`. Whether it is packed shows in its first bytes.
///
/// # Errors
/// Where it does not open or read.
pub fn open(path: &Path, mapping: &str) -> Result<Input, CliError> {
    if path == Path::new("-") {
        return stream(io::stdin()).map_err(CliError::file("standard input"));
    }
    open_file(path, mapping).map_err(CliError::file(path))
}

fn open_file(path: &Path, mapping: &str) -> io::Result<Input> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return stream(file);
    }
    let digest = digest(&file, mapping)?;
    file.rewind()?;
    Ok(Input { size: Some(about.len()), digest: Some(digest), ..stream(file)? })
}

fn stream(source: impl Read + Send + 'static) -> io::Result<Input> {
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Counted { source, taken: Arc::clone(&taken) };
    Ok(Input { reader: unpack(counted)?, taken, size: None, digest: None })
}

/// Of all the content: two files may well begin alike, and going on in the wrong one would leave lines out.
fn digest(file: &File, mapping: &str) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(mapping.len() as u64).to_le_bytes()).update(mapping.as_bytes()).update_reader(file)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn unpack(source: impl Read + Send + 'static) -> io::Result<Reader> {
    let (head, source) = peek(source, GZIP.len())?;
    let is_packed = head == GZIP;
    let whole = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(source));
    if is_packed {
        without_mark(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole)))
    } else {
        without_mark(whole)
    }
}

fn without_mark(source: impl BufRead + Send + 'static) -> io::Result<Reader> {
    let (mut head, source) = peek(source, BOM.len())?;
    if head == BOM {
        head.clear();
    }
    Ok(Box::new(Cursor::new(head).chain(source)))
}

fn peek<R: Read>(mut source: R, length: usize) -> io::Result<(Vec<u8>, R)> {
    let mut head = Vec::with_capacity(length);
    source.by_ref().take(length as u64).read_to_end(&mut head)?;
    Ok((head, source))
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.taken.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(parts: &[&[u8]]) -> Vec<u8> {
        let pack = |part: &&[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(part).unwrap();
            encoder.finish().unwrap()
        };
        parts.iter().flat_map(pack).collect()
    }

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        stream(Cursor::new(bytes.to_vec())).unwrap().reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn plain_packed_and_marked_inputs_read_alike() {
        for text in ["", "a", "ab", "abc\nd"] {
            assert_eq!(read(text.as_bytes()), text);
            assert_eq!(read(&packed(&[text.as_bytes()])), text);
            assert_eq!(read(&[&BOM, text.as_bytes()].concat()), text);
            assert_eq!(read(&packed(&[&BOM, text.as_bytes()])), text);
        }
        assert_eq!(read(&packed(&[b"a\n", b"b\n"])), "a\nb\n");
    }

    #[test]
    fn a_digest_tells_contents_and_mappings_apart() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |content: &str, mapping: &str| {
            let path = folder.path().join("input");
            std::fs::write(&path, content).unwrap();
            open(&path, mapping).unwrap().digest.unwrap()
        };
        let long = "a".repeat(1 << 17);
        assert_eq!(digest(&long, "m"), digest(&long, "m"));
        assert_ne!(digest(&format!("{long}x"), "m"), digest(&format!("{long}y"), "m"));
        assert_ne!(digest("a", "m"), digest("a", ""));
        assert_ne!(digest("ma", ""), digest("a", "m"));
    }
}
