#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    missing_docs,
    clippy::panic
)]
use hostfit_core::{front::dockerfile as f, source::*, syntax::dockerfile::*};
fn q(s: &str) -> String {
    // Go strconv.Quote
    let mut o = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => o.push_str("\\\""),
            '\\' => o.push_str("\\\\"),
            '\n' => o.push_str("\\n"),
            '\t' => o.push_str("\\t"),
            '\r' => o.push_str("\\r"),
            '\x07' => o.push_str("\\a"),
            c if (c as u32) < 32 || c as u32 == 127 => o.push_str(&format!("\\x{:02x}", c as u32)),
            c => o.push(c),
        }
    }
    o.push('"');
    o
}
// Own words for ENV/LABEL: public API has only assignments (same splitter)
fn dump(i: &Instruction, esc: char, src: &Source) -> String {
    let name = i.line.as_str().split(['\t', '\x0b', '\x0c', '\r', ' ']).next().unwrap().to_string();
    let mut o = name.to_lowercase();
    if !i.flags.is_empty() {
        o.push_str(" [");
        o.push_str(&i.flags.iter().map(|f| q(f.text.as_str())).collect::<Vec<_>>().join(" "));
        o.push(']');
    }
    let a = i.arguments.as_str();
    let mut vals: Vec<String> = vec![];
    let ws = |i: &Instruction| i.words().into_iter().map(|r| i.arguments.as_str()[r].to_string()).collect::<Vec<_>>();
    use Keyword::*;
    match i.keyword {
        None => vals.push(String::new()),
        Some(From | Expose) => vals = ws(i),
        Some(Add | Copy | Volume) => match i.exec() {
            Some(e) => vals.extend(e.iter().map(|e| e.value.clone())),
            None => vals = ws(i),
        },
        Some(Cmd | Entrypoint | Run | Shell) => match i.exec() {
            Some(e) => vals.extend(e.iter().map(|e| e.value.clone())),
            None => {
                if !a.is_empty() {
                    vals.push(a.to_string())
                }
            }
        },
        Some(Maintainer | StopSignal | User | Workdir) => {
            if !a.is_empty() {
                vals.push(a.to_string())
            }
        }
        Some(Arg) => {
            vals = i
                .assignments(esc)
                .into_iter()
                .map(|x| {
                    let e = x.value.map_or(x.name.end, |v| v.end);
                    a[x.name.start..e].to_string()
                })
                .collect()
        }
        Some(Env | Label) => {
            let w = i.assignments(esc);
            if let Some(first) = w.first() {
                if first.value.is_none() {
                    let mut p = a.splitn(2, |c| ['\t', '\x0b', '\x0c', '\r', ' '].contains(&c));
                    vals.push(p.next().unwrap().into());
                    vals.push(
                        p.next().unwrap_or("<none>").trim_start_matches(['\t', '\x0b', '\x0c', '\r', ' ']).into(),
                    );
                    vals.push("".into());
                } else {
                    for x in w {
                        vals.push(a[x.name].into());
                        vals.push(x.value.map_or("<none>".into(), |v| a[v].to_string()));
                        vals.push("=".into());
                    }
                }
            }
        }
        Some(Healthcheck) => {
            let t = a.split(char::is_whitespace).next().unwrap();
            if !t.is_empty() {
                vals.push(t.into());
            }
            let r = a[t.len()..].trim_start();
            match i.exec() {
                Some(e) => vals.extend(e.iter().map(|e| e.value.clone())),
                None => {
                    if !r.is_empty() {
                        vals.push(r.into())
                    }
                }
            }
        }
        Some(Onbuild) => {
            if let Some(t) = &i.trigger {
                o.push_str(&format!(" ({})\n", dump(t, esc, src)));
                return o.trim().to_string();
            }
        }
    }
    for v in vals {
        o.push(' ');
        o.push_str(&q(&v));
    }
    o.trim().to_string()
}
fn load(p: &str) -> Option<Source> {
    Source::decode(SourceId(0), p, std::fs::read(p).ok()?).ok()
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args[1].as_str() {
        "sexp" => {
            let s = load(&args[2]).unwrap();
            let d = parse(s.id, &s.text);
            for i in &d.instructions {
                println!("({})", dump(i, d.escape, &s));
            }
            for e in &d.errors {
                eprintln!("error {}: {}", s.position(e.span.start).line, e.message);
            }
        }
        "lines" => {
            let s = load(&args[2]).unwrap();
            let d = parse(s.id, &s.text);
            for i in &d.instructions {
                println!("{} {}", s.position(i.block.start).line, s.position(i.block.end).line);
            }
            for h in d.instructions.iter().flat_map(|i| &i.heredocs) {
                println!("{:?} {:?}", h, s.slice(h.body));
            }
            for e in &d.errors {
                println!("error {}: {}", s.position(e.span.start).line, e.message);
            }
        }
        "errors" => {
            let list = std::fs::read_to_string(&args[2]).unwrap();
            let (mut n, mut bad, mut bytes) = (0, 0, 0usize);
            let t0 = std::time::Instant::now();
            let (mut tp, mut tr, mut te) = (0u128, 0u128, 0u128);
            let mut sniffed = 0;
            let mut uns = vec![];
            for p in list.lines() {
                let Some(s) = load(p) else {
                    println!("unreadable {p}");
                    continue;
                };
                n += 1;
                bytes += s.text.len();
                let t = std::time::Instant::now();
                let d = parse(s.id, &s.text);
                tp += t.elapsed().as_nanos();
                let t = std::time::Instant::now();
                let (file, errs, _) = f::File::read(&s);
                tr += t.elapsed().as_nanos();
                let t = std::time::Instant::now();
                let mut k = 0;
                file.evaluate(&f::BuildArgs::default(), None, &mut |x| {
                    if args.len() > 3 {
                        println!("IMG {p} {} {:?} {}", x.is_base, x.text.hole(), x.text.value);
                    }
                    k += 1;
                    hostfit_core::model::ImageId(k)
                });
                te += t.elapsed().as_nanos();
                if f::sniff(&s.text) {
                    sniffed += 1
                } else {
                    uns.push(p.to_string())
                }
                if !errs.is_empty() {
                    bad += 1;
                }
                for e in &errs {
                    println!(
                        "{p}:{}: {}    | {}",
                        s.position(e.span.start).line,
                        e.message,
                        s.slice(e.span).lines().next().unwrap_or("")
                    );
                }
                for i in &d.instructions {
                    assert_eq!(
                        s.slice(i.keyword_span).to_uppercase(),
                        i.line.as_str().split(['\t', ' ']).next().unwrap().to_uppercase()
                    );
                }
            }
            eprintln!(
                "{n} files, {bytes} bytes, {bad} with errors; {:?}; parse {} us/file {} MB/s; read {} us/file; evaluate {} us/file; sniffed {sniffed}",
                t0.elapsed(),
                tp as f64 / 1e3 / n as f64,
                bytes as f64 / (tp as f64 / 1e3),
                tr as f64 / 1e3 / n as f64,
                te as f64 / 1e3 / n as f64
            );
            for u in uns {
                eprintln!("UNSNIFFED {u}");
            }
        }
        _ => {}
    }
}
