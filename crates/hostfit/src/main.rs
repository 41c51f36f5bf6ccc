//! `hostfit`: will every container image in these files run on every Windows host they may land on?

use std::process::ExitCode;

fn main() -> ExitCode {
    match hostfit::run() {
        Ok(hostfit::Exit::Clean) => ExitCode::SUCCESS,
        Ok(hostfit::Exit::Findings | hostfit::Exit::Abrupt) => ExitCode::from(1),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            error.print();
            ExitCode::from(2)
        }
    }
}
