//! What registries said, as the lock file has it.

use super::{super::hover::hover, Desk};

/// What a hover says of an image of which the lock file has these platforms.
fn shown(image: &str, platforms: &str) -> String {
    let lock = format!(
        "version = 1\n[[image]]\nimage = \"{}\"\ndigest = \"sha256:{}\"\nmedia-type = \"x\"\ndate = 2026-11-20\nplatforms = \
         [{platforms}]\n",
        image.replace('‸', ""),
        "0".repeat(64)
    );
    let compose = format!("services:\n  web:\n    image: {image}\n");
    let desk = Desk::of(&[("compose.yaml", &compose), ("hostfit.lock", &lock)]);
    let (source, offset) = desk.cursor;
    hover(&desk.view(), source, offset).expect("an image").markdown
}

#[test]
fn a_hover_says_what_the_registry_said_and_when() {
    let image = "registry.contoso.com/w‸eb:7";
    let windows = r#"{ os = "windows", architecture = "amd64", os-version = "10.0.20348.2700" }"#;
    let linux = r#"{ os = "linux", architecture = "amd64" }"#;
    let one = shown(image, windows);
    assert!(one.contains("10.0.20348.2700") && one.contains("Windows Server 2022"), "{one}");
    assert!(one.contains("the lock file at hostfit.lock:3, from its registry on 2026-11-20"), "{one}");
    let both = shown(image, &format!("{linux}, {windows}"));
    assert!(both.contains("**Multi-platform** tag, with images for Windows Server 2022 and Linux"), "{both}");
    assert!(shown(image, linux).contains("**Linux**"), "{}", shown(image, linux));
}
