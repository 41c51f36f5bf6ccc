//! The text of a source, which need not be held while nobody reads it.

use std::{fmt, ops::Deref, sync::OnceLock};

use twox_hash::XxHash3_128;

/// Gives the bytes of a file once more.
pub type Reader = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

/// A text. It reads as the text does, and once it was let go of, the file is read again where it is asked for.
#[derive(Default)]
pub struct Body {
    text: OnceLock<String>,
    file: Option<Box<File>>,
}

/// The file of a text.
struct File {
    read: Reader,
    /// Of the text that was let go of.
    digest: u128,
}

impl Body {
    /// Remembers how its file is read, so that [`Body::let_go`] may let go of the text.
    pub fn can_be_read(&mut self, read: Reader) {
        self.file = Some(Box::new(File { read, digest: 0 }));
    }

    /// Whether it is known how its file is read.
    pub fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Lets go of a text that can be read again. One that is another by then is empty.
    pub fn let_go(&mut self) {
        let Some(file) = &mut self.file else { return };
        if let Some(text) = self.text.take() {
            file.digest = digest(&text);
        }
    }

    /// The text itself.
    pub fn into_string(self) -> String {
        if self.text.get().is_none() { (*self).clone() } else { self.text.into_inner().unwrap_or_default() }
    }
}

impl File {
    fn again(&self) -> Option<String> {
        let (text, ..) = super::decode((self.read)()?).ok()?;
        (digest(&text) == self.digest).then_some(text)
    }
}

fn digest(text: &str) -> u128 {
    XxHash3_128::oneshot(text.as_bytes())
}

impl Deref for Body {
    type Target = String;

    fn deref(&self) -> &String {
        self.text.get_or_init(|| self.file.as_ref().and_then(|file| file.again()).unwrap_or_default())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self { text: text.into(), file: None }
    }
}

impl<T: AsRef<str>> PartialEq<T> for Body {
    fn eq(&self, other: &T) -> bool {
        self.as_str() == other.as_ref()
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_text_that_was_let_go_of_is_read_again_unless_it_is_another_by_then() {
        let file = Arc::new(Mutex::new(Some(b"FROM a".to_vec())));
        let body = || {
            let mut body = Body::from("FROM a".to_owned());
            let file = Arc::clone(&file);
            body.can_be_read(Box::new(move || file.lock().ok()?.clone()));
            body.let_go();
            body
        };
        let before = body();
        assert_eq!(before.text.get(), None);
        assert_eq!(before.as_str(), "FROM a");
        let after = body();
        for other in [Some(b"FROM b".to_vec()), Some(vec![0]), None] {
            *file.lock().expect("one thread") = other;
            assert_eq!(body().as_str(), "");
        }
        assert_eq!(after.into_string(), "");
        assert_eq!(before.into_string(), "FROM a");
    }

    #[test]
    fn a_text_without_a_file_stays() {
        let mut body = Body::from("FROM a".to_owned());
        body.let_go();
        assert_eq!(body.as_str(), "FROM a");
    }
}
