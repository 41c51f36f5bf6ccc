//! Gives every fuzz target random bytes for some seconds.
//!
//! Each target runs in a process of its own, since some faults end one: a stack that is full, memory that is not there. What it
//! was given last stands in `target/fuzz/TARGET.input`.

use std::{
    fs, io,
    path::Path,
    process::{Child, Command},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use hostfit_fuzz::{TARGETS, mutate, target};

use crate::tools;

/// No input may take longer, in a program that is not optimised, on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(20);

/// Runs the named targets, or all, `seconds` each and two at a time.
///
/// # Errors
/// When a target fails, with what it was given.
pub(crate) fn run(seconds: u64, names: &[&str]) -> io::Result<()> {
    let folder = tools::target(&tools::root()?)?.join("fuzz");
    fs::create_dir_all(&folder)?;
    let seed = std::time::UNIX_EPOCH.elapsed().map_or(1, |it| it.as_secs());
    let wanted = TARGETS.iter().map(|it| it.name).filter(|it| names.is_empty() || names.contains(it));
    let wanted: Vec<_> = wanted.collect();
    if let Some(other) = names.iter().find(|name| target(name).is_none()) {
        return Err(io::Error::other(format!("there is no fuzz target `{other}`: {}", wanted.join(", "))));
    }
    println!("$ cargo xtask fuzz: {} targets, {seconds} s each, seed {seed}", wanted.len());
    let queue = Mutex::new(wanted.into_iter());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(name) = next else { break };
                    if let Err(error) = one(name, seconds, seed, &folder) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { Err(io::Error::other(failed.join("\n"))) }
}

fn one(name: &str, seconds: u64, seed: u64, folder: &Path) -> io::Result<()> {
    let input = folder.join(format!("{name}.input"));
    let mut child = Command::new(std::env::current_exe()?)
        .args(["fuzz-target", name, &seconds.to_string(), &seed.to_string()])
        .arg(&input)
        .spawn()?;
    let limit = Instant::now() + Duration::from_secs(seconds) + 3 * LONGEST;
    let Some(is_done) = wait(&mut child, limit)? else {
        child.kill()?;
        return Err(io::Error::other(format!("{name} does not end: {}", input.display())));
    };
    if is_done { Ok(()) } else { Err(io::Error::other(format!("{name} fails: {}", input.display()))) }
}

/// Whether it ends well; none where it does not end.
fn wait(child: &mut Child, limit: Instant) -> io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() > limit {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Gives one target changed inputs.
///
/// # Errors
/// When something panics or takes too long.
pub(crate) fn target_alone(name: &str, seconds: &str, seed: &str, input: &str) -> io::Result<()> {
    static HAS_PANICKED: AtomicBool = AtomicBool::new(false);
    let target = target(name).ok_or_else(|| io::Error::other(format!("there is no fuzz target `{name}`")))?;
    let number = |text: &str| text.parse::<u64>().map_err(io::Error::other);
    let usual = std::panic::take_hook();
    // The server outlives a panic of the thread that works: that is a fault all the same.
    std::panic::set_hook(Box::new(move |info| {
        HAS_PANICKED.store(true, Ordering::SeqCst);
        usual(info);
    }));
    let inputs = (target.inputs)();
    let mut random = fastrand::Rng::with_seed(number(seed)?);
    let end = Instant::now() + Duration::from_secs(number(seconds)?);
    let (mut count, mut longest) = (0_u64, Duration::ZERO);
    for bytes in std::iter::repeat_with(|| mutate::changed(&inputs, &mut random)) {
        if Instant::now() > end {
            break;
        }
        fs::write(input, &bytes)?;
        let start = Instant::now();
        let is_well = std::panic::catch_unwind(|| (target.run)(&bytes)).is_ok();
        let taken = start.elapsed();
        if !is_well || HAS_PANICKED.load(Ordering::SeqCst) {
            return Err(io::Error::other(format!("{name} panics")));
        }
        if taken > LONGEST {
            return Err(io::Error::other(format!("{name} takes {} s", taken.as_secs())));
        }
        (count, longest) = (count + 1, longest.max(taken));
    }
    println!("{name}: {count} inputs, the longest took {} ms", longest.as_millis());
    fs::remove_file(input)
}

/// Gives a target one file.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn again(name: &str, file: &Path) -> io::Result<()> {
    hostfit_fuzz::run(name, &fs::read(file)?);
    Ok(())
}
