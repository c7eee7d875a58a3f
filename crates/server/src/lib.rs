//! The single writer, the HTTP surface and the console.
