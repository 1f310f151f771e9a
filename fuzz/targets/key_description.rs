#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| matrixbackup::fuzzing::key_description(data));
