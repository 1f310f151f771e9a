//! Keeps in the page's program what taking it apart needs (tools/pin-engine.mjs).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm") {
        println!("cargo:rustc-link-arg-bin=app=--emit-relocs");
    }
}
