//! What `clap_complete` cannot say of values: lists of rules (`--select a,b`) and formats before a file (`--output sarif=`).

use clap::ValueEnum;
use clap_complete::Shell;
use hostfit_core::rules::RULES;

use crate::args::ReportFormat;

/// Returns the script with completions of lists, for the shells whose scripts complete values at all.
pub(super) fn with(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => format!("{script}\n{}", filled(BASH, |id, _| id.to_owned(), " ")),
        Shell::Zsh => zsh(script),
        Shell::Fish => format!("{script}\n{}", filled(FISH, |id, about| format!("{id} {}", quoted(about)), " ")),
        _ => script.to_owned(),
    }
}

/// Ids and formats are words of every shell; only what is said of them is quoted.
const BASH: &str = r#"_hostfit_lists() {
    local cur="${COMP_WORDS[COMP_CWORD]}" option="${COMP_WORDS[COMP_CWORD-1]}" before=""
    # Bash takes `=` for a word of its own.
    if [[ "${option}" == "=" ]] ; then
        option="${COMP_WORDS[COMP_CWORD-2]}"
    fi
    case "${option}" in
        --select|--ignore)
            [[ "${cur}" == *,* ]] && before="${cur%,*},"
            COMPREPLY=($(compgen -P "${before}" -W "RULES" -- "${cur##*,}"))
            return 0
            ;;
        --output|-o)
            if [[ "${COMP_WORDS[1]}" == check ]] ; then
                COMPREPLY=($(compgen -S = -W "FORMATS" -- "${cur}"))
                compopt -o nospace 2>/dev/null
                return 0
            fi
            ;;
    esac
    _hostfit "$@"
}

complete -F _hostfit_lists -o bashdefault -o default hostfit
"#;

const ZSH: &str = r"(( $+functions[_hostfit_rules] )) ||
_hostfit_rules() {
    local -a rules=(RULES)
    compset -P '*,'
    _describe -t rules 'rule' rules
}

(( $+functions[_hostfit_outputs] )) ||
_hostfit_outputs() {
    local -a formats=(FORMATS)
    if compset -P '*='; then
        _files
    else
        _describe -t formats 'format' formats -S '='
    fi
}

";

/// Fish has the values of single rules from `clap_complete`, and none of arguments.
const FISH: &str = r#"function __hostfit_rules
    set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^--[a-z]*=' ''))
    or return
    printf "$before%s\t%s\n" RULES
end

function __hostfit_outputs
    set -l typed (commandline -ct | string replace -r '^--output=' '')
    set -l before (string match -r '^[a-z]*=' -- $typed)
    if test -n "$before"
        printf "$before%s\n" (__fish_complete_path (string replace -- $before '' $typed))
    else
        printf '%s=\t%s\n' FORMATS
    end
end

complete -c hostfit -n "__fish_hostfit_using_subcommand explain" -f -a "(printf '%s\t%s\n' RULES)"
complete -c hostfit -n "__fish_hostfit_using_subcommand check" -s o -l output -r -f -a "(__hostfit_outputs)"
for command in check fix
    for option in select ignore
        complete -c hostfit -n "__fish_hostfit_using_subcommand $command" -l $option -r -f -a "(__hostfit_rules)"
    end
end
"#;

/// Puts words for rules and formats where they belong.
fn filled(template: &str, word: impl Fn(&str, &str) -> String, gap: &str) -> String {
    let rules: Vec<_> = RULES.iter().map(|rule| word(rule.id, rule.summary)).collect();
    let formats = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let about = |it: &clap::builder::PossibleValue| it.get_help().map(ToString::to_string).unwrap_or_default();
    let formats: Vec<_> = formats.map(|it| word(it.get_name(), &about(&it))).collect();
    template.replace("RULES", &rules.join(gap)).replace("FORMATS", &formats.join(gap))
}

/// How the values of a list of rules begin.
const LIST: &str = ":RULE,...:((";

/// Has the values of these options completed by functions, which stand before the end of the script, where it is run.
fn zsh(script: &str) -> String {
    let mut text = script.replace(":FORMAT=FILE:_default'", ":FORMAT=FILE:_hostfit_outputs'");
    while let Some((before, rest)) = text.split_once(LIST) {
        let Some((_, after)) = rest.split_once("))'") else { break };
        text = format!("{before}:RULE,...:_hostfit_rules'{after}");
    }
    let functions = filled(ZSH, |id, about| quoted(&format!("{id}:{about}")), " ");
    match text.split_once("if [ \"$funcstack[1]\" = \"_hostfit\" ]") {
        Some((before, after)) => format!("{before}{functions}if [ \"$funcstack[1]\" = \"_hostfit\" ]{after}"),
        None => text + &functions,
    }
}

/// A word in single quotes, as zsh and fish both read it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"'\''"))
}
