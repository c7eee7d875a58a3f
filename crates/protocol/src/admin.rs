//! Shell to server over the admin socket.
