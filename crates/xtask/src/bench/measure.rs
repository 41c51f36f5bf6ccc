//! Starts programs in turn and says what they took.

use std::{
    fs, io,
    io::Read as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What the runs of a program took.
pub(super) struct Times {
    /// One after the other.
    wall: Vec<Duration>,
    /// User and system, all runs together; none where the system does not report it.
    cpu: Option<Duration>,
}

impl Times {
    /// The middle, in milliseconds.
    pub(super) fn median(&self) -> f64 {
        middle(self.wall.iter().map(|time| millis(*time)).collect())
    }

    /// The middle of this over that, run by run.
    pub(super) fn ratio(&self, other: &Self) -> f64 {
        middle(self.wall.iter().zip(&other.wall).map(|(own, other)| own.as_secs_f64() / other.as_secs_f64()).collect())
    }

    /// How many cores were at work.
    pub(super) fn cores(&self) -> f64 {
        let wall: Duration = self.wall.iter().sum();
        self.cpu.map_or(f64::NAN, |cpu| cpu.as_secs_f64() / wall.as_secs_f64())
    }
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Runs the programs in turn, each `runs` times and once before, which is not counted.
pub(super) fn paired<const N: usize>(runs: usize, programs: [&dyn Fn() -> Command; N]) -> io::Result<[Times; N]> {
    let mut times = programs.map(|_| Times { wall: Vec::with_capacity(runs), cpu: Some(Duration::ZERO) });
    for number in 0..=runs {
        for (program, times) in programs.iter().zip(&mut times) {
            let before = children();
            let start = Instant::now();
            finish(program())?;
            let spent = start.elapsed();
            if number > 0 {
                times.wall.push(spent);
                let took = children().zip(before).map(|(after, before)| after.saturating_sub(before));
                times.cpu = times.cpu.zip(took).map(|(sum, took)| sum + took);
            }
        }
    }
    Ok(times)
}

/// Runs it to its end, and reads what it prints if that is asked for.
fn finish(mut command: Command) -> io::Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn()?;
    let mut buffer = vec![0; 1 << 16];
    if let Some(out) = &mut child.stdout {
        while out.read(&mut buffer)? > 0 {}
    }
    match child.wait()?.code() {
        Some(0 | 1) => Ok(()),
        code => Err(io::Error::other(format!("{} ended with {code:?}", command.get_program().display()))),
    }
}

/// What the children that ended took so far. Linux counts it in hundredths of a second.
fn children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name before it may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let (user, system) = (fields.nth(13)?, fields.next()?);
    let ticks = user.parse::<u64>().ok()? + system.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// In megabytes, as GNU time reports it; the standard library does not tell.
///
/// # Errors
/// When it is not there.
pub(super) fn peak_memory(plain: &Command) -> io::Result<f64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(plain.get_program()).args(plain.get_args());
    if let Some(folder) = plain.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed.stdout(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let kilobytes = said.lines().last().and_then(|line| line.trim().parse::<f64>().ok());
    kilobytes.map(|it| it * 1024.0 / 1e6).ok_or_else(|| io::Error::other("GNU time says nothing of memory"))
}

/// The machine, as far as Linux names it.
pub(super) fn system() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("?", |it| it.1.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{model}, {cores} cores, load {load}, {}", std::env::consts::OS)
}
