//! Digests of what a registry sends.

use ring::digest::{self, Algorithm, SHA256, SHA512};

/// `sha256:…` of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&SHA256, bytes))
}

/// Whether these bytes are what `digest` names; none where it is of an unknown kind.
pub(crate) fn holds(digest: &str, bytes: &[u8]) -> Option<bool> {
    let (algorithm, expected) = digest.split_once(':')?;
    let algorithm = match algorithm {
        "sha256" => &SHA256,
        "sha512" => &SHA512,
        _ => return None,
    };
    Some(hex(algorithm, bytes) == expected)
}

fn hex(algorithm: &'static Algorithm, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    digest::digest(algorithm, bytes).as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1 and C.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), format!("sha256:{abc}"));
        assert_eq!(holds(&format!("sha256:{abc}"), b"abc"), Some(true));
        assert_eq!(holds(&format!("sha256:{abc}"), b"abd"), Some(false));
        assert_eq!(holds("sha512:00", b"abc"), Some(false));
        assert_eq!(holds("md5:00", b"abc"), None);
    }
}
