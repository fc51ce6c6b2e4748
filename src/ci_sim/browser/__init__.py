"""The rules in a browser: the WebAssembly module that is built of them, and what a page needs to know of its memory."""
