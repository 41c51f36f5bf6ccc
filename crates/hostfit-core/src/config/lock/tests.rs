use super::*;
use crate::source::SourceId;

const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn parse(text: &str) -> Result<Lock, Vec<ConfigError>> {
    Lock::parse(&Source::from_text(SourceId(0), NAME, text))
}

fn platform(os: &str, version: Option<&str>) -> Platform {
    Platform { os: os.to_owned(), architecture: "amd64".to_owned(), os_version: version.map(str::to_owned) }
}

fn entry(image: &str, platforms: Vec<Platform>) -> Entry {
    Entry {
        image: image.to_owned(),
        digest: DIGEST.to_owned(),
        media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
        date: Date { year: 2026, month: 11, day: 21 },
        platforms,
        at: Span::NOWHERE,
        is_asked: false,
    }
}

#[test]
fn what_is_written_is_sorted_and_read_back() {
    let lock = Lock::new([
        entry(
            "registry.contoso.com/web:7",
            vec![platform("windows", Some("10.0.20348.2700")), platform("linux", None)],
        ),
        entry("docker.io/library/golang:1.27", vec![platform("linux", None), platform("linux", None)]),
    ]);
    let text = lock.to_toml();
    let expected = format!(
        r#"version = 1

[[image]]
image = "docker.io/library/golang:1.27"
digest = "{DIGEST}"
media-type = "application/vnd.oci.image.index.v1+json"
date = 2026-11-21
platforms = [
    {{ os = "linux", architecture = "amd64" }},
]

[[image]]
image = "registry.contoso.com/web:7"
digest = "{DIGEST}"
media-type = "application/vnd.oci.image.index.v1+json"
date = 2026-11-21
platforms = [
    {{ os = "linux", architecture = "amd64" }},
    {{ os = "windows", architecture = "amd64", os-version = "10.0.20348.2700" }},
]
"#
    );
    assert!(text.ends_with(&expected), "{text}");
    for variant in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
        let read = parse(&variant).expect("its own text");
        assert_eq!(read.to_toml(), text);
        let web = read.get("registry.contoso.com/web:7").expect("there");
        assert_eq!(variant.get(web.at.range()), Some("registry.contoso.com/web:7"));
    }
    // A reader of others reads the same.
    let table: toml::Table = text.parse().expect("TOML");
    assert_eq!(table["image"][1]["platforms"][1]["os-version"].as_str(), Some("10.0.20348.2700"));
}

#[test]
fn what_can_not_be_taken_says_where_and_what_to_do() {
    let good = Lock::new([entry("registry.contoso.com/web:7", vec![platform("linux", None)])]).to_toml();
    let conflict = good.replace("date = 2026-11-21\n", "<<<<<<< HEAD\ndate = 2026-11-21\n=======\n>>>>>>> main\n");
    // The changed text, the marked bytes, a part of the message.
    let table = [
        (conflict, "", ""),
        (good.replace("version = 1\n", ""), "", "without `version`"),
        (good.replace("version = 1", "version = 2"), "2", "newer hostfit"),
        (good.replace("version = 1", "version = \"1\""), "\"1\"", "has to be a whole number"),
        (good.replace("registry.contoso.com/web:7", "web:7"), "web:7", "not the full name"),
        (good.replace("registry.contoso.com/web:7", "a b"), "a b", "not the full name"),
        (good.replace(DIGEST, "sha256:00"), "sha256:00", "not a digest"),
        (good.replace("2026-11-21", "\"yesterday\""), "\"yesterday\"", "has to be a date"),
        (good.replace("os = \"linux\"", "os = \"lin\\nux\""), "lin\\nux", "not an operating system"),
        (good.replace("os = ", "so = "), "so", "unknown key `so`"),
        (good.replace("digest = ", "digset = "), "digset", "did you mean `digest`"),
        (good.replace("date = 2026-11-21\n", ""), "[[image]]", "without `date`"),
        (good.replace("[[image]]", "[image]"), "[image]", "has to be a list of tables"),
        (
            format!("{good}{}", good.split_once("\n\n").expect("a head").1),
            "registry.contoso.com/web:7",
            "a second entry",
        ),
    ];
    for (text, marked, message) in table {
        let errors = parse(&text).expect_err(&text);
        let found = errors.iter().any(|error| {
            let says = format!("{}; {}", error.message, error.help.as_deref().unwrap_or_default());
            let is_marked = marked.is_empty() || text.get(error.span.range()).is_some_and(|it| it.starts_with(marked));
            is_marked && says.contains(message)
        });
        assert!(found, "{message}: {errors:#?}");
        assert!(
            errors.iter().all(|it| it.help.as_deref().is_some_and(|it| it.contains("images --online"))),
            "{errors:#?}"
        );
    }
}

#[test]
fn hosts_are_given_what_is_made_for_their_processor() {
    let of = |platforms: Vec<Platform>| entry("a.b/c:1", platforms).contents();
    let arm = |version: &str| Platform { architecture: "arm64".to_owned(), ..platform("windows", Some(version)) };
    let version = |text: &str| version::of_image(text).expect("a version");
    let both = of(vec![arm("10.0.26100.1"), platform("windows", Some("10.0.20348.1"))]);
    assert_eq!(both, Contents { windows: vec![version("10.0.20348.1")], ..Contents::default() });
    assert_eq!(of(vec![arm("10.0.26100.1")]).windows, [version("10.0.26100.1")]);
    let odd = of(vec![platform("windows", Some("latest")), platform("linux", None), platform("freebsd", None)]);
    assert_eq!(odd, Contents { windows: Vec::new(), unversioned: true, linux: true });
}
