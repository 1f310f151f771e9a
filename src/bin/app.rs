//! The page's program.

fn main() {
    matrixbackup::app::start();
}
