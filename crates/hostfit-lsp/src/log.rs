//! What the server does, for people who look for a fault: into a file, and to the client if it asks.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

use lsp_types::TraceValue;

/// Where lines of the log go.
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<Mutex<File>>,
    start: Instant,
    trace: AtomicU8,
}

impl Log {
    /// Into this file, which is emptied first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(file: Option<&Path>) -> io::Result<Self> {
        let file = file.map(File::create).transpose()?.map(Mutex::new);
        Ok(Self { file, start: Instant::now(), trace: AtomicU8::new(0) })
    }

    /// Nowhere, but for what the client asks for.
    pub(crate) fn none() -> Self {
        Self { file: None, start: Instant::now(), trace: AtomicU8::new(0) }
    }

    /// Takes the client's wish.
    pub(crate) fn set_trace(&self, value: &TraceValue) {
        let level = match value {
            TraceValue::Verbose => 2,
            TraceValue::Messages => 1,
            _ => 0,
        };
        self.trace.store(level, Ordering::Relaxed);
    }

    /// Whether the client wants to know what is done, and whether in detail.
    pub(crate) fn traces(&self) -> Option<bool> {
        match self.trace.load(Ordering::Relaxed) {
            0 => None,
            level => Some(level > 1),
        }
    }

    /// Writes a line. A failure to write it does not end the server.
    pub(crate) fn line(&self, text: &str) {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(file, "{:>9.3} {}", self.start.elapsed().as_secs_f64(), text.escape_debug());
        }
    }
}
