#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostfit_fuzz::run("baseline", data));
