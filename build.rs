//! Keeps relocations in the page's program, without which tools/pin-engine.mjs cannot take it apart.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-bin=app=--emit-relocs");
    }
}
