//! Parse arguments, call the library, map the outcome to an exit code: nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    csrlint::cli::main()
}
