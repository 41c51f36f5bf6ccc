//! Changes inputs at random, the same way for the same number.

use fastrand::Rng;

/// What has a meaning in one of the languages that hostfit reads.
const PARTS: [&str; 88] = [
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "\\",
    "`",
    "\"",
    "'",
    "$",
    "${",
    "}",
    "$$",
    "{{",
    "{{-",
    "}}",
    "-}}",
    "{",
    "[",
    "]",
    "<<",
    "<<E",
    "#",
    "# hostfit: ignore[",
    "--",
    "---\n",
    "...\n",
    "=",
    ":",
    ": ",
    "- ",
    ":-",
    "/",
    "//",
    "..",
    "@",
    "@sha256:",
    "&a",
    "*a",
    "<<: *a",
    "!!binary ",
    "!reset ",
    "|",
    "|2-\n",
    ">",
    "? ",
    ",",
    "%",
    "null",
    "true",
    "0x1F",
    "1e400",
    "-1",
    "18446744073709551616",
    "\u{feff}",
    "é",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{1b}[31m",
    "漢字",
    "🪟",
    "ltsc2022",
    "1809",
    "10.0.20348",
    "10.0.14393.1715",
    "windows",
    "kubernetes.io/os",
    "node.kubernetes.io/windows-build",
    "mcr.microsoft.com/windows/servercore",
    "nanoserver",
    "hyperv",
    "isolation",
    "nodeSelector",
    "affinity",
    "tolerations",
    "runtimeClassName",
    "image",
    "build",
    "deploy",
    "FROM ",
    "ONBUILD ",
    "ARG ",
    "apiVersion: v1\nkind: ",
    "metadata",
    "annotations",
    "=== Dockerfile\n",
];

/// No input gets longer: what takes long because it is long has tests of its own.
const MAX_LEN: usize = 64 * 1024;

/// One of `inputs`, changed in up to eight places.
pub fn changed(inputs: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    let any = |random: &mut Rng| random.choice(inputs).map(Vec::as_slice).unwrap_or_default();
    let mut bytes = any(random).to_vec();
    for _ in 0..=random.usize(..8) {
        let at = random.usize(..=bytes.len());
        let until = |random: &mut Rng, most: usize| (at + random.usize(..most)).min(bytes.len());
        match random.usize(..8) {
            0 | 1 => {
                let part = random.choice(PARTS).unwrap_or_default();
                bytes.splice(at..at, part.bytes());
            }
            2 => {
                let end = until(random, 24);
                bytes.drain(at..end);
            }
            3 => {
                let end = until(random, 200);
                let part: Vec<u8> = bytes.get(at..end).unwrap_or_default().to_vec();
                let to = random.usize(..=bytes.len());
                bytes.splice(to..to, part);
            }
            4 => {
                let part = random.choice(PARTS).unwrap_or_default();
                let end = until(random, 24);
                bytes.splice(at..end, part.bytes());
            }
            5 => {
                let byte = random.u8(..);
                if let Some(there) = bytes.get_mut(at) {
                    *there = byte;
                }
            }
            6 => {
                // A part of another input.
                let other = any(random);
                let from = random.usize(..=other.len());
                let to = (from + random.usize(..400)).min(other.len());
                bytes.splice(at..at, other.get(from..to).unwrap_or_default().iter().copied());
            }
            _ => {
                // A whole line more, or less.
                let start =
                    bytes.get(..at).unwrap_or_default().iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1);
                let behind = bytes.get(at..).unwrap_or_default();
                let end = behind.iter().position(|it| *it == b'\n').map_or(bytes.len(), |it| at + it + 1);
                if random.bool() {
                    bytes.drain(start..end);
                } else {
                    let line = bytes.get(start..end).unwrap_or_default().to_vec();
                    bytes.splice(start..start, line);
                }
            }
        }
    }
    bytes.truncate(MAX_LEN);
    bytes
}
