//! What the program prints, word for word.

#[test]
fn commands_print_what_their_pages_say() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cmd/*.trycmd");
}
