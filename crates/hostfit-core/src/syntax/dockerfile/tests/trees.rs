//! Which instructions there are, on which lines, with which flags and arguments. The cases cover the points of
//! BuildKit's `parser/testfiles` and `parser_heredoc_test.go`.

use super::{parse, show};
use crate::source::{Source, SourceId};

#[test]
fn comments_and_blank_lines_in_a_continuation_are_no_part_of_it() {
    let text = "FROM a\nRUN x \\\n  # note\n\n  y \\\n\\\n  z\nUSER b\n";
    assert_eq!(show(text), "1-1 FROM | a\n2-7 RUN | x   y   z\n8-8 USER | b");
}

#[test]
fn an_escaped_escape_character_continues_nothing() {
    assert_eq!(show("FROM a\nRUN x \\\\\nUSER b"), "1-1 FROM | a\n2-2 RUN | x \\\\\n3-3 USER | b");
    assert_eq!(show("FROM a\nRUN x \\ \t\ny"), "1-1 FROM | a\n2-3 RUN | x y");
}

#[test]
fn a_continuation_at_the_end_of_the_file_ends_there() {
    assert_eq!(show("FROM a\nRUN x \\"), "1-1 FROM | a\n2-2 RUN | x");
    assert_eq!(show("FROM a\nRUN x \\\n  # y\n\n"), "1-1 FROM | a\n2-3 RUN | x");
}

#[test]
fn an_instruction_may_start_with_a_continuation() {
    assert_eq!(show("\\\nFROM a"), "1-2 FROM | a");
    assert_eq!(show("FR\\\nOM a"), "1-2 FROM | a");
}

#[test]
fn line_ends_and_a_byte_order_mark_are_no_part_of_anything() {
    assert_eq!(show("\u{feff}FROM a\r\nRUN x \\\r\n y\r\n"), "1-1 FROM | a\n2-3 RUN | x  y");
    assert_eq!(show("\u{feff}# escape=`\r\nFROM a\r\nRUN x `\r\n\r\n y"), "2-2 FROM | a\n3-5 RUN | x  y");
}

#[test]
fn directives_stand_only_at_the_top() {
    let continued = "FROM a\nRUN x `\ny";
    assert_eq!(show(&format!("#escape=`\n{continued}")), "2-2 FROM | a\n3-4 RUN | x y");
    assert_eq!(
        show(&format!("# syntax=docker/dockerfile:1\n# EsCaPe = `\n{continued}")),
        "3-3 FROM | a\n4-5 RUN | x y"
    );
    for above in ["# note\n", "\n", "# key=x\n"] {
        let shown = show(&format!("{above}# escape=`\n{continued}"));
        assert!(shown.contains("RUN | x `\n"), "{above:?}: {shown}");
    }
}

#[test]
fn keywords_are_read_in_any_case() {
    assert_eq!(show("from a\nRun\tx\nONbuild copy a b"), "1-1 FROM | a\n2-2 RUN | x\n3-3 ONBUILD | (COPY | a b)");
}

#[test]
fn an_unknown_instruction_hides_no_other() {
    assert_eq!(show("FROM a\nFORM b\nRUN x"), "1-1 FROM | a\n2-2 ? | b\n3-3 RUN | x");
}

#[test]
fn flags_lose_their_quotes_and_escapes() {
    let text =
        "FROM --platform=\"linux/amd64\" a\nCOPY --from=b --chown=\"a b\"\\ c --  x y\nRUN --mount=type=bind\nRUN - x";
    assert_eq!(
        show(text),
        "1-1 FROM --platform=linux/amd64 | a\n2-2 COPY --from=b --chown=a b c | x y\n3-3 RUN --mount=type=bind | \n4-4 RUN | - x"
    );
}

