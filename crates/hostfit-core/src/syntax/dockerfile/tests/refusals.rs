//! What BuildKit refuses, and what it does not.

use super::errors;

#[test]
fn a_conflict_that_a_merge_left_is_one_error() {
    let text = "FROM a\n<<<<<<< HEAD\nRUN x\n=======\nRUN y\n>>>>>>> b\nRUN z\nRUMP\n";
    assert_eq!(errors(text), ["2: unknown instruction: <<<<<<<", "8: unknown instruction: RUMP"]);
    assert_eq!(errors("FROM a\n=======\nRUN y\n>>>>>>> b\n").len(), 2);
}

#[test]
fn buildkit_refuses_these_instructions() {
    let table = [
        ("FORM a", "unknown instruction: FORM"),
        ("FROM", "FROM requires either one or three arguments"),
        ("FROM a b", "FROM requires either one or three arguments"),
        ("FROM a IS b", "FROM requires either one or three arguments"),
        ("FROM a AS 1b", "invalid name for build stage: \"1b\""),
        ("FROM --plattform=x a", "unknown flag: --plattform"),
        ("FROM --platform a", "missing a value on flag: --platform"),
        ("FROM ${a", "failed to process \"${a\": syntax error: missing '}'"),
        ("FROM 'a", "failed to process \"'a\": unexpected end of statement while looking for matching single-quote"),
        ("ARG", "ARG requires at least one argument"),
        ("ARG =x", "ARG names can not be blank"),
        ("ENV a", "ENV must have two arguments"),
        ("ENV", "ENV requires at least one argument"),
        ("ENV a=b c", "syntax error - can't find = in \"c\""),
        ("LABEL =b", "LABEL names can not be blank"),
        ("COPY a", "COPY requires at least two arguments, but only one was provided"),
        ("COPY [\"a\"]", "COPY requires at least two arguments, but only one was provided"),
        ("COPY a <<E\nE", "COPY cannot accept a heredoc as a destination"),
        ("COPY --link=x a b", "expecting boolean value for flag --link, not: x"),
        ("COPY --from=a --from=b c d", "duplicate flag specified: --from"),
        ("COPY --from=$a b c", "variable expansion is not supported for --from"),
        ("ADD --from=a b c", "unknown flag: --from"),
        ("RUN --mount=from=$a,target=/x y", "'from' doesn't support variable expansion"),
        ("RUN --network=x y", "invalid network mode \"x\""),
        ("RUN [\"a\", 1]", "when using JSON array syntax, arrays must be comprised of strings only"),
        ("RUN <<E\nx", "unterminated heredoc"),
        ("CMD --x", "unknown flag: --x"),
        ("USER", "USER requires exactly one argument"),
        ("WORKDIR", "WORKDIR requires exactly one argument"),
        ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
        ("EXPOSE", "EXPOSE requires at least one argument"),
        ("VOLUME", "VOLUME requires at least one argument"),
        ("VOLUME [\"\"]", "VOLUME specified can not be an empty string"),
        ("SHELL", "SHELL requires at least one argument"),
        ("SHELL cmd /c", "SHELL requires the arguments to be in JSON form"),
        ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
        ("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK CMD", "missing command after HEALTHCHECK CMD"),
        ("HEALTHCHECK GET x", "unknown type \"GET\" in HEALTHCHECK"),
        ("HEALTHCHECK --interval=5 CMD x", "invalid value for --interval: 5"),
        ("HEALTHCHECK --retries=-1 CMD x", "invalid value for --retries: -1"),
        ("ENV a \"b", "failed to process \"\"b\": unexpected end of statement while looking for matching double-quote"),
        ("ENV a=${b", "failed to process \"${b\": syntax error: missing '}'"),
        (
            "COPY a it's",
            "failed to process \"it's\": unexpected end of statement while looking for matching single-quote",
        ),
        ("COPY [\"a\", \"${}\"]", "failed to process \"${}\": syntax error: bad substitution"),
        (
            "WORKDIR \"C:\\a\\\"",
            "failed to process \"\"C:\\a\\\"\": unexpected end of statement while looking for matching double-quote",
        ),
        ("ONBUILD", "ONBUILD requires at least one argument"),
        ("ONBUILD ONBUILD RUN x", "chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
        ("ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"),
        ("ONBUILD ENV x", "ENV must have two arguments"),
    ];
    for (instruction, expected) in table {
        assert_eq!(errors(&format!("FROM a\n{instruction}\n")), [format!("2: {expected}")], "{instruction}");
    }
}

#[test]
fn buildkit_takes_these_instructions() {
    let table = [
        "FROM a AS B-1_2.x",
        "FROM scratch",
        "FROM $a:${b:-c} as d",
        "ARG a b=c d=\"e f\"",
        "ARG --x a",
        "STOPSIGNAL --x 9",
        "ENV a b c",
        "ENV a=b\\ c d='e f' g=",
        "RUN",
        "RUN --mount=type=cache,target=/x --mount=type=bind,from=a,target=/y --network=none --security=insecure x",
        "CMD",
        "CMD []",
        "ENTRYPOINT [\"C:\\app.exe\"]",
        "COPY --link --parents --exclude=a --exclude=b --from=0 a b",
        "HEALTHCHECK none",
        "HEALTHCHECK --interval=1m30.5s --timeout=0 --retries=3 CMD x",
        "ONBUILD FOO",
        "ONBUILD COPY a",
        "EXPOSE $port/tcp 80",
        "MAINTAINER a",
        "LABEL a b",
        "RUN x \\\n\n y",
        "COPY --from=a$ b c",
        "COPY <<'E' <<\"F\" /d\nE\nF",
        "WORKDIR C:\\a\\",
        "ENV a $b \\\" c",
        "RUN echo it's ${",
        "CMD echo \"",
    ];
    for instruction in table {
        assert_eq!(errors(&format!("FROM a\n{instruction}\n")), [""; 0], "{instruction}");
    }
}

#[test]
fn a_file_needs_a_stage() {
    assert_eq!(errors(""), ["1: the Dockerfile cannot be empty"]);
    assert_eq!(errors("# x\n\n"), ["1: file with no instructions"]);
    assert_eq!(errors("ARG a\n"), ["1: dockerfile contains no stages to build"]);
    assert_eq!(errors("ARG a\nRUN x\nUSER y\nFROM a"), ["2: no build stage in current context"]);
}

#[test]
fn directives_are_checked() {
    let message = "invalid escape token 'x' does not match ` or \\";
    assert_eq!(errors("# escape=x\nFROM a"), [format!("1: {message}")]);
    assert_eq!(errors("# escape=`\n# escape=`\nFROM a"), ["2: only one escape parser directive can be used"]);
}

#[test]
fn one_slip_is_one_error() {
    assert_eq!(
        errors("FROM a\nRUN b\n  c\n  d\nUSER e\nf g"),
        ["3: unknown instruction: c", "6: unknown instruction: f"]
    );
}

#[test]
fn another_frontend_refuses_other_things() {
    assert_eq!(errors("# syntax=devthefuture/dockerfile-x\nINCLUDE a\nFROM ./b#c d"), [""; 0]);
    assert_eq!(errors("# syntax=docker/dockerfile:1-labs\nFORM a\nFROM b"), ["2: unknown instruction: FORM"]);
}

#[test]
fn a_line_has_at_most_as_many_bytes_as_the_scanner_takes() {
    let line = |length: usize| format!("FROM a\nRUN {}\n", "x".repeat(length - 4));
    assert_eq!(errors(&line(65_535)), [""; 0]);
    assert_eq!(errors(&line(65_536)), ["2: line greater than max allowed size of 65535"]);
}
