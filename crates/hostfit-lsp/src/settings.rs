//! What people may set in their editor: `{"inlayHints": false, "codeLens": true}`, under `hostfit`.

use lsp_server::RequestId;
use lsp_types::{
    ConfigurationItem, ConfigurationParams, ConfigurationRequest, DidChangeConfigurationRegistrationOptions,
    Registration, RegistrationParams, RegistrationRequest, Section,
};
use serde_json::Value;

use crate::client::Client;

/// The section in which editors keep them.
pub(crate) const SECTION: &str = "hostfit";

/// A command of the editor, not of the server, that shows which workload runs where.
pub(crate) const SHOW_MATRIX: &str = "hostfit.showMatrix";

/// What people may set in their editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Whether there are inlay hints.
    pub(crate) inlay_hints: bool,
    /// Whether there are code lenses.
    pub(crate) code_lens: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { inlay_hints: false, code_lens: true }
    }
}

impl Settings {
    /// These with what `values` says otherwise: the settings themselves, or an object that has them under `hostfit`.
    /// What is not a setting, or has another type, changes nothing.
    pub(crate) fn with(self, values: &Value) -> Self {
        let values = values.get(SECTION).unwrap_or(values);
        let flag = |name: &str, before: bool| values.get(name).and_then(Value::as_bool).unwrap_or(before);
        Self { inlay_hints: flag("inlayHints", self.inlay_hints), code_lens: flag("codeLens", self.code_lens) }
    }
}

/// Asks the editor for them.
pub(crate) fn ask(client: &Client) -> RequestId {
    let item = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
    client.ask::<ConfigurationRequest>(&ConfigurationParams { items: vec![item] })
}

/// Asks the editor to tell when they are changed.
pub(crate) fn register(client: &Client) {
    let section = Some(Section::String(SECTION.to_owned()));
    let registration = Registration {
        id: "hostfit-settings".to_owned(),
        method: "workspace/didChangeConfiguration".to_owned(),
        register_options: serde_json::to_value(DidChangeConfigurationRegistrationOptions { section }).ok(),
    };
    client.ask::<RegistrationRequest>(&RegistrationParams { registrations: vec![registration] });
}

/// Whether the editor has a command: it says so in its `initializationOptions`, since nothing else in the protocol does.
pub(crate) fn has_command(options: &Value, command: &str) -> bool {
    let options = options.get(SECTION).unwrap_or(options);
    let commands = options.get("commands").and_then(Value::as_array);
    commands.is_some_and(|commands| commands.iter().any(|it| it == command))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_read_as_editors_send_them() {
        let both = Settings { inlay_hints: true, code_lens: false };
        for values in [
            json!({"hostfit": {"inlayHints": true, "codeLens": false}}),
            json!({"inlayHints": true, "codeLens": false, "other": 3}),
        ] {
            assert_eq!(Settings::default().with(&values), both);
        }
        for values in [json!(null), json!({}), json!([]), json!({"hostfit": null}), json!({"inlayHints": "yes"})] {
            assert_eq!(both.with(&values), both, "{values}");
        }
    }

    #[test]
    fn commands_are_those_that_the_editor_names() {
        for options in [json!({"commands": [SHOW_MATRIX]}), json!({"hostfit": {"commands": ["x", SHOW_MATRIX]}})] {
            assert!(has_command(&options, SHOW_MATRIX));
        }
        for options in [json!(null), json!({"commands": SHOW_MATRIX}), json!({"commands": []})] {
            assert!(!has_command(&options, SHOW_MATRIX));
        }
    }
}