#[test]
fn json_arrays_of_strings_are_read_as_json() {
    let text = "FROM a\nCMD [ \"a b\" , \"\\u00e9\\n\\\"\\ud83d\\ude00\" ]\nCMD []\nCOPY [\"a b\",\"c\"]\nHEALTHCHECK --retries=3 CMD [\"x\"]";
    assert_eq!(
        show(text),
        "1-1 FROM | a\n2-2 CMD | <a b><é\n\"😀>\n3-3 CMD | \n4-4 COPY | <a b><c>\n5-5 HEALTHCHECK --retries=3 | <x>"
    );
}

#[test]
fn what_is_no_json_is_text_for_a_shell() {
    for arguments in [r#"["C:\app.exe"]"#, "['a']", "[\"a\"", "[\"a\"] b", "[\"a]", "[\"a\",]", "[\"a\u{1}\"]"] {
        assert_eq!(show(&format!("CMD {arguments}")), format!("1-1 CMD | {arguments}"));
    }
}

#[test]
fn heredocs_belong_to_their_instruction() {
    assert_eq!(
        show("FROM a\nRUN <<EOF\necho\n\\\n# x\nEOF\nCOPY <<A <<-'B' /d\nB\nA\n\tx $y\n\tB\nUSER b"),
        "1-1 FROM | a\n2-6 RUN | <<EOF <<EOF \"echo\\n\\\\\\n# x\\n\"\n\
         7-11 COPY | <<A <<-'B' /d <<A \"B\\n\" <<-'B \"\\tx $y\\n\"\n12-12 USER | b"
    );
    assert_eq!(show("ONBUILD RUN <<E\nx\r\nE\r\n"), "1-3 ONBUILD | (RUN | <<E) <<E \"x\\r\\n\"");
    for no_heredoc in ["USER <<E", "RUN \"<<E\"", "RUN [\"<<E\"]", "RUN <<<E", "LABEL a=<<E"] {
        assert_eq!(show(&format!("{no_heredoc}\nUSER b")).lines().count(), 2, "{no_heredoc}");
    }
}

#[test]
fn an_unterminated_heredoc_ends_before_the_next_plain_instruction() {
    assert_eq!(
        show("FROM a\nRUN <<EOF\nfrom x\nFROM\nCOPY b c\nUSER d"),
        "1-1 FROM | a\n2-4 RUN | <<EOF <<EOF \"from x\\nFROM\\n\"\n5-5 COPY | b c\n6-6 USER | d"
    );
}

#[test]
fn all_comments_are_found() {
    let text = "# syntax=docker/dockerfile:1\nFROM a # no\n  # b\nRUN x \\\n\t#c\r\n y\nRUN <<E\n# d\nE\n#";
    let source = Source::from_text(SourceId(0), "Dockerfile", text);
    let file = parse(source.id, &source.text);
    let comments: Vec<_> = file.comments.iter().map(|&span| source.slice(span)).collect();
    assert_eq!(comments, ["# syntax=docker/dockerfile:1", "# b", "#c", "#"]);
}

#[test]
fn spans_are_those_of_the_file() {
    let text = "\u{feff}# escape=`\nFROM --platform=`\n  windows `\n mcr.`\nmicrosoft.com AS Web\nCMD [ \"a\", \"b\" ]";
    let source = Source::from_text(SourceId(0), "Dockerfile", text);
    let file = parse(source.id, &source.text);
    let [from, cmd] = file.instructions.as_slice() else { panic!("two instructions") };
    assert_eq!(source.slice(file.directives[0].span), "`");
    assert_eq!(source.slice(from.keyword_span), "FROM");
    assert_eq!(source.slice(from.flags[0].span), "--platform=");
    let words: Vec<_> = from.words().into_iter().map(|it| source.slice(from.arguments.span(it))).collect();
    assert_eq!(words, ["windows", "mcr.`\nmicrosoft.com", "AS", "Web"]);
    assert_eq!(source.slice(cmd.span), "CMD [ \"a\", \"b\" ]");
    assert_eq!(source.slice(cmd.exec().expect("JSON")[1].span), "b");
}
