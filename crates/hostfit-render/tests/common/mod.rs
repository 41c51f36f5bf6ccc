//! A tree of files in memory.
#![allow(dead_code, unreachable_pub, clippy::expect_used, reason = "each test uses some of it")]

use std::{borrow::Cow, collections::BTreeMap};

use hostfit_render::{FileTable, Options, Rendering, Tree, load, render};

/// Files by path.
#[derive(Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// A chart `case` in the folder `chart`, with these files.
    pub fn chart(files: &[(&str, &str)]) -> Self {
        let mut all = Self::default();
        all.put(
            "chart/Chart.yaml",
            "apiVersion: v2\nname: case\nversion: 0.1.0\nappVersion: 1.10\nannotations: {a: b}\nkeywords: [k]\n",
        );
        for (path, text) in files {
            all.put(&format!("chart/{path}"), text);
        }
        all
    }

    pub fn put(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    /// The chart, rendered without options.
    pub fn render(&self) -> (Rendering, FileTable) {
        self.render_with(&Options::default())
    }

    pub fn render_with(&self, options: &Options) -> (Rendering, FileTable) {
        let mut table = FileTable::default();
        let chart = load(self, "chart", &mut table).expect("the chart is loaded");
        (render(&chart, options), table)
    }
}

impl Tree for Files {
    fn list(&self, folder: &str) -> Vec<String> {
        let inside = |path: &&String| folder.is_empty() || path.starts_with(&format!("{folder}/"));
        self.0.keys().filter(inside).cloned().collect()
    }

    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        assert!(!path.contains("..") && !path.starts_with('/'), "{path} is asked for");
        self.0.get(path).map(|bytes| Cow::Borrowed(&**bytes))
    }
}

/// The output of the one template.
pub fn output(rendering: &Rendering) -> &str {
    rendering.manifests.first().expect("a manifest").text.as_str()
}
