//! `.tgz`: a subchart as `helm package` writes it, unpacked in memory.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// How many bytes an archive may have once it is unpacked.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// How many bytes one of its files may have.
const MAX_FILE: usize = 8 * 1024 * 1024;
/// How many files it may have.
const MAX_FILES: usize = 10_000;

const BLOCK: usize = 512;

/// The files of an archive, without the folder that they all lie in.
///
/// # Errors
/// When it is not an archive of a chart, or too large.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, &'static str> {
    let mut unpacked = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut unpacked).map_err(|_| "the archive is not gzip")?;
    if unpacked.len() > MAX_BYTES {
        return Err("the archive unpacks to over 32 MiB");
    }
    members(&unpacked)
}

fn members(tar: &[u8]) -> Result<Vec<(String, Vec<u8>)>, &'static str> {
    let mut files = Vec::new();
    let mut at = 0;
    // What an entry before says of the next one.
    let mut long_name: Option<String> = None;
    while let Some(header) = tar.get(at..at + BLOCK) {
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        let size = number(header.get(124..136).unwrap_or_default()).ok_or("the archive is damaged")?;
        let start = at + BLOCK;
        let data = size.checked_add(start).and_then(|end| tar.get(start..end)).ok_or("the archive is cut short")?;
        at = start + size.div_ceil(BLOCK) * BLOCK;
        match header.get(156).copied().unwrap_or(0) {
            b'L' => long_name = Some(string(data)),
            b'x' => long_name = pax_path(data).or(long_name),
            b'0' | 0 => {
                let name = long_name.take().unwrap_or_else(|| name(header));
                if size > MAX_FILE {
                    return Err("the archive has a file of over 8 MiB");
                }
                if files.len() >= MAX_FILES {
                    return Err("the archive has over 10,000 files");
                }
                if let Some(inner) = inner_name(&name)? {
                    files.push((inner, data.to_vec()));
                }
            }
            // Folders, links and devices are no part of a chart.
            _ => long_name = None,
        }
    }
    if files.is_empty() { Err("the archive has no files") } else { Ok(files) }
}

fn string(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

fn name(header: &[u8]) -> String {
    let name = string(header.get(..100).unwrap_or_default());
    let is_ustar = header.get(257..262) == Some(b"ustar");
    let prefix = if is_ustar { string(header.get(345..500).unwrap_or_default()) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// An octal number, or a binary one of large files.
fn number(field: &[u8]) -> Option<usize> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        return None;
    }
    let digits = string(field);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { usize::from_str_radix(digits, 8).ok() }
}

/// `LEN path=NAME` of an extended header.
fn pax_path(data: &[u8]) -> Option<String> {
    let mut rest = data;
    while let Some(space) = memchr::memchr(b' ', rest) {
        let len: usize = std::str::from_utf8(rest.get(..space)?).ok()?.parse().ok()?;
        let record = rest.get(space + 1..len)?;
        rest = rest.get(len..)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return Some(String::from_utf8_lossy(path.strip_suffix(b"\n").unwrap_or(path)).into_owned());
        }
    }
    None
}

/// The path behind the first folder; none for what stands beside that folder.
fn inner_name(name: &str) -> Result<Option<String>, &'static str> {
    let name = name.replace('\\', "/");
    let Some((_, inner)) = name.split_once('/') else { return Ok(None) };
    let is_outside = inner.starts_with('/') || inner.split('/').any(|part| part == "..");
    let has_drive = inner.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || name.split('/').any(|part| part == "..") || is_outside || has_drive {
        return Err("the archive names a file outside of its chart");
    }
    let parts: Vec<_> = inner.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}
