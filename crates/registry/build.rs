//! Compiles the crate again when a migration was added: the macro that puts them into the program does not see that.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
