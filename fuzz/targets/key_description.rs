#![no_main]

use tokio::runtime::Builder;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(matrixbackup::fuzzing::key_description(data));
});
