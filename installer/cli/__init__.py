"""The command line: parse, call, print, exit code. The only room that knows all others, and click."""
